#include "notifications/notification_row.h"

namespace energy::notifications {

Notification NotificationFromRow(const sql::Row& row) {
  Notification n;
  n.id = row.Text(0);
  n.alert_id = row.OptText(1);
  n.kind = ParseKind(row.Text(2)).value_or(Kind::kRaised);
  n.channel = ParseChannel(row.Text(3)).value_or(ChannelId::kEmail);
  n.recipient = row.Text(4);
  n.user_id = row.OptText(5);
  n.language = row.Text(6);
  n.time_zone = row.Text(7);
  n.device_id = row.OptText(8);
  n.severity = ParseSeverity(row.Text(9));
  if (const auto event = row.OptText(10)) {
    n.event = EventFromJson(base::Json::parse(*event, nullptr, false));
  }
  n.bundle = row.OptText(11);
  n.sent_with = row.OptText(12);
  n.status = ParseDeliveryStatus(row.Text(13)).value_or(DeliveryStatus::kFailed);
  n.subject = row.OptText(14);
  n.provider_response = row.OptText(15);
  n.last_error = row.OptText(16);
  n.attempts = row.Int(17);
  n.next_attempt_at = row.OptTime(18);
  n.lease_until = row.OptTime(19);
  n.sent_at = row.OptTime(20);
  n.created_at = row.Time(21);
  n.updated_at = row.Time(22);
  return n;
}

std::string SelectNotifications(std::string_view rest) {
  return "SELECT " + std::string(kNotificationColumns) + " FROM notification_logs " +
         std::string(rest);
}

base::Result<std::vector<Notification>> ReadNotifications(sql::Connection& connection,
                                                          const std::string& select,
                                                          const sql::Params& params) {
  ENERGY_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                          connection.Query(select, params, kNotificationColumnCount));
  std::vector<Notification> notifications;
  notifications.reserve(rows.size());
  for (const sql::Row& row : rows) notifications.push_back(NotificationFromRow(row));
  return notifications;
}

}  // namespace energy::notifications
