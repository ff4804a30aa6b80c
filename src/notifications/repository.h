#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "notifications/model.h"
#include "sql/database.h"
#include "sql/list_query.h"

namespace energy::notifications {

struct NotificationFilter {
  std::vector<std::string> statuses = {};  ///< any of these; empty = all
  std::vector<std::string> channels = {};
  std::vector<std::string> kinds = {};
  std::vector<std::string> severities = {};
  std::optional<std::string> alert_id = {};
  std::optional<std::string> device_id = {};
  std::optional<std::string> recipient = {};
  std::optional<base::Timestamp> start = {};  ///< of created_at
  std::optional<base::Timestamp> end = {};    ///< exclusive
  std::string sort = {};                      ///< created_at, updated_at, sent_at, next_attempt_at
};

/// A message that a worker has leased: its leading row, and all rows that it says.
struct Leased {
  Notification leader;
  std::vector<Notification> rows;  ///< with the leader, oldest first
  bool interrupted = false;        ///< an attempt before this one was never finished
};

/// What an attempt came to, for a message's rows.
struct Attempt {
  DeliveryStatus status = DeliveryStatus::kPending;
  std::string subject;
  std::optional<std::string> provider_response;  ///< JSON
  std::optional<std::string> last_error;
  std::optional<base::Timestamp> next_attempt_at;  ///< while pending
};

/// The table `notification_logs`. Statements run on the connection of the caller. Threads: safe
/// anywhere.
class NotificationRepository {
 public:
  /// Does nothing when a row with that event key is there already.
  base::Status Insert(sql::Connection& connection, const Notification& notification,
                      std::string_view event_key) const;

  base::Result<sql::Listing<Notification>> List(sql::Connection& connection,
                                                const NotificationFilter& filter,
                                                sql::Page page) const;
  /// Errors: kNotFound.
  base::Result<Notification> Get(sql::Connection& connection, std::string_view id) const;

  /// Whether a row of the channel may be due; for reading, before a transaction is begun.
  base::Result<bool> IsDue(sql::Connection& connection, ChannelId channel,
                           base::Timestamp now) const;
  /// Takes the message that is due longest until `until`, and counts the attempt. Rows of its
  /// bundle that are due as well join it in its first attempt and stay with it. What is about an
  /// alert waits until what was written before for the same recipient is through. Nothing when
  /// nothing is due. Several processes may ask at once: on PostgreSQL they pass over what others
  /// are taking.
  base::Result<std::optional<Leased>> Lease(sql::Connection& connection, ChannelId channel,
                                            std::string_view owner, base::Timestamp now,
                                            base::Timestamp until) const;
  /// Writes what came of a leased message and gives it back. False when the lease was lost
  /// meanwhile: then nothing is written.
  base::Result<bool> Finish(sql::Connection& connection, const Leased& leased,
                            std::string_view owner, const Attempt& attempt,
                            base::Timestamp now) const;
  /// Ends the leases of processes that have died. For a store that no other process uses.
  base::Status ReleaseAll(sql::Connection& connection, base::Timestamp now) const;
  /// Makes the message of a row pending again, due now, with its attempts counted anew. Errors:
  /// kNotFound, kConflict when it is pending or was sent.
  base::Status Retry(sql::Connection& connection, const Notification& notification,
                     base::Timestamp now) const;

  /// How many different alerts of the device (of all devices, without one) rows of that kind were
  /// written for since then; counts no further than `limit`.
  base::Result<int64_t> RecentAlerts(sql::Connection& connection, Kind kind,
                                     const std::optional<std::string>& device_id,
                                     base::Timestamp since, int64_t limit) const;
  /// Whom rows of that alert are for: channel, recipient, user, language and time zone are set.
  base::Result<std::vector<Notification>> RecipientsOf(sql::Connection& connection,
                                                       std::string_view alert_id) const;
  /// Ends reminders of that alert that nobody has leased.
  base::Status CancelReminders(sql::Connection& connection, std::string_view alert_id,
                               std::string_view why, base::Timestamp now) const;
  /// The status of an alert, "shelved" while it is; nothing when it is gone.
  base::Result<std::optional<std::string>> AlertStatus(sql::Connection& connection,
                                                       std::string_view alert_id,
                                                       base::Timestamp now) const;
  /// How many rows of each channel and status were written since then, or wait still.
  struct Count {
    std::string channel;
    std::string status;
    int64_t count = 0;
  };
  base::Result<std::vector<Count>> Counts(sql::Connection& connection, base::Timestamp since) const;
  /// Removes at most `limit` rows that were ended before then; how many.
  base::Result<int64_t> Prune(sql::Connection& connection, base::Timestamp before,
                              int64_t limit) const;
};

}  // namespace energy::notifications
