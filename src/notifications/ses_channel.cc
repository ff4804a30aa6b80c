#include "notifications/channels.h"

namespace energy::notifications {
namespace {

constexpr std::string_view kPath = "/v2/email/outbound-emails";

// "https://host:port/path" -> "host:port" and "/path".
std::pair<std::string, std::string> HostAndPath(const std::string& url) {
  const size_t begin = url.find("//") + 2;
  const size_t end = url.find('/', begin);
  return {url.substr(begin, end - begin), url.substr(end)};
}

base::Json TextOf(const std::string& text) { return {{"Data", text}, {"Charset", "UTF-8"}}; }

class SesChannel final : public Channel {
 public:
  SesChannel(SesOptions options, http::Outgoing& outgoing, const base::Clock& clock)
      : options_(std::move(options)), outgoing_(outgoing), clock_(clock) {}

  ChannelId id() const override { return ChannelId::kEmail; }

  Outcome Send(const Delivery& delivery) override {
    const SenderAddress& from = options_.from;
    const Message& message = delivery.message;
    const base::Json body{
        {"FromEmailAddress", from.address},
        {"Destination", {{"ToAddresses", base::Json::array({delivery.recipient})}}},
        {"Content",
         {{"Simple",
           {{"Subject", TextOf(message.subject)},
            {"Body", {{"Text", TextOf(message.text)}, {"Html", TextOf(message.html)}}}}}}}};
    http::OutgoingRequest request;
    request.method = http::Method::kPost;
    request.url = options_.endpoint + std::string(kPath);
    request.body = body.dump(-1, ' ', false, base::Json::error_handler_t::replace);
    request.headers = {{"Content-Type", "application/json"}};
    request.timeout = options_.timeout;
    request.connect_timeout = options_.timeout / 2;
    const auto [host, path] = HostAndPath(request.url);
    SignForAws(options_.credentials, options_.region, "ses", clock_.Now(), "POST", host, path, "",
               request.body, request.headers);
    const auto response = outgoing_.Send(request);
    return response.ok() ? OutcomeOfAnswer(*response) : OutcomeOf(response.status());
  }

  base::Json Describe() const override {
    return {{"provider", "ses"},
            {"server", options_.endpoint},
            {"region", options_.region},
            {"from", options_.from.address}};
  }

 private:
  // SES API v2, SendEmail, Errors. The type is "MessageRejected", with a namespace or a URL around.
  static Outcome OutcomeOfAnswer(const http::Response& response) {
    Outcome outcome = OutcomeOf(response);
    const base::Json body = base::Json::parse(response.Body(), nullptr, false);
    if (outcome.result == Outcome::Result::kSent) {
      if (body.is_object() && body.contains("MessageId")) {
        outcome.provider = {{"status", response.status}, {"id", StorableId(body.at("MessageId"))}};
      }
      return outcome;
    }
    std::string type(response.Header("X-Amzn-ErrorType"));
    type = type.substr(0, type.find(':'));
    if (!type.empty()) outcome.provider["type"] = Storable(type, 100);
    const bool has_text =
        body.is_object() && body.contains("message") && body["message"].is_string();
    outcome.error = "SES answered " + std::to_string(response.status) + " " + type +
                    (has_text ? ": " + Storable(body["message"].get<std::string>(), 500) : "");
    if (type == "MessageRejected") outcome.result = Outcome::Result::kBounced;
    // A paused or suspended account is put right by its owner; what waits is sent then.
    for (const char* later : {"TooManyRequestsException", "LimitExceededException",
                              "SendingPausedException", "AccountSuspendedException"}) {
      if (type == later) outcome.result = Outcome::Result::kRetry;
    }
    return outcome;
  }

  const SesOptions options_;
  http::Outgoing& outgoing_;
  const base::Clock& clock_;
};

}  // namespace

std::unique_ptr<Channel> MakeSesChannel(const SesOptions& options, http::Outgoing& outgoing,
                                        const base::Clock& clock) {
  return std::make_unique<SesChannel>(options, outgoing, clock);
}

}  // namespace energy::notifications
