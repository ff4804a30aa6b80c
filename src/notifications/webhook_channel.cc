#include <algorithm>

#include "auth/hash.h"
#include "notifications/channels.h"

namespace energy::notifications {
namespace {

class WebhookChannel final : public Channel {
 public:
  WebhookChannel(WebhookOptions options, http::Outgoing& outgoing, const base::Clock& clock)
      : options_(std::move(options)), outgoing_(outgoing), clock_(clock) {}

  ChannelId id() const override { return ChannelId::kWebhook; }

  Outcome Send(const Delivery& delivery) override {
    // The configuration may have changed since the notification was written.
    if (const base::Status admitted = Admits(delivery.recipient); !admitted.ok()) {
      return OutcomeOf(admitted);
    }
    const std::string time = std::to_string(
        std::chrono::floor<std::chrono::seconds>(clock_.Now()).time_since_epoch().count());
    http::OutgoingRequest request;
    request.method = http::Method::kPost;
    request.url = delivery.recipient;
    request.body = delivery.message.text;
    request.headers = {
        {"Content-Type", "application/json"},
        {"Idempotency-Key", delivery.key},
        {"X-Energy-Timestamp", time},
        {"X-Energy-Signature",
         "v1=" + auth::ToHex(auth::HmacSha256(options_.secret, time + "." + request.body))}};
    request.timeout = options_.timeout;
    request.connect_timeout = options_.timeout / 2;
    const auto response = outgoing_.Send(request);
    if (!response.ok()) return OutcomeOf(response.status());
    Outcome outcome = OutcomeOf(*response);
    if (response->status == 410) outcome.result = Outcome::Result::kBounced;
    return outcome;
  }

  base::Status Admits(std::string_view address) const override {
    const bool allowed = std::any_of(
        options_.allowed.begin(), options_.allowed.end(), [&](const std::string& prefix) {
          return address.starts_with(prefix) || address == prefix.substr(0, prefix.size() - 1);
        });
    if (allowed && address.find("..") == std::string_view::npos) return {};
    return base::InvalidArgument("is below none of notifications.webhook.allowed");
  }

  base::Json Describe() const override {
    return {{"provider", "webhook"}, {"allowed", options_.allowed}};
  }

 private:
  const WebhookOptions options_;
  http::Outgoing& outgoing_;
  const base::Clock& clock_;
};

}  // namespace

std::unique_ptr<Channel> MakeWebhookChannel(const WebhookOptions& options, http::Outgoing& outgoing,
                                            const base::Clock& clock) {
  return std::make_unique<WebhookChannel>(options, outgoing, clock);
}

}  // namespace energy::notifications
