#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace energy::mqtt {

/// Levels a topic name or filter may have (LLD §6.1, max_topic_levels).
inline constexpr size_t kMaxTopicLevels = 128;

enum class TopicCheck : uint8_t {
  kOk,
  kMalformed,  ///< breaks a rule of the standard (§4.7)
  kTooDeep,    ///< correct, but more than kMaxTopicLevels levels
};

/// A name to publish to: at least one character, no wildcard [MQTT-4.7.3-1, MQTT-3.3.2-2]. The
/// caller has checked that it is UTF-8.
TopicCheck CheckTopicName(std::string_view name);

/// True for names that no client may publish to: the server's own (§4.7.2), and those that look
/// like a shared subscription, which nobody could receive.
inline bool IsReservedTopic(std::string_view name) {
  return name.starts_with("$SYS/") || name.starts_with("$share/");
}

/// A filter to subscribe to: at least one character; `+` and `#` fill a whole level, `#` the last
/// one [MQTT-4.7.1-1, MQTT-4.7.1-2]. The caller has checked that it is UTF-8.
TopicCheck CheckTopicFilter(std::string_view filter);

/// True for a shared subscription (`$share/...`, §4.8.2).
bool IsSharedFilter(std::string_view filter);

/// The parts of `$share/{name}/{filter}`. Views into it.
struct SharedFilter {
  std::string_view key;  ///< "{name}/{filter}"
  std::string_view filter;
};

/// Nothing when it is not a shared subscription, or not a valid one: the name is at least one
/// character without wildcards, and a filter follows [MQTT-4.8.2-1, -2].
std::optional<SharedFilter> ParseSharedFilter(std::string_view filter);

/// CheckTopicFilter for what a SUBSCRIBE carries, which may be a shared subscription.
TopicCheck CheckSubscription(std::string_view filter);

/// True when a message to `name` matches `filter` (§4.7). A wildcard in the first level does not
/// match a name that begins with `$` [MQTT-4.7.2-1]. Both must be valid.
bool TopicMatches(std::string_view filter, std::string_view name);

/// Cuts the first level off `rest`. `more` tells whether a `/` followed, that is, whether another
/// level (perhaps empty) comes.
inline std::string_view NextLevel(std::string_view& rest, bool& more) {
  const size_t slash = rest.find('/');
  more = slash != std::string_view::npos;
  const std::string_view level = rest.substr(0, slash);
  rest.remove_prefix(more ? slash + 1 : rest.size());
  return level;
}

}  // namespace energy::mqtt
