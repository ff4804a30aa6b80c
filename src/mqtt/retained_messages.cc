#include "mqtt/retained_messages.h"

#include "mqtt/topic.h"

namespace energy::mqtt {

RetainedMessages::Topics::iterator RetainedMessages::Erase(Topics::iterator it) {
  bytes_ -= it->second->memory();
  return topics_.erase(it);
}

void RetainedMessages::Purge(Message::TimePoint now) {
  for (auto it = topics_.begin(); it != topics_.end();) {
    it = it->second->expired(now) ? Erase(it) : std::next(it);
  }
}

bool RetainedMessages::Fits(size_t messages, size_t bytes) const {
  return messages <= max_messages_ && bytes <= max_bytes_;
}

RetainedMessages::Kept RetainedMessages::Set(const MessagePtr& message, Message::TimePoint now) {
  const std::lock_guard lock(mutex_);
  auto it = topics_.find(message->topic());
  if (message->payload().empty()) {
    if (it == topics_.end()) return Kept::kUnchanged;
    Erase(it);
    return Kept::kDeleted;
  }
  const auto fits = [&] {
    const size_t replaced = it == topics_.end() ? 0 : it->second->memory();
    return Fits(topics_.size() + (replaced == 0 ? 1 : 0), bytes_ - replaced + message->memory());
  };
  if (!fits()) {
    Purge(now);
    it = topics_.find(message->topic());
    if (!fits()) return Kept::kFull;
  }
  if (it != topics_.end()) Erase(it);
  topics_.emplace(message->topic(), message);
  bytes_ += message->memory();
  return Kept::kKept;
}

bool RetainedMessages::Match(std::string_view filter, std::optional<std::string>& after,
                             size_t max_bytes, Message::TimePoint now,
                             std::vector<MessagePtr>& found) {
  const size_t wildcard = filter.find_first_of("+#");
  std::string_view prefix = filter.substr(0, wildcard);
  // "a/#" also matches "a".
  if (filter.ends_with("/#") && wildcard == filter.size() - 1) prefix.remove_suffix(1);
  const std::lock_guard lock(mutex_);
  if (wildcard == std::string_view::npos) {
    const auto it = topics_.find(filter);
    if (it != topics_.end() && !it->second->expired(now)) found.push_back(it->second);
    return true;
  }
  size_t bytes = 0;
  auto it = after ? topics_.upper_bound(*after) : topics_.lower_bound(prefix);
  while (it != topics_.end() && it->first.starts_with(prefix)) {
    if (bytes >= max_bytes) return false;
    if (it->second->expired(now)) {
      it = Erase(it);
      continue;
    }
    if (TopicMatches(filter, it->first)) {
      found.push_back(it->second);
      bytes += it->second->memory();
      after = std::string(it->first);
    }
    ++it;
  }
  return true;
}

size_t RetainedMessages::count() const {
  const std::lock_guard lock(mutex_);
  return topics_.size();
}

size_t RetainedMessages::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace energy::mqtt
