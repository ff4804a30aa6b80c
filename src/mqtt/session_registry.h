#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "mqtt/session.h"
#include "mqtt/session_store.h"
#include "mqtt/will.h"

namespace energy::mqtt {

/// Which connection and which session a client id has, and when what outlives its connection ends:
/// sessions (§3.1.2.11.2) and delayed wills (§3.1.3.2.2).
///
/// A session of a client whose session ends with its connection is not kept here: its connection
/// makes it with the first SUBSCRIBE and ends it.
///
/// Threads: safe anywhere; used when connections begin and end. The caller finishes what is
/// returned as `ended` (EndSession) and publishes the wills. Sessions begin, resume and leave in
/// the store in the order in which they do here.
class SessionRegistry {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Limits {
    size_t max_sessions = 0;
    uint32_t max_expiry_s = UINT32_MAX;  ///< UINT32_MAX: sessions may stay for ever
  };
  struct Request {
    std::string_view client_id;
    std::string_view owner;  ///< the principal's name
    ConnectionRef connection;
    bool clean_start = true;
    uint32_t expiry_s = 0;  ///< UINT32_MAX: does not expire
    Session::Limits limits;
  };
  struct Claim {
    bool accepted = true;  ///< false: a session more than may be stored
    SessionPtr session;    ///< attached; none when it ends with the connection
    bool present = false;  ///< it existed before [MQTT-3.2.2-3]
    uint32_t expiry_s = 0;
    std::optional<ConnectionRef> previous;  ///< the connection that loses the id
    SessionPtr ended;
    WillPtr will;
  };
  struct Left {
    SessionPtr ended;
    WillPtr will;  ///< to publish now
  };
  struct Due {
    std::vector<SessionPtr> ended;
    std::vector<WillDelayed> wills;
  };

  SessionRegistry(const Limits& limits, const base::Clock& clock,
                  std::shared_ptr<QueueBudget> budget)
      : limits_(limits), clock_(clock), budget_(std::move(budget)) {}

  /// Before Start. Null: nothing is stored.
  void SetStore(SessionStore* store) { store_ = store; }
  /// Before Start: a stored session, which is offline, and its will. `left`: seconds until it
  /// expires; not positive: Expire ends it.
  SessionPtr Restore(const StoredState::StoredSession& stored, std::chrono::seconds left);
  void SetNextSession(uint64_t number) { next_session_ = number; }

  /// A client id connects. The former connection loses it [MQTT-3.1.4-3].
  Claim Connect(const Request& request);

  /// A connection ends. `session`: the one it had, if any; `expiry_s`: as DISCONNECT may have
  /// changed it.
  Left Disconnect(std::string_view client_id, const ConnectionRef& connection,
                  const SessionPtr& session, uint32_t expiry_s, WillPtr will);

  /// What is over by now: the caller publishes the wills, then says so in the store, then ends the
  /// sessions. Cost: one atomic load while nothing is.
  Due Expire();

  /// Sessions kept, connected or not.
  size_t stored() const { return stored_.load(std::memory_order_relaxed); }
  /// A session that ends with its connection.
  SessionPtr MakeTransient(std::string_view client_id, std::string_view owner);

 private:
  struct Entry {
    std::optional<ConnectionRef> connection;
    SessionPtr session;
    uint32_t expiry_s = 0;
    std::optional<TimePoint> expires;
    std::optional<TimePoint> will_due;
    std::optional<TimePoint> deadline;  // of the two the first, as in deadlines_
    WillDelayed will;                   // without a will: none waits
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Entries = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;

  static bool Resumable(const Entry& entry, const Request& request, TimePoint now);
  SessionPtr Begin(const Request& request, uint32_t expiry_s);
  void Store(Change change);
  void Arm(const std::string& client_id, Entry& entry);
  void Disarm(const std::string& client_id, Entry& entry);
  void Drop(Entries::iterator it);

  const Limits limits_;
  const base::Clock& clock_;
  const std::shared_ptr<QueueBudget> budget_;
  SessionStore* store_ = nullptr;

  std::mutex mutex_;  // guards everything below
  Entries entries_;
  std::set<std::pair<TimePoint, std::string>> deadlines_;
  uint64_t next_session_ = 1;
  std::atomic<size_t> stored_{0};
  std::atomic<TimePoint> next_deadline_{TimePoint::max()};
};

}  // namespace energy::mqtt
