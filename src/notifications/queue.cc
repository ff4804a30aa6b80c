#include "notifications/notification_row.h"
#include "notifications/repository.h"

// The part of the repository that makes the table a queue.
namespace energy::notifications {
namespace {

// The rows that say what is due first: those that lead, are not leased, and do not overtake.
constexpr std::string_view kDue =
    "WHERE status = 'pending' AND channel = :channel AND next_attempt_at <= :now "
    "AND (lease_until IS NULL OR lease_until <= :now) AND (sent_with IS NULL OR sent_with = id) ";
constexpr std::string_view kInOrder =
    "AND NOT EXISTS (SELECT 1 FROM notification_logs earlier "
    "WHERE earlier.alert_id = notification_logs.alert_id "
    "AND earlier.channel = notification_logs.channel "
    "AND earlier.recipient = notification_logs.recipient AND earlier.status = 'pending' "
    "AND earlier.kind <> 'unacknowledged' AND notification_logs.kind <> 'unacknowledged' "
    "AND earlier.created_at < notification_logs.created_at) ";

// Behind a SELECT: takes the rows, and on PostgreSQL passes over those that others are taking. On
// SQLite a transaction has the only lock there is.
std::string_view Locking(sql::Connection& connection) {
  return connection.dialect() == sql::Dialect::kPostgresql ? " FOR UPDATE SKIP LOCKED" : "";
}

// Rows that one message says.
constexpr int64_t kMostInBundle = 200;

}  // namespace

base::Result<bool> NotificationRepository::IsDue(sql::Connection& connection, ChannelId channel,
                                                 base::Timestamp now) const {
  ENERGY_ASSIGN_OR_RETURN(
      const auto rows,
      connection.Query("SELECT 1 FROM notification_logs " + std::string(kDue) + "LIMIT 1",
                       {{"channel", ChannelName(channel)}, {"now", now}}, 1));
  return !rows.empty();
}

base::Result<std::optional<Leased>> NotificationRepository::Lease(sql::Connection& connection,
                                                                  ChannelId channel,
                                                                  std::string_view owner,
                                                                  base::Timestamp now,
                                                                  base::Timestamp until) const {
  const std::string locking(Locking(connection));
  ENERGY_ASSIGN_OR_RETURN(
      std::vector<Notification> due,
      ReadNotifications(
          connection,
          SelectNotifications(std::string(kDue) + std::string(kInOrder) +
                              "ORDER BY next_attempt_at, created_at, id LIMIT 1" + locking),
          {{"channel", ChannelName(channel)}, {"now", now}}));
  if (due.empty()) return std::optional<Leased>();
  Leased leased;
  leased.leader = std::move(due.front());
  leased.interrupted = leased.leader.lease_until.has_value();
  Notification& leader = leased.leader;
  const bool gathers = leader.bundle && !leader.sent_with;
  if (leader.bundle) leader.sent_with = leader.id;
  ++leader.attempts;
  leader.lease_until = until;
  ENERGY_RETURN_IF_ERROR(
      connection
          .Execute("UPDATE notification_logs SET lease_owner = :owner, lease_until = :until, "
                   "attempts = :attempts, sent_with = :sent_with, updated_at = :now WHERE id = :id",
                   {{"owner", owner},
                    {"until", until},
                    {"attempts", leader.attempts},
                    {"sent_with", leader.sent_with},
                    {"now", now},
                    {"id", leader.id}})
          .status());
  if (gathers) {
    ENERGY_RETURN_IF_ERROR(
        connection
            .Execute("UPDATE notification_logs SET sent_with = :leader, updated_at = :now "
                     "WHERE id IN (SELECT id FROM notification_logs " +
                         std::string(kDue) +
                         "AND recipient = :recipient AND bundle = :bundle AND sent_with IS NULL "
                         "ORDER BY created_at, id LIMIT " +
                         std::to_string(kMostInBundle - 1) + locking + ")",
                     {{"leader", leader.id},
                      {"now", now},
                      {"channel", ChannelName(channel)},
                      {"recipient", leader.recipient},
                      {"bundle", leader.bundle}})
            .status());
  }
  if (!leader.bundle) {
    leased.rows.push_back(leader);
    return std::optional(std::move(leased));
  }
  ENERGY_ASSIGN_OR_RETURN(
      leased.rows,
      ReadNotifications(
          connection,
          SelectNotifications(
              "WHERE sent_with = :leader AND status = 'pending' ORDER BY created_at, id"),
          {{"leader", leader.id}}));
  return std::optional(std::move(leased));
}

base::Result<bool> NotificationRepository::Finish(sql::Connection& connection, const Leased& leased,
                                                  std::string_view owner, const Attempt& attempt,
                                                  base::Timestamp now) const {
  std::optional<base::Timestamp> sent_at;
  if (attempt.status == DeliveryStatus::kSent) sent_at = now;
  const sql::Params written{{"status", DeliveryStatusName(attempt.status)},
                            {"subject", attempt.subject},
                            {"response", attempt.provider_response},
                            {"error", attempt.last_error},
                            {"attempts", leased.leader.attempts},
                            {"next", attempt.next_attempt_at},
                            {"sent_at", sent_at},
                            {"now", now},
                            {"id", leased.leader.id}};
  constexpr std::string_view kWrite =
      "UPDATE notification_logs SET status = :status, subject = :subject, "
      "provider_response = :response, last_error = :error, attempts = :attempts, "
      "next_attempt_at = :next, sent_at = :sent_at, lease_owner = NULL, lease_until = NULL, "
      "updated_at = :now WHERE ";
  sql::Params guarded = written;
  guarded.emplace_back("owner", owner);
  // The number of the attempt tells a lease from a later one of the same process.
  ENERGY_ASSIGN_OR_RETURN(
      const int64_t mine,
      connection.Execute(std::string(kWrite) + "id = :id AND status = 'pending' "
                                               "AND lease_owner = :owner AND attempts = :attempts",
                         guarded));
  if (mine == 0) return false;
  if (leased.rows.size() > 1) {
    ENERGY_RETURN_IF_ERROR(
        connection.Execute(std::string(kWrite) + "sent_with = :id AND status = 'pending'", written)
            .status());
  }
  return true;
}

base::Status NotificationRepository::ReleaseAll(sql::Connection& connection,
                                                base::Timestamp now) const {
  return connection
      .Execute(
          "UPDATE notification_logs SET lease_until = :now "
          "WHERE status = 'pending' AND lease_until > :now",
          {{"now", now}})
      .status();
}

base::Status NotificationRepository::Retry(sql::Connection& connection,
                                           const Notification& notification,
                                           base::Timestamp now) const {
  const std::string id = notification.sent_with.value_or(notification.id);
  ENERGY_ASSIGN_OR_RETURN(
      const int64_t changed,
      connection.Execute("UPDATE notification_logs SET status = 'pending', attempts = 0, "
                         "next_attempt_at = :now, updated_at = :now "
                         "WHERE (id = :id OR sent_with = :id) AND event IS NOT NULL "
                         "AND status IN ('failed', 'bounced', 'cancelled')",
                         {{"now", now}, {"id", id}}));
  if (changed > 0) return {};
  return base::Conflict("the notification is " +
                        std::string(DeliveryStatusName(notification.status)) +
                        ": only one that failed, bounced or was cancelled can be tried again");
}

}  // namespace energy::notifications
