#include "notifications/repository.h"

#include "base/random.h"
#include "notifications/notification_row.h"

namespace energy::notifications {
base::Status NotificationRepository::Insert(sql::Connection& connection, const Notification& n,
                                            std::string_view event_key) const {
  std::optional<std::string> event;
  if (n.event) event = ToJson(*n.event).dump(-1, ' ', false, base::Json::error_handler_t::replace);
  std::optional<std::string> severity;
  if (n.severity) severity = SeverityName(*n.severity);
  return connection
      .Execute(
          "INSERT INTO notification_logs (id, alert_id, kind, channel, recipient, user_id, "
          "language, time_zone, device_id, severity, event, event_key, bundle, status, last_error, "
          "next_attempt_at, created_at, updated_at) VALUES (:id, :alert_id, :kind, :channel, "
          ":recipient, :user_id, :language, :time_zone, :device_id, :severity, :event, :event_key, "
          ":bundle, :status, :last_error, :next_attempt_at, :created_at, :updated_at) "
          "ON CONFLICT (event_key) DO NOTHING",
          {{"id", n.id},
           {"alert_id", n.alert_id},
           {"kind", KindName(n.kind)},
           {"channel", ChannelName(n.channel)},
           {"recipient", n.recipient},
           {"user_id", n.user_id},
           {"language", n.language},
           {"time_zone", n.time_zone},
           {"device_id", n.device_id},
           {"severity", severity},
           {"event", event},
           {"event_key", event_key},
           {"bundle", n.bundle},
           {"status", DeliveryStatusName(n.status)},
           {"last_error", n.last_error},
           {"next_attempt_at", n.next_attempt_at},
           {"created_at", n.created_at},
           {"updated_at", n.updated_at}})
      .status();
}

base::Result<sql::Listing<Notification>> NotificationRepository::List(
    sql::Connection& connection, const NotificationFilter& filter, sql::Page page) const {
  if (filter.alert_id && !base::IsUuid(*filter.alert_id)) {
    return base::InvalidField("alert_id", "must be a UUID");
  }
  sql::ListQuery query(std::string(kNotificationColumns), kNotificationColumnCount,
                       "notification_logs", "id");
  query.In("status", filter.statuses)
      .In("channel", filter.channels)
      .In("kind", filter.kinds)
      .In("severity", filter.severities)
      .Equals("alert_id", filter.alert_id)
      .Equals("device_id", filter.device_id)
      .Equals("recipient", filter.recipient)
      .Between("created_at", filter.start, filter.end);
  ENERGY_RETURN_IF_ERROR(query.Sort(filter.sort,
                                    {{"created_at", "created_at"},
                                     {"updated_at", "updated_at"},
                                     {"sent_at", "sent_at"},
                                     {"next_attempt_at", "next_attempt_at"}},
                                    "-created_at"));
  return query.Fetch<Notification>(connection, page, NotificationFromRow);
}

base::Result<Notification> NotificationRepository::Get(sql::Connection& connection,
                                                       std::string_view id) const {
  const base::Status unknown = base::NotFound("no notification '" + std::string(id) + "'");
  if (!base::IsUuid(id)) return unknown;
  ENERGY_ASSIGN_OR_RETURN(
      std::vector<Notification> found,
      ReadNotifications(connection, SelectNotifications("WHERE id = :id"), {{"id", id}}));
  if (found.empty()) return unknown;
  return std::move(found.front());
}

base::Result<int64_t> NotificationRepository::RecentAlerts(
    sql::Connection& connection, Kind kind, const std::optional<std::string>& device_id,
    base::Timestamp since, int64_t limit) const {
  sql::Params params{{"kind", KindName(kind)}, {"since", since}};
  if (device_id) params.emplace_back("device_id", *device_id);
  ENERGY_ASSIGN_OR_RETURN(
      const auto rows,
      connection.Query(
          "SELECT COUNT(*) FROM (SELECT DISTINCT alert_id FROM notification_logs WHERE " +
              std::string(device_id ? "device_id = :device_id AND " : "") +
              "created_at > :since AND kind = :kind LIMIT " + std::to_string(limit) + ") recent",
          params, 1));
  return rows.at(0).Int(0);
}

base::Result<std::vector<Notification>> NotificationRepository::RecipientsOf(
    sql::Connection& connection, std::string_view alert_id) const {
  ENERGY_ASSIGN_OR_RETURN(
      const auto rows,
      connection.Query("SELECT DISTINCT channel, recipient, user_id, language, time_zone "
                       "FROM notification_logs WHERE alert_id = :alert_id "
                       "AND status NOT IN ('cancelled', 'bounced') "
                       "AND (kind <> 'unacknowledged' OR status <> 'pending')",
                       {{"alert_id", alert_id}}, 5));
  std::vector<Notification> recipients;
  for (const sql::Row& row : rows) {
    Notification& n = recipients.emplace_back();
    n.channel = ParseChannel(row.Text(0)).value_or(ChannelId::kEmail);
    n.recipient = row.Text(1);
    n.user_id = row.OptText(2);
    n.language = row.Text(3);
    n.time_zone = row.Text(4);
  }
  return recipients;
}

base::Status NotificationRepository::CancelReminders(sql::Connection& connection,
                                                     std::string_view alert_id,
                                                     std::string_view why,
                                                     base::Timestamp now) const {
  return connection
      .Execute(
          "UPDATE notification_logs SET status = 'cancelled', last_error = :why, "
          "next_attempt_at = NULL, updated_at = :now WHERE alert_id = :alert_id "
          "AND kind = 'unacknowledged' AND status = 'pending' AND lease_owner IS NULL",
          {{"why", why}, {"now", now}, {"alert_id", alert_id}})
      .status();
}

base::Result<std::optional<std::string>> NotificationRepository::AlertStatus(
    sql::Connection& connection, std::string_view alert_id, base::Timestamp now) const {
  ENERGY_ASSIGN_OR_RETURN(
      const auto rows,
      connection.Query("SELECT CASE WHEN shelved_until > :now THEN 'shelved' ELSE status END "
                       "FROM alerts WHERE id = :id",
                       {{"now", now}, {"id", alert_id}}, 1));
  if (rows.empty()) return std::optional<std::string>();
  return std::optional(rows.front().Text(0));
}

base::Result<std::vector<NotificationRepository::Count>> NotificationRepository::Counts(
    sql::Connection& connection, base::Timestamp since) const {
  ENERGY_ASSIGN_OR_RETURN(
      const auto rows,
      connection.Query("SELECT channel, status, COUNT(*) FROM notification_logs "
                       "WHERE created_at >= :since OR status = 'pending' GROUP BY channel, status",
                       {{"since", since}}, 3));
  std::vector<Count> counts;
  counts.reserve(rows.size());
  for (const sql::Row& row : rows) counts.push_back({row.Text(0), row.Text(1), row.Int(2)});
  return counts;
}

base::Result<int64_t> NotificationRepository::Prune(sql::Connection& connection,
                                                    base::Timestamp before, int64_t limit) const {
  return connection.Execute(
      "DELETE FROM notification_logs WHERE id IN (SELECT id FROM notification_logs "
      "WHERE status <> 'pending' AND created_at < :before ORDER BY created_at LIMIT " +
          std::to_string(limit) + ")",
      {{"before", before}});
}

}  // namespace energy::notifications
