#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "notifications/channel.h"
#include "notifications/outbox.h"
#include "notifications/renderer.h"
#include "notifications/repository.h"
#include "sql/database.h"

namespace energy::notifications {

/// What a preview shows.
struct PreviewRequest {
  std::string kind = "raised";  ///< of kPreviewKinds
  ChannelId channel = ChannelId::kEmail;
  std::string language = "en";
  std::string time_zone = "UTC";
  std::optional<std::string> alert_id;  ///< whose values; nothing: made up
};
/// Kinds, and the messages that gather several events.
inline constexpr std::array<std::string_view, 8> kPreviewKinds{
    "raised", "escalated", "resolved", "unacknowledged", "test", "digest", "flood", "quiet"};
std::optional<std::string> ParsePreviewKind(std::string_view name);

/// A channel as people see it.
struct ChannelState {
  ChannelId channel = ChannelId::kEmail;
  bool configured = false;
  base::Json settings = base::Json::object();  ///< no secrets
  int64_t pending = 0;
  int64_t sent_24h = 0;
  int64_t failed_24h = 0;
  int64_t bounced_24h = 0;
};

/// What the API does with notifications. Threads: safe anywhere; blocks on SQL.
class NotificationService {
 public:
  /// Answers an alert as the event that raised it. Errors: kNotFound.
  using EventOf = std::function<base::Result<AlertEvent>(const std::string& alert_id)>;

  NotificationService(sql::Database& database, const Channels& channels, const Renderer& renderer,
                      const base::Clock& clock, base::Random& random, EventOf event_of)
      : database_(database),
        channels_(channels),
        renderer_(renderer),
        clock_(clock),
        random_(random),
        event_of_(std::move(event_of)) {}

  base::Result<sql::Listing<Notification>> List(const NotificationFilter& filter, sql::Page page);
  /// Errors: kNotFound.
  base::Result<Notification> Get(const std::string& id);
  /// Sends what has failed, bounced or was cancelled once more, with what was bundled with it.
  /// Errors: kNotFound, kConflict. Recorded in the audit log.
  base::Result<Notification> Retry(const std::string& id);
  /// Queues a test message, whose row tells soon what became of it. Errors: kInvalidArgument with
  /// fields, kConflict for a channel that is not set up. Recorded in the audit log.
  base::Result<Notification> SendTest(ChannelId channel, const std::string& recipient,
                                      const std::string& language);
  /// Errors: kNotFound for the alert, kInvalidArgument with fields.
  base::Result<Message> Preview(const PreviewRequest& request);
  base::Result<std::vector<ChannelState>> DescribeChannels();

 private:
  sql::Database& database_;
  const Channels& channels_;
  const Renderer& renderer_;
  const base::Clock& clock_;
  base::Random& random_;
  const EventOf event_of_;
  NotificationRepository repository_;
};

base::Json ToJson(const Notification& notification);
base::Json ToJson(const ChannelState& state);
base::Json ToJson(const Message& message);

}  // namespace energy::notifications
