#include "notifications/channels.h"

namespace energy::notifications {
namespace {

class TelegramChannel final : public Channel {
 public:
  TelegramChannel(TelegramOptions options, http::Outgoing& outgoing)
      : options_(std::move(options)), outgoing_(outgoing) {}

  ChannelId id() const override { return ChannelId::kTelegram; }

  Outcome Send(const Delivery& delivery) override {
    const base::Json body{{"chat_id", delivery.recipient},
                          {"text", delivery.message.text},
                          {"parse_mode", "MarkdownV2"},
                          {"link_preview_options", {{"is_disabled", true}}}};
    http::OutgoingRequest request;
    request.method = http::Method::kPost;
    // The token is part of the address: what is kept of errors must not have it.
    request.url = options_.endpoint + "/bot" + options_.bot_token + "/sendMessage";
    request.headers = {{"Content-Type", "application/json"}};
    request.body = body.dump(-1, ' ', false, base::Json::error_handler_t::replace);
    request.timeout = options_.timeout;
    request.connect_timeout = options_.timeout / 2;
    const auto response = outgoing_.Send(request);
    return response.ok() ? OutcomeOfAnswer(*response)
                         : OutcomeOf(response.status(), options_.bot_token);
  }

  base::Json Describe() const override {
    return {{"provider", "telegram"}, {"server", options_.endpoint}};
  }

 private:
  // https://core.telegram.org/bots/api#making-requests, ResponseParameters.
  static Outcome OutcomeOfAnswer(const http::Response& response) {
    Outcome outcome = OutcomeOf(response);
    const base::Json body = base::Json::parse(response.Body(), nullptr, false);
    if (!body.is_object()) return outcome;
    if (outcome.result == Outcome::Result::kSent) {
      const auto id = base::Json::json_pointer("/result/message_id");
      outcome.provider = {{"status", response.status}};
      if (body.contains(id)) outcome.provider["id"] = StorableId(body.at(id));
      return outcome;
    }
    std::string text;
    if (const auto found = body.find("description"); found != body.end() && found->is_string()) {
      text = Storable(found->get<std::string>(), 500);
      outcome.error = "Telegram answered " + std::to_string(response.status) + ": " + text;
    }
    const auto wait = base::Json::json_pointer("/parameters/retry_after");
    if (body.contains(wait) && body.at(wait).is_number_integer()) {
      outcome.retry_after = std::chrono::seconds(body.at(wait).get<int64_t>());
    }
    // The person has blocked the bot or left; or there never was such a chat.
    const bool gone = text.find("chat not found") != std::string::npos;
    if (response.status == 403 || (response.status == 400 && gone)) {
      outcome.result = Outcome::Result::kBounced;
    }
    return outcome;
  }

  const TelegramOptions options_;
  http::Outgoing& outgoing_;
};

}  // namespace

std::unique_ptr<Channel> MakeTelegramChannel(const TelegramOptions& options,
                                             http::Outgoing& outgoing) {
  return std::make_unique<TelegramChannel>(options, outgoing);
}

}  // namespace energy::notifications
