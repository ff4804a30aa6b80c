#include "mqtt/topic.h"

namespace energy::mqtt {

TopicCheck CheckTopicName(std::string_view name) {
  if (name.empty()) return TopicCheck::kMalformed;
  size_t levels = 1;
  for (const char c : name) {
    if (c == '+' || c == '#' || c == '\0') return TopicCheck::kMalformed;
    levels += c == '/' ? 1 : 0;
  }
  return levels > kMaxTopicLevels ? TopicCheck::kTooDeep : TopicCheck::kOk;
}

TopicCheck CheckTopicFilter(std::string_view filter) {
  if (filter.empty()) return TopicCheck::kMalformed;
  size_t levels = 0;
  bool more = true;
  while (more) {
    const std::string_view level = NextLevel(filter, more);
    ++levels;
    if (level.find('\0') != std::string_view::npos) return TopicCheck::kMalformed;
    if (level.find_first_of("+#") == std::string_view::npos) continue;
    if (level.size() > 1) return TopicCheck::kMalformed;
    if (level == "#" && more) return TopicCheck::kMalformed;
  }
  return levels > kMaxTopicLevels ? TopicCheck::kTooDeep : TopicCheck::kOk;
}

bool IsSharedFilter(std::string_view filter) {
  return filter == "$share" || filter.starts_with("$share/");
}

std::optional<SharedFilter> ParseSharedFilter(std::string_view filter) {
  constexpr std::string_view kPrefix = "$share/";
  if (!filter.starts_with(kPrefix)) return std::nullopt;
  const std::string_view key = filter.substr(kPrefix.size());
  const size_t slash = key.find('/');
  if (slash == 0 || slash == std::string_view::npos) return std::nullopt;
  if (key.substr(0, slash).find_first_of("+#") != std::string_view::npos) return std::nullopt;
  const std::string_view inner = key.substr(slash + 1);
  if (CheckTopicFilter(inner) == TopicCheck::kMalformed) return std::nullopt;
  return SharedFilter{key, inner};
}

TopicCheck CheckSubscription(std::string_view filter) {
  if (!IsSharedFilter(filter)) return CheckTopicFilter(filter);
  const auto shared = ParseSharedFilter(filter);
  return shared ? CheckTopicFilter(shared->filter) : TopicCheck::kMalformed;
}

bool TopicMatches(std::string_view filter, std::string_view name) {
  if (name.starts_with('$') && !filter.empty() && (filter[0] == '+' || filter[0] == '#')) {
    return false;
  }
  bool more_filter = true;
  bool more_name = true;
  while (more_filter) {
    const std::string_view level = NextLevel(filter, more_filter);
    if (level == "#") return true;
    if (!more_name) return false;
    const std::string_view part = NextLevel(name, more_name);
    if (level != "+" && level != part) return false;
    // "a/#" also matches its parent "a" (§4.7.1.2).
    if (!more_name && more_filter && filter == "#") return true;
  }
  return !more_name;
}

}  // namespace energy::mqtt
