#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace energy::notifications {

/// The texts of these are in the database and the API: never rename.
enum class Severity { kLow, kMedium, kHigh, kCritical };
std::string_view SeverityName(Severity severity);
std::optional<Severity> ParseSeverity(std::string_view name);

/// What a message is about. kUnacknowledged: nobody acknowledged the alert in time.
enum class Kind { kRaised, kEscalated, kResolved, kUnacknowledged, kTest };
std::string_view KindName(Kind kind);
std::optional<Kind> ParseKind(std::string_view name);

/// What a message goes through.
enum class ChannelId { kEmail, kWhatsApp, kTelegram, kWebhook };
inline constexpr std::array kChannels{ChannelId::kEmail, ChannelId::kWhatsApp, ChannelId::kTelegram,
                                      ChannelId::kWebhook};
std::string_view ChannelName(ChannelId channel);
std::optional<ChannelId> ParseChannel(std::string_view name);

/// kBounced: the provider says that this recipient cannot be reached. kCancelled: there was nothing
/// left to say when it was due.
enum class DeliveryStatus { kPending, kSent, kFailed, kBounced, kCancelled };
std::string_view DeliveryStatusName(DeliveryStatus status);
std::optional<DeliveryStatus> ParseDeliveryStatus(std::string_view name);

/// What languages there are texts in: "en", "de".
inline constexpr std::array<std::string_view, 2> kLanguages{"en", "de"};
std::optional<std::string> ParseLanguage(std::string_view name);

/// What happened to an alert, as it was then. Texts are as people wrote them: escaping is the
/// templates'.
struct AlertEvent {
  Kind kind = Kind::kRaised;
  bool suppressed = false;  ///< within the cooldown: tells nobody
  std::string alert_id = {};
  std::string rule_id = {};
  std::string rule_name = {};
  std::string device_id = {};
  std::string device_name = {};
  std::optional<std::string> location = {};
  std::string property = {};
  std::string op = {};  ///< "", ">", "<=": empty where no threshold is compared with
  std::optional<double> threshold = {};
  std::optional<double> value = {};  ///< of the reading that made the change
  std::optional<double> worst_value = {};
  std::string unit = {};
  Severity severity = Severity::kMedium;
  std::optional<Severity> previous_severity = {};  ///< when it escalated
  base::Timestamp started_at = {};                 ///< of the episode
  base::Timestamp at = {};                         ///< of the change
  std::string message = {};
};

/// The form in the column `event` and in the body of webhooks: never rename a member.
base::Json ToJson(const AlertEvent& event);
/// What it can; a member that is absent or of another type keeps its default.
AlertEvent EventFromJson(const base::Json& json);

/// A row of `notification_logs`.
struct Notification {
  std::string id = {};
  std::optional<std::string> alert_id = {};
  Kind kind = Kind::kRaised;
  ChannelId channel = ChannelId::kEmail;
  std::string recipient = {};
  std::optional<std::string> user_id = {};  ///< whose own address it is
  std::string language = "en";
  std::string time_zone = "UTC";
  std::optional<std::string> device_id = {};
  std::optional<Severity> severity = {};
  std::optional<AlertEvent> event = {};
  std::optional<std::string> bundle = {};
  std::optional<std::string> sent_with = {};
  DeliveryStatus status = DeliveryStatus::kPending;
  std::optional<std::string> subject = {};
  std::optional<std::string> provider_response = {};  ///< JSON
  std::optional<std::string> last_error = {};
  int64_t attempts = 0;
  std::optional<base::Timestamp> next_attempt_at = {};
  std::optional<base::Timestamp> lease_until = {};
  std::optional<base::Timestamp> sent_at = {};
  base::Timestamp created_at = {};
  base::Timestamp updated_at = {};
};

}  // namespace energy::notifications
