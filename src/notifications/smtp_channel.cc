#include "notifications/channels.h"
#include "notifications/mail_text.h"

namespace energy::notifications {
namespace {

std::string_view SecurityName(http::MailServer::Security security) {
  switch (security) {
    case http::MailServer::Security::kNone:
      return "none";
    case http::MailServer::Security::kStartTls:
      return "starttls";
    case http::MailServer::Security::kTls:
      return "tls";
  }
  return "";
}

class SmtpChannel final : public Channel {
 public:
  SmtpChannel(SmtpOptions options, http::Mailer& mailer, const base::Clock& clock)
      : options_(std::move(options)), mailer_(mailer), clock_(clock) {}

  ChannelId id() const override { return ChannelId::kEmail; }

  Outcome Send(const Delivery& delivery) override {
    const std::string domain = options_.from.address.substr(options_.from.address.find('@') + 1);
    const MailText text{options_.from.name,          options_.from.address, delivery.recipient,
                        delivery.message.subject,    delivery.message.text, delivery.message.html,
                        delivery.key + "@" + domain, clock_.Now()};
    const auto answer = mailer_.Send(options_.server, {.from = options_.from.address,
                                                       .to = delivery.recipient,
                                                       .data = WriteMail(text),
                                                       .timeout = options_.timeout,
                                                       .connect_timeout = options_.timeout / 2});
    if (!answer.ok()) return OutcomeOf(answer.status());
    return OutcomeOfAnswer(*answer);
  }

  base::Json Describe() const override {
    return {{"provider", "smtp"},
            {"server", options_.server.host + ":" + std::to_string(options_.server.port)},
            {"security", SecurityName(options_.server.security)},
            {"user", options_.server.user},
            {"from", options_.from.address}};
  }

 private:
  static Outcome OutcomeOfAnswer(const http::MailAnswer& answer) {
    Outcome outcome;
    outcome.provider = {{"status", answer.code}, {"body", Storable(answer.text, 1000)}};
    if (answer.accepted()) {
      outcome.result = Outcome::Result::kSent;
      return outcome;
    }
    outcome.error = "the mail server refused " +
                    (answer.command == "." ? std::string("the text") : answer.command) + ": " +
                    Storable(answer.text, 500);
    // RFC 5321 §4.2.1: 4xx is worth another attempt. A wrong login is put right by the operator,
    // who gets the messages that have waited meanwhile.
    if (answer.code < 500 || answer.command == "AUTH") return outcome;
    outcome.result =
        answer.command == "RCPT" ? Outcome::Result::kBounced : Outcome::Result::kFailed;
    return outcome;
  }

  const SmtpOptions options_;
  http::Mailer& mailer_;
  const base::Clock& clock_;
};

}  // namespace

std::unique_ptr<Channel> MakeSmtpChannel(const SmtpOptions& options, http::Mailer& mailer,
                                         const base::Clock& clock) {
  return std::make_unique<SmtpChannel>(options, mailer, clock);
}

}  // namespace energy::notifications
