#include "app/notification_settings.h"

namespace energy::app {

void NotificationSettings::Bind(base::Config& config) {
  config.Bind("notifications.page_url", &page_url,
              {.description = "Where people reach the web page, as https://host; messages link to "
                              "it; empty: no links."});
  config.Bind(
      "notifications.language", &language,
      {.description = "Language of messages to those who are no users.", .one_of = {"en", "de"}});
  config.Bind("notifications.time_zone", &time_zone,
              {.description = "Time zone of the same, such as Europe/Berlin."});
  config.Bind("notifications.templates_dir", &templates_dir,
              {.description = "Folder of templates in the place of the program's own "
                              "(docs/notifications.md); empty: none."});
  config.Bind("notifications.ca_file", &ca_file,
              {.description = "PEM file: the authorities that providers' and the mail server's "
                              "certificates are checked against; empty: those of the system."});
  const auto recipients = [&config](const char* severity, std::vector<std::string>* variable) {
    config.Bind("notifications.recipients." + std::string(severity), variable,
                {.description = "Whom alerts of " + std::string(severity) +
                                " severity tell where their rule names nobody: email:ADDRESS, "
                                "whatsapp:+NUMBER, telegram:CHAT, webhook:URL, user:EMAIL."});
  };
  recipients("low", &low);
  recipients("medium", &medium);
  recipients("high", &high);
  recipients("critical", &critical);
  config.Bind("notifications.resolved", &resolved,
              {.description = "Whether who was told of an alert is told of its end."});
  config.Bind("notifications.escalation.minutes", &escalation_minutes,
              {.description = "When nobody acknowledges an alert for that long, "
                              "notifications.escalation.recipients are told; 0: never.",
               .unit = "min",
               .min = 0,
               .max = notifications::kMaxEscalationMinutes});
  config.Bind("notifications.escalation.recipients", &escalation_recipients,
              {.description = "Whom to tell then, in the form of notifications.recipients."});
  config.Bind("notifications.digest_minutes", &digest_minutes,
              {.description = "How often what is of low severity is told, in one message; 0: at "
                              "once, one by one.",
               .unit = "min",
               .min = 0,
               .max = 7 * 24 * 60});
  config.Bind("notifications.flood_per_device", &flood_per_device,
              {.description = "Alerts of a device told one by one in a minute; more are told "
                              "together. 0: no limit.",
               .min = 0,
               .max = 10'000});
  config.Bind("notifications.flood_site", &flood_site,
              {.description = "The same of all devices.", .min = 0, .max = 10'000});
  config.Bind(
      "notifications.max_attempts", &max_attempts,
      {.description = "Attempts to send a message before it has failed.", .min = 1, .max = 100});
  config.Bind("notifications.retry_s", &retry_s,
              {.description = "Wait after the first failed attempt; doubled after each, up to 15 "
                              "min, less a random part.",
               .unit = "s",
               .min = 1,
               .max = 900});
  config.Bind("notifications.timeout_s", &timeout_s,
              {.description = "How long an attempt may take.", .unit = "s", .min = 1, .max = 120});
  config.Bind("notifications.retention_days", &retention_days,
              {.description = "How long ended notifications stay in the log; 0: for ever.",
               .unit = "days",
               .min = 0,
               .max = 100'000});

  config.Bind("notifications.email.provider", &email_provider,
              {.description = "What sends e-mail.", .one_of = {"off", "smtp", "ses"}});
  config.Bind("notifications.email.from", &email_from,
              {.description = "Sender's address of e-mail."});
  config.Bind("notifications.email.from_name", &email_from_name,
              {.description = "Sender's name of e-mail; may be empty."});
  config.Bind("notifications.smtp.host", &smtp_host,
              {.description = "Name or address of the mail server."});
  config.Bind("notifications.smtp.port", &smtp_port,
              {.description = "Port of the mail server.", .min = 1, .max = 65535});
  config.Bind("notifications.smtp.security", &smtp_security,
              {.description = "How the mail server is spoken to: STARTTLS, TLS from the first byte "
                              "(port 465), or in the clear.",
               .one_of = {"starttls", "tls", "none"}});
  config.Bind("notifications.smtp.user", &smtp_user,
              {.description = "Login at the mail server; empty: none."});
  config.Bind("notifications.smtp.password", &smtp_password,
              {.description = "Password of that login.", .secret = true});
  config.Bind("notifications.smtp.password_file", &smtp_password_file,
              {.description = "The same: a file whose first line it is."});
  config.Bind("notifications.ses.region", &ses_region,
              {.description = "AWS region of Amazon SES.", .alias = "AWS_SES_REGION"});
  config.Bind("notifications.ses.endpoint", &ses_endpoint,
              {.description = "Address of Amazon SES; empty: that of the region."});
  config.Bind("notifications.ses.access_key_id", &ses_access_key_id,
              {.description = "AWS access key that may send."});
  config.Bind("notifications.ses.secret_access_key", &ses_secret_access_key,
              {.description = "Secret of that key.", .secret = true});
  config.Bind("notifications.ses.secret_access_key_file", &ses_secret_access_key_file,
              {.description = "The same: a file whose first line it is."});
  config.Bind(
      "notifications.ses.session_token", &ses_session_token,
      {.description = "Session token of temporary AWS credentials; empty: none.", .secret = true});

  config.Bind("notifications.whatsapp.account_sid", &whatsapp_account_sid,
              {.description = "Twilio account that sends WhatsApp messages; empty: none are sent.",
               .alias = "TWILIO_ACCOUNT_SID"});
  config.Bind(
      "notifications.whatsapp.auth_token", &whatsapp_auth_token,
      {.description = "Token of that account.", .secret = true, .alias = "TWILIO_AUTH_TOKEN"});
  config.Bind("notifications.whatsapp.auth_token_file", &whatsapp_auth_token_file,
              {.description = "The same: a file whose first line it is."});
  config.Bind(
      "notifications.whatsapp.from", &whatsapp_from,
      {.description = "Number that sends, as +14155238886.", .alias = "TWILIO_WHATSAPP_NUMBER"});
  config.Bind("notifications.whatsapp.endpoint", &whatsapp_endpoint,
              {.description = "Address of Twilio, or of a gateway that speaks its API."});

  config.Bind("notifications.telegram.bot_token", &telegram_bot_token,
              {.description = "Token of the Telegram bot that sends; empty: none.",
               .secret = true,
               .alias = "TELEGRAM_BOT_TOKEN"});
  config.Bind("notifications.telegram.bot_token_file", &telegram_bot_token_file,
              {.description = "The same: a file whose first line it is."});
  config.Bind("notifications.telegram.endpoint", &telegram_endpoint,
              {.description = "Address of Telegram, or of a Bot API server of one's own."});

  config.Bind(
      "notifications.webhook.allowed", &webhook_allowed,
      {.description = "What URLs of webhooks must begin with, each ended by a slash; empty: "
                      "there are no webhooks."});
  config.Bind(
      "notifications.webhook.secret", &webhook_secret,
      {.description = "Key of the signatures of webhooks, 16 bytes or more.", .secret = true});
  config.Bind("notifications.webhook.secret_file", &webhook_secret_file,
              {.description = "The same: a file whose first line it is."});
}

}  // namespace energy::app
