#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/json.h"
#include "http/message.h"
#include "notifications/model.h"
#include "notifications/renderer.h"

namespace energy::notifications {

/// One message to one recipient.
struct Delivery {
  std::string key;  ///< the same in each attempt: the id of the leading notification
  std::string recipient;
  Message message;
};

/// What became of an attempt.
struct Outcome {
  enum class Result {
    kSent,     ///< the provider has it
    kRetry,    ///< it may be taken later
    kFailed,   ///< it will not be taken: the message or the configuration is wrong
    kBounced,  ///< this recipient cannot be reached
  };
  Result result = Result::kRetry;
  std::string error;  ///< in words, without secrets; empty when sent
  /// What the provider answered: `status`, and its id of the message or what it said.
  base::Json provider = base::Json::object();
  std::optional<std::chrono::seconds> retry_after = {};  ///< how long it wants to be left alone
};

/// A way to reach people. Threads: safe anywhere. Send blocks up to the limit of time that it was
/// made with.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual ChannelId id() const = 0;
  virtual Outcome Send(const Delivery& delivery) = 0;
  /// Ok when messages to that address of the channel's form can be sent. Errors: kInvalidArgument.
  virtual base::Status Admits(std::string_view /*address*/) const { return {}; }
  /// How it is set up, for people: no secrets.
  virtual base::Json Describe() const = 0;
};

using Channels = std::map<ChannelId, std::unique_ptr<Channel>>;

/// What the providers' answers have in common: 2xx is sent, 408, 429 and 5xx are worth a retry
/// (with `Retry-After`), anything else has failed. `provider` gets the status and the beginning of
/// the body. The caller knows better where the provider documents more.
Outcome OutcomeOf(const http::Response& response);
/// Of an exchange that brought no answer: worth a retry, unless the address itself is wrong.
/// `secret` does not appear in what is kept.
Outcome OutcomeOf(const base::Status& status, std::string_view secret = {});

/// A provider's id of a message, a number or a text: what every database stores, of at most 200
/// bytes. Null for anything else.
base::Json StorableId(const base::Json& id);

/// UTF-8 that every database stores, of at most `bytes`.
std::string Storable(std::string_view text, size_t bytes);

}  // namespace energy::notifications
