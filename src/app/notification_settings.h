#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/status.h"
#include "http/mailer.h"
#include "http/outgoing.h"
#include "notifications/channels.h"
#include "notifications/outbox.h"
#include "notifications/renderer.h"
#include "notifications/sender.h"

namespace energy::app {

/// notifications.*: who is told of alerts, and by what.
struct NotificationSettings {
  std::string page_url;
  std::string language = "en";
  std::string time_zone = "UTC";
  std::string templates_dir;
  std::string ca_file;
  std::vector<std::string> low, medium, high, critical;  ///< default recipients
  bool resolved = true;
  int64_t escalation_minutes = 0;
  std::vector<std::string> escalation_recipients;
  int64_t digest_minutes = 60;
  int64_t flood_per_device = 5;
  int64_t flood_site = 30;
  int64_t max_attempts = 10;
  int64_t retry_s = 10;
  int64_t timeout_s = 15;
  int64_t retention_days = 90;

  std::string email_provider = "off";
  std::string email_from;
  std::string email_from_name;
  std::string smtp_host;
  int64_t smtp_port = 587;
  std::string smtp_security = "starttls";
  std::string smtp_user;
  std::string smtp_password;
  std::string smtp_password_file;
  std::string ses_region;
  std::string ses_endpoint;
  std::string ses_access_key_id;
  std::string ses_secret_access_key;
  std::string ses_secret_access_key_file;
  std::string ses_session_token;

  std::string whatsapp_endpoint = "https://api.twilio.com";
  std::string whatsapp_account_sid;
  std::string whatsapp_auth_token;
  std::string whatsapp_auth_token_file;
  std::string whatsapp_from;

  std::string telegram_endpoint = "https://api.telegram.org";
  std::string telegram_bot_token;
  std::string telegram_bot_token_file;

  std::vector<std::string> webhook_allowed;
  std::string webhook_secret;
  std::string webhook_secret_file;

  void Bind(base::Config& config);

  // Each: Errors: kInvalidArgument with the options that are wrong.
  base::Result<notifications::OutboxOptions> Outbox() const;
  base::Result<notifications::RendererOptions> Renderer() const;
  notifications::SenderOptions Sender() const;
  /// Those that are set up; reads secrets from their files.
  base::Result<notifications::Channels> Channels(http::Outgoing& outgoing, http::Mailer& mailer,
                                                 const base::Clock& clock) const;

 private:
  std::chrono::milliseconds Timeout() const { return std::chrono::seconds(timeout_s); }
  base::Status AddEmail(http::Outgoing& outgoing, http::Mailer& mailer, const base::Clock& clock,
                        notifications::Channels& channels) const;
  base::Status AddWhatsApp(http::Outgoing& outgoing, notifications::Channels& channels) const;
  base::Status AddTelegram(http::Outgoing& outgoing, notifications::Channels& channels) const;
  base::Status AddWebhook(http::Outgoing& outgoing, const base::Clock& clock,
                          notifications::Channels& channels) const;
};

}  // namespace energy::app
