#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/mailer.h"
#include "http/outgoing.h"
#include "notifications/aws_signature.h"
#include "notifications/channel.h"

namespace energy::notifications {

/// The channels there are, one file each. What they take must outlive them.

struct SenderAddress {
  std::string address;
  std::string name = {};
};

struct SmtpOptions {
  http::MailServer server;
  SenderAddress from;
  std::chrono::milliseconds timeout{15'000};
};
/// E-mail by SMTP. The Message-ID is made of the delivery's key, so that servers and readers that
/// know of it see a repetition for what it is; SMTP itself promises nothing. A refusal of the
/// recipient for good (5xx to RCPT) is a bounce.
std::unique_ptr<Channel> MakeSmtpChannel(const SmtpOptions& options, http::Mailer& mailer,
                                         const base::Clock& clock);

struct SesOptions {
  std::string region;
  std::string endpoint;  ///< such as https://email.eu-central-1.amazonaws.com
  AwsCredentials credentials;
  SenderAddress from;
  std::chrono::milliseconds timeout{15'000};
};
/// E-mail by Amazon SES (API v2, SendEmail). It knows no idempotency key. MessageRejected is a
/// bounce.
std::unique_ptr<Channel> MakeSesChannel(const SesOptions& options, http::Outgoing& outgoing,
                                        const base::Clock& clock);

struct WhatsAppOptions {
  std::string endpoint = "https://api.twilio.com";
  std::string account_sid;
  std::string auth_token;
  std::string from;  ///< "+14155238886"
  std::chrono::milliseconds timeout{15'000};
};
/// WhatsApp by Twilio (Messages resource). It knows no idempotency key.
std::unique_ptr<Channel> MakeWhatsAppChannel(const WhatsAppOptions& options,
                                             http::Outgoing& outgoing);

struct TelegramOptions {
  std::string endpoint = "https://api.telegram.org";
  std::string bot_token;
  std::chrono::milliseconds timeout{15'000};
};
/// A Telegram bot (sendMessage, MarkdownV2). It knows no idempotency key.
std::unique_ptr<Channel> MakeTelegramChannel(const TelegramOptions& options,
                                             http::Outgoing& outgoing);

struct WebhookOptions {
  /// What URLs must begin with, each ended by a slash: nobody can make the program send elsewhere.
  std::vector<std::string> allowed;
  std::string secret;
  std::chrono::milliseconds timeout{15'000};
};
/// POST of JSON with `Idempotency-Key`, `X-Energy-Timestamp` (seconds of Unix time) and
/// `X-Energy-Signature: v1=<hex of HMAC-SHA256 over "timestamp.body">` (docs/notifications.md). 410
/// is a bounce.
std::unique_ptr<Channel> MakeWebhookChannel(const WebhookOptions& options, http::Outgoing& outgoing,
                                            const base::Clock& clock);

}  // namespace energy::notifications
