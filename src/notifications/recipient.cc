#include "notifications/recipient.h"

#include <algorithm>
#include <cctype>

namespace energy::notifications {
namespace {

constexpr size_t kMaxAddress = 240;
constexpr std::string_view kForms =
    "must be email:ADDRESS, whatsapp:+NUMBER, telegram:CHAT, webhook:URL or user:EMAIL";

bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

// Printable ASCII without what would end or open an address in SMTP or a header (RFC 5321 §4.1.2).
bool IsEmail(std::string_view text) {
  const size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return false;
  if (text.find('@', at + 1) != std::string_view::npos || at > 64) return false;
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > 0x20 && c < 0x7f &&
           std::string_view("<>()[]\\,;:\"").find(static_cast<char>(c)) == std::string_view::npos;
  });
}

bool IsPhone(std::string_view text) {
  return text.size() >= 7 && text.size() <= 16 && text.front() == '+' && IsDigits(text.substr(1));
}

bool IsChat(std::string_view text) {
  if (text.starts_with('@')) {
    text.remove_prefix(1);
    return text.size() >= 5 && text.size() <= 32 &&
           std::all_of(text.begin(), text.end(),
                       [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  }
  if (text.starts_with('-')) text.remove_prefix(1);
  return IsDigits(text) && text.size() <= 19;
}

bool IsUrl(std::string_view text) {
  const size_t host = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  return host > 0 && text.size() > host && text[host] != '/' &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

std::string Recipient::ToText() const {
  return (channel ? std::string(ChannelName(*channel)) : "user") + ":" + address;
}

base::Status CheckAddress(ChannelId channel, std::string_view address) {
  if (address.size() > kMaxAddress) return base::InvalidArgument("takes at most 240 bytes");
  switch (channel) {
    case ChannelId::kEmail:
      if (IsEmail(address)) return {};
      return base::InvalidArgument("must be an e-mail address such as ops@example.com");
    case ChannelId::kWhatsApp:
      if (IsPhone(address)) return {};
      return base::InvalidArgument("must be a phone number with its country: +4915112345678");
    case ChannelId::kTelegram:
      if (IsChat(address)) return {};
      return base::InvalidArgument("must be the number of a chat, or @name of a channel");
    case ChannelId::kWebhook:
      if (IsUrl(address)) return {};
      return base::InvalidArgument("must be a URL that begins with https:// or http://");
  }
  return base::Internal("no such channel");
}

base::Result<Recipient> ParseRecipient(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return base::InvalidArgument(std::string(kForms));
  const std::string_view name = text.substr(0, colon);
  Recipient recipient{ParseChannel(name), std::string(text.substr(colon + 1))};
  if (!recipient.channel && name != "user") return base::InvalidArgument(std::string(kForms));
  ENERGY_RETURN_IF_ERROR(
      CheckAddress(recipient.channel.value_or(ChannelId::kEmail), recipient.address));
  return recipient;
}

base::Result<std::vector<Recipient>> ParseRecipients(const std::vector<std::string>& texts,
                                                     const std::string& field) {
  if (texts.size() > kMaxRecipients) {
    return base::InvalidField(field, "takes at most " + std::to_string(kMaxRecipients));
  }
  std::vector<Recipient> recipients;
  for (const std::string& text : texts) {
    auto recipient = ParseRecipient(text);
    if (!recipient.ok()) {
      return base::InvalidField(field, "'" + text + "' " + recipient.status().message());
    }
    if (std::find(recipients.begin(), recipients.end(), *recipient) == recipients.end()) {
      recipients.push_back(*std::move(recipient));
    }
  }
  return recipients;
}

}  // namespace energy::notifications
