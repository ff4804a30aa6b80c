#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "notifications/model.h"

namespace energy::notifications {

/// Most recipients of a rule, a severity or an escalation.
inline constexpr size_t kMaxRecipients = 50;

/// Whom a message goes to: an address of one channel, or a user, who has addresses of his own.
/// Written as "email:ops@example.com", "whatsapp:+4915112345678", "telegram:-1001234",
/// "webhook:https://example.com/hook", "user:ana@example.com". Never rename: in the database, the
/// configuration and the API.
struct Recipient {
  std::optional<ChannelId> channel;  ///< nothing: a user
  std::string address;               ///< of the channel, or the e-mail that a user logs in with

  std::string ToText() const;
  bool operator==(const Recipient&) const = default;
};

/// Errors: kInvalidArgument saying what is expected; no field.
base::Result<Recipient> ParseRecipient(std::string_view text);

/// Ok when `address` is of the channel's form: an e-mail address in ASCII; a phone number with its
/// country (E.164); a number of a chat or @name of a channel; an http(s) URL. All at most 240
/// bytes. Errors: kInvalidArgument saying what is expected; no field.
base::Status CheckAddress(ChannelId channel, std::string_view address);

/// All of them. Errors: kInvalidArgument with `field`.
base::Result<std::vector<Recipient>> ParseRecipients(const std::vector<std::string>& texts,
                                                     const std::string& field);

}  // namespace energy::notifications
