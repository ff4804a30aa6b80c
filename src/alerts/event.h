#pragma once

#include <optional>
#include <string>
#include <vector>

#include "alerts/model.h"
#include "base/json.h"
#include "sql/database.h"

namespace energy::alerts {

/// What happens to an alert by itself; what people do is named by DoneName (actions.h). In the
/// database and the API: never rename.
inline constexpr std::string_view kRaised = "raised";
inline constexpr std::string_view kEscalated = "escalated";
inline constexpr std::string_view kResolved = "resolved";
inline constexpr std::string_view kUnshelved = "unshelved";

/// One line of an alert's history.
struct AlertEvent {
  std::string id;
  std::string alert_id;
  std::string action;
  base::Timestamp at;  ///< of the reading that made the change, or of the person's request
  std::optional<std::string> actor_id;  ///< user id; nothing: it happened by itself
  std::optional<std::string> actor;     ///< the name of that user, also when the account is gone
  std::optional<std::string> comment;
  base::Json before;  ///< of the members that changed; null for a raise
  base::Json after;
};

/// One alert with its history, oldest first.
struct AlertDetail {
  Alert alert;
  std::vector<AlertEvent> history;
};

/// Fills `before` and `after`. `before`: null for an alert that is new.
void Compare(const Alert* before, const Alert& after, AlertEvent& event);

base::Json ToJson(const AlertEvent& event);

/// The table `alert_events`. Statements run on the connection of the caller. Threads: safe
/// anywhere.
class AlertEventRepository {
 public:
  /// Written again, an event changes nothing. Errors: kInvalidArgument when its alert is gone.
  base::Status Insert(sql::Connection& connection, const AlertEvent& event) const;
  /// The history of an alert, oldest first: the latest `limit` events.
  base::Result<std::vector<AlertEvent>> Of(sql::Connection& connection, std::string_view alert_id,
                                           size_t limit = 500) const;
};

}  // namespace energy::alerts
