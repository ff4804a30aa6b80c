#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "notifications/model.h"
#include "sql/database.h"

namespace energy::notifications {

// How rows of `notification_logs` are read: for repository.cc and queue.cc.

inline constexpr std::string_view kNotificationColumns =
    "id, alert_id, kind, channel, recipient, user_id, language, time_zone, device_id, severity, "
    "event, bundle, sent_with, status, subject, provider_response, last_error, attempts, "
    "next_attempt_at, lease_until, sent_at, created_at, updated_at";
inline constexpr size_t kNotificationColumnCount = 23;

Notification NotificationFromRow(const sql::Row& row);
/// "SELECT <columns> FROM notification_logs " and the rest.
std::string SelectNotifications(std::string_view rest);
base::Result<std::vector<Notification>> ReadNotifications(sql::Connection& connection,
                                                          const std::string& select,
                                                          const sql::Params& params);

}  // namespace energy::notifications
