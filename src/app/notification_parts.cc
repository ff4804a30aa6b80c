#include <algorithm>
#include <fstream>

#include "app/notification_settings.h"
#include "notifications/local_time.h"

// What the settings make.
namespace energy::app {
namespace {

constexpr size_t kLeastSecret = 16;

/// The secret itself or the first line of its file. Errors: both are given, or the file has none.
base::Result<std::string> Secret(const std::string& key, const std::string& given,
                                 const std::string& file) {
  if (file.empty()) return given;
  if (!given.empty()) {
    return base::InvalidField(key, "give it once: as " + key + " or " + key + "_file");
  }
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line) || line.empty()) {
    return base::InvalidField(key + "_file", "'" + file + "' has no first line that can be read");
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

base::Status Required(const std::string& key, const std::string& value, const std::string& why) {
  return value.empty() ? base::InvalidField(key, "is missing: " + why) : base::Status();
}

/// http(s), without a slash at its end.
base::Result<std::string> Endpoint(const std::string& key, std::string url) {
  while (url.ends_with('/')) url.pop_back();
  const base::Status status = notifications::CheckAddress(notifications::ChannelId::kWebhook, url);
  if (!status.ok()) return base::InvalidField(key, status.message());
  return url;
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

base::Status CheckFrom(const std::string& from) {
  const base::Status status = notifications::CheckAddress(notifications::ChannelId::kEmail, from);
  return status.ok() ? status : base::InvalidField("notifications.email.from", status.message());
}

}  // namespace

base::Result<notifications::OutboxOptions> NotificationSettings::Outbox() const {
  using notifications::Severity;
  notifications::OutboxOptions options;
  const auto read = [&](const std::string& name, const std::vector<std::string>& texts,
                        std::vector<notifications::Recipient>& out) -> base::Status {
    ENERGY_ASSIGN_OR_RETURN(out, notifications::ParseRecipients(texts, "notifications." + name));
    return {};
  };
  ENERGY_RETURN_IF_ERROR(read("recipients.low", low, options.defaults[Severity::kLow]));
  ENERGY_RETURN_IF_ERROR(read("recipients.medium", medium, options.defaults[Severity::kMedium]));
  ENERGY_RETURN_IF_ERROR(read("recipients.high", high, options.defaults[Severity::kHigh]));
  ENERGY_RETURN_IF_ERROR(
      read("recipients.critical", critical, options.defaults[Severity::kCritical]));
  ENERGY_RETURN_IF_ERROR(
      read("escalation.recipients", escalation_recipients, options.escalation_recipients));
  if (!notifications::IsTimeZone(time_zone)) {
    return base::InvalidField("notifications.time_zone",
                              "must be a name of the IANA time zone database");
  }
  options.resolved = resolved;
  options.escalation = std::chrono::minutes(escalation_minutes);
  options.digest = std::chrono::minutes(digest_minutes);
  options.flood_per_device = flood_per_device;
  options.flood_site = flood_site;
  options.language = language;
  options.time_zone = time_zone;
  return options;
}

base::Result<notifications::RendererOptions> NotificationSettings::Renderer() const {
  notifications::RendererOptions options{.page_url = {}, .templates_dir = templates_dir};
  if (!page_url.empty()) {
    ENERGY_ASSIGN_OR_RETURN(options.page_url, Endpoint("notifications.page_url", page_url));
  }
  return options;
}

notifications::SenderOptions NotificationSettings::Sender() const {
  notifications::SenderOptions options;
  options.backoff.first = std::chrono::seconds(retry_s);
  options.max_attempts = max_attempts;
  // The attempt itself, and the time to write its outcome.
  options.lease = 2 * Timeout() + std::chrono::seconds(1);
  options.retention = std::chrono::days(retention_days);
  return options;
}

base::Result<notifications::Channels> NotificationSettings::Channels(
    http::Outgoing& outgoing, http::Mailer& mailer, const base::Clock& clock) const {
  notifications::Channels channels;
  ENERGY_RETURN_IF_ERROR(AddEmail(outgoing, mailer, clock, channels));
  ENERGY_RETURN_IF_ERROR(AddWhatsApp(outgoing, channels));
  ENERGY_RETURN_IF_ERROR(AddTelegram(outgoing, channels));
  ENERGY_RETURN_IF_ERROR(AddWebhook(outgoing, clock, channels));
  return channels;
}

base::Status NotificationSettings::AddEmail(http::Outgoing& outgoing, http::Mailer& mailer,
                                            const base::Clock& clock,
                                            notifications::Channels& channels) const {
  if (email_provider == "off") return {};
  ENERGY_RETURN_IF_ERROR(CheckFrom(email_from));
  auto& email = channels[notifications::ChannelId::kEmail];
  if (email_provider == "smtp") {
    notifications::SmtpOptions options;
    ENERGY_RETURN_IF_ERROR(
        Required("notifications.smtp.host", smtp_host, "notifications.email.provider is smtp"));
    if (smtp_security == "none" && !smtp_user.empty() && !IsLoopback(smtp_host)) {
      return base::InvalidField("notifications.smtp.security",
                                "none would send the password in the clear: take starttls or tls");
    }
    using Security = http::MailServer::Security;
    options.server.host = smtp_host;
    options.server.port = static_cast<uint16_t>(smtp_port);
    options.server.security = smtp_security == "tls"    ? Security::kTls
                              : smtp_security == "none" ? Security::kNone
                                                        : Security::kStartTls;
    options.server.user = smtp_user;
    ENERGY_ASSIGN_OR_RETURN(options.server.password, Secret("notifications.smtp.password",
                                                            smtp_password, smtp_password_file));
    options.server.ca_file = ca_file;
    options.from = {email_from, email_from_name};
    options.timeout = Timeout();
    email = notifications::MakeSmtpChannel(options, mailer, clock);
    return {};
  }
  notifications::SesOptions options;
  const std::string why = "notifications.email.provider is ses";
  ENERGY_RETURN_IF_ERROR(Required("notifications.ses.region", ses_region, why));
  ENERGY_RETURN_IF_ERROR(Required("notifications.ses.access_key_id", ses_access_key_id, why));
  options.region = ses_region;
  ENERGY_ASSIGN_OR_RETURN(
      options.endpoint,
      Endpoint("notifications.ses.endpoint", ses_endpoint.empty()
                                                 ? "https://email." + ses_region + ".amazonaws.com"
                                                 : ses_endpoint));
  options.credentials.access_key_id = ses_access_key_id;
  ENERGY_ASSIGN_OR_RETURN(options.credentials.secret_access_key,
                          Secret("notifications.ses.secret_access_key", ses_secret_access_key,
                                 ses_secret_access_key_file));
  ENERGY_RETURN_IF_ERROR(
      Required("notifications.ses.secret_access_key", options.credentials.secret_access_key, why));
  options.credentials.session_token = ses_session_token;
  options.from = {email_from, email_from_name};
  options.timeout = Timeout();
  email = notifications::MakeSesChannel(options, outgoing, clock);
  return {};
}

base::Status NotificationSettings::AddWhatsApp(http::Outgoing& outgoing,
                                               notifications::Channels& channels) const {
  if (whatsapp_account_sid.empty()) return {};
  notifications::WhatsAppOptions options;
  options.account_sid = whatsapp_account_sid;
  ENERGY_ASSIGN_OR_RETURN(
      options.auth_token,
      Secret("notifications.whatsapp.auth_token", whatsapp_auth_token, whatsapp_auth_token_file));
  ENERGY_RETURN_IF_ERROR(Required("notifications.whatsapp.auth_token", options.auth_token,
                                  "notifications.whatsapp.account_sid is set"));
  // The LLD writes it with the prefix (Appendix A).
  options.from = whatsapp_from.starts_with("whatsapp:") ? whatsapp_from.substr(9) : whatsapp_from;
  const base::Status number =
      notifications::CheckAddress(notifications::ChannelId::kWhatsApp, options.from);
  if (!number.ok()) return base::InvalidField("notifications.whatsapp.from", number.message());
  ENERGY_ASSIGN_OR_RETURN(options.endpoint,
                          Endpoint("notifications.whatsapp.endpoint", whatsapp_endpoint));
  options.timeout = Timeout();
  channels[notifications::ChannelId::kWhatsApp] =
      notifications::MakeWhatsAppChannel(options, outgoing);
  return {};
}

base::Status NotificationSettings::AddTelegram(http::Outgoing& outgoing,
                                               notifications::Channels& channels) const {
  notifications::TelegramOptions options;
  ENERGY_ASSIGN_OR_RETURN(options.bot_token, Secret("notifications.telegram.bot_token",
                                                    telegram_bot_token, telegram_bot_token_file));
  if (options.bot_token.empty()) return {};
  ENERGY_ASSIGN_OR_RETURN(options.endpoint,
                          Endpoint("notifications.telegram.endpoint", telegram_endpoint));
  options.timeout = Timeout();
  channels[notifications::ChannelId::kTelegram] =
      notifications::MakeTelegramChannel(options, outgoing);
  return {};
}

base::Status NotificationSettings::AddWebhook(http::Outgoing& outgoing, const base::Clock& clock,
                                              notifications::Channels& channels) const {
  if (webhook_allowed.empty()) return {};
  notifications::WebhookOptions options;
  for (const std::string& prefix : webhook_allowed) {
    const base::Status status =
        notifications::CheckAddress(notifications::ChannelId::kWebhook, prefix);
    // Without the slash, https://hooks.example would admit https://hooks.example.evil.
    if (!status.ok() || !prefix.ends_with('/')) {
      return base::InvalidField("notifications.webhook.allowed",
                                "'" + prefix + "' must be a URL that ends with a slash");
    }
    options.allowed.push_back(prefix);
  }
  ENERGY_ASSIGN_OR_RETURN(
      options.secret, Secret("notifications.webhook.secret", webhook_secret, webhook_secret_file));
  if (options.secret.size() < kLeastSecret) {
    return base::InvalidField("notifications.webhook.secret", "must have at least 16 bytes");
  }
  options.timeout = Timeout();
  channels[notifications::ChannelId::kWebhook] =
      notifications::MakeWebhookChannel(options, outgoing, clock);
  return {};
}

}  // namespace energy::app
