#include <algorithm>
#include <array>

#include "base/base64.h"
#include "base/url_text.h"
#include "notifications/channels.h"

namespace energy::notifications {
namespace {

// https://www.twilio.com/docs/api/errors: not a number that can be reached, or one that has said
// no.
constexpr std::array<int64_t, 7> kBounces{21211, 21214, 21217, 21610, 21614, 63003, 63024};
constexpr int64_t kTooManyRequests = 20429;

class WhatsAppChannel final : public Channel {
 public:
  WhatsAppChannel(WhatsAppOptions options, http::Outgoing& outgoing)
      : options_(std::move(options)), outgoing_(outgoing) {}

  ChannelId id() const override { return ChannelId::kWhatsApp; }

  Outcome Send(const Delivery& delivery) override {
    http::OutgoingRequest request;
    request.method = http::Method::kPost;
    request.url =
        options_.endpoint + "/2010-04-01/Accounts/" + options_.account_sid + "/Messages.json";
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                       {"Authorization", "Basic " + base::EncodeBase64(options_.account_sid + ":" +
                                                                       options_.auth_token)}};
    request.body = base::EncodeForm({{"From", "whatsapp:" + options_.from},
                                     {"To", "whatsapp:" + delivery.recipient},
                                     {"Body", delivery.message.text}});
    request.timeout = options_.timeout;
    request.connect_timeout = options_.timeout / 2;
    const auto response = outgoing_.Send(request);
    return response.ok() ? OutcomeOfAnswer(*response)
                         : OutcomeOf(response.status(), options_.auth_token);
  }

  base::Json Describe() const override {
    return {{"provider", "twilio"}, {"server", options_.endpoint}, {"from", options_.from}};
  }

 private:
  static Outcome OutcomeOfAnswer(const http::Response& response) {
    Outcome outcome = OutcomeOf(response);
    const base::Json body = base::Json::parse(response.Body(), nullptr, false);
    if (!body.is_object()) return outcome;
    if (outcome.result == Outcome::Result::kSent) {
      outcome.provider = {{"status", response.status}};
      if (body.contains("sid")) outcome.provider["id"] = StorableId(body.at("sid"));
      return outcome;
    }
    const auto code = body.find("code");
    if (code == body.end() || !code->is_number_integer()) return outcome;
    const auto number = code->get<int64_t>();
    const auto text = body.find("message");
    outcome.provider["code"] = number;
    outcome.error =
        "Twilio answered " + std::to_string(number) +
        (text != body.end() && text->is_string() ? ": " + Storable(text->get<std::string>(), 500)
                                                 : "");
    if (number == kTooManyRequests) outcome.result = Outcome::Result::kRetry;
    if (std::find(kBounces.begin(), kBounces.end(), number) != kBounces.end()) {
      outcome.result = Outcome::Result::kBounced;
    }
    return outcome;
  }

  const WhatsAppOptions options_;
  http::Outgoing& outgoing_;
};

}  // namespace

std::unique_ptr<Channel> MakeWhatsAppChannel(const WhatsAppOptions& options,
                                             http::Outgoing& outgoing) {
  return std::make_unique<WhatsAppChannel>(options, outgoing);
}

}  // namespace energy::notifications
