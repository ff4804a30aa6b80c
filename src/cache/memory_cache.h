#pragma once

#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "base/clock.h"
#include "cache/cache.h"
#include "cache/sliding_window.h"

namespace energy::cache {

/// The port in the memory of this process. Holds at most `max_entries`: what would be forgotten
/// soonest makes room. Each entry takes about 250 bytes beside its key and value.
class MemoryCache final : public Cache {
 public:
  explicit MemoryCache(const base::Clock& clock, size_t max_entries = 100'000)
      : clock_(clock), max_entries_(max_entries) {}

  base::Result<std::optional<std::string>> Get(std::string_view key) override;
  base::Status Set(std::string_view key, std::string_view value, Duration ttl) override;
  base::Result<bool> SetIfAbsent(std::string_view key, std::string_view value,
                                 Duration ttl) override;
  base::Result<std::optional<std::string>> Take(std::string_view key) override;
  base::Result<int64_t> Increment(std::string_view key, Duration ttl) override;
  base::Result<Taken> TakePlace(std::string_view key, int64_t limit, Duration window) override;
  bool local() const override { return true; }

  size_t size() const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Entry {
    std::string value;
    SlidingWindow window;  // of TakePlace
    Time expiry;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  // With mutex_ held.
  Entries::iterator Find(std::string_view key, Time now);
  /// The entry, a new one when there is none, which will be forgotten at `expiry`.
  Entry& Keep(std::string_view key, Time now, Time expiry);
  void Erase(Entries::iterator entry);

  const base::Clock& clock_;
  const size_t max_entries_;
  mutable std::mutex mutex_;
  Entries entries_;                                     // guarded by mutex_
  std::set<std::pair<Time, std::string_view>> expiry_;  // guarded by mutex_; keys of entries_
};

}  // namespace energy::cache
