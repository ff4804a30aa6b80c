#include "cache/memory_cache.h"

#include <charconv>

namespace energy::cache {

base::Result<std::optional<std::string>> MemoryCache::Get(std::string_view key) {
  const Time now = clock_.Steady();
  std::lock_guard lock(mutex_);
  const auto found = Find(key, now);
  if (found == entries_.end()) return std::optional<std::string>();
  return std::optional<std::string>(found->second.value);
}

base::Status MemoryCache::Set(std::string_view key, std::string_view value, Duration ttl) {
  const Time now = clock_.Steady();
  std::lock_guard lock(mutex_);
  Keep(key, now, now + ttl).value = value;
  return {};
}

base::Result<bool> MemoryCache::SetIfAbsent(std::string_view key, std::string_view value,
                                            Duration ttl) {
  const Time now = clock_.Steady();
  std::lock_guard lock(mutex_);
  if (Find(key, now) != entries_.end()) return false;
  Keep(key, now, now + ttl).value = value;
  return true;
}

base::Result<std::optional<std::string>> MemoryCache::Take(std::string_view key) {
  const Time now = clock_.Steady();
  std::lock_guard lock(mutex_);
  const auto found = Find(key, now);
  if (found == entries_.end()) return std::optional<std::string>();
  std::optional<std::string> value(std::move(found->second.value));
  Erase(found);
  return value;
}

base::Result<int64_t> MemoryCache::Increment(std::string_view key, Duration ttl) {
  const Time now = clock_.Steady();
  std::lock_guard lock(mutex_);
  Entry& entry = Keep(key, now, now + ttl);
  int64_t count = 0;
  const char* const end = entry.value.data() + entry.value.size();
  if (!entry.value.empty() && std::from_chars(entry.value.data(), end, count).ptr != end) {
    return base::Internal("a value in the cache is not a count");
  }
  entry.value = std::to_string(++count);
  return count;
}

base::Result<Taken> MemoryCache::TakePlace(std::string_view key, int64_t limit, Duration window) {
  const Time now = clock_.Steady();
  const int64_t now_ms =
      std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count();
  // Until the end of the next window, so that the order by expiry changes once a window only.
  const Time expiry{Duration((now_ms / window.count() + 2) * window.count())};
  std::lock_guard lock(mutex_);
  return Keep(key, now, expiry).window.Take(now_ms, limit, window.count());
}

size_t MemoryCache::size() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

MemoryCache::Entries::iterator MemoryCache::Find(std::string_view key, Time now) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.expiry > now) return found;
  Erase(found);
  return entries_.end();
}

MemoryCache::Entry& MemoryCache::Keep(std::string_view key, Time now, Time expiry) {
  auto found = Find(key, now);
  if (found == entries_.end()) {
    while (!expiry_.empty() && (expiry_.begin()->first <= now || entries_.size() >= max_entries_)) {
      Erase(entries_.find(expiry_.begin()->second));
    }
    found = entries_.emplace(key, Entry{}).first;
  } else {
    if (found->second.expiry == expiry) return found->second;
    expiry_.erase({found->second.expiry, found->first});
  }
  found->second.expiry = expiry;
  expiry_.emplace(expiry, found->first);
  return found->second;
}

void MemoryCache::Erase(Entries::iterator entry) {
  expiry_.erase({entry->second.expiry, entry->first});
  entries_.erase(entry);
}

}  // namespace energy::cache
