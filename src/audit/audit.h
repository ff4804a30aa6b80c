#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/status.h"
#include "sql/database.h"

namespace energy::audit {

/// Who makes changes.
struct Actor {
  std::string id;    ///< of the user; empty for the program itself
  std::string name;  ///< email, or "system"
  std::string address;
  std::string request_id;
};

/// Makes `actor` the one whose changes are recorded on this thread, for as long as it lives. What
/// is recorded without one is the program's own. Handlers run on one thread from beginning to end,
/// so that no service has to pass the actor on.
class Acting {
 public:
  explicit Acting(Actor actor);
  ~Acting();
  Acting(const Acting&) = delete;
  Acting& operator=(const Acting&) = delete;

 private:
  const Actor actor_;
  const Actor* const before_;
};

/// Who acts on this thread; nothing: the program itself. To hand it on to another thread, or to say
/// of the request under way whom it turned out to come from.
std::optional<Actor> CurrentActor();

/// A change of one resource, or what somebody did about it. `before` is null when it is made,
/// `after` when it is gone.
struct Change {
  std::string_view action;         ///< "device.update"
  std::string_view resource_type;  ///< "device"
  std::string resource_id;
  base::Json before;
  base::Json after;
};

/// Adds an entry to the chain, in the transaction of the change. Secrets are not part of `change`;
/// members that are named like one are hidden. Errors: those of SQL; the caller gives up then.
/// Threads: safe anywhere; transactions that record wait for each other.
base::Status Record(sql::Connection& connection, const base::Clock& clock, const Change& change);

}  // namespace energy::audit
