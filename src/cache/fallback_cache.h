#pragma once

#include "cache/cache.h"
#include "cache/memory_cache.h"

namespace energy::cache {

/// A cache that is another one while that can be asked, and the memory of this process while it
/// cannot. For what may be counted by each replica alone during an outage, such as limits.
class FallbackCache final : public Cache {
 public:
  /// Both outlive this.
  FallbackCache(Cache& shared, MemoryCache& own) : shared_(shared), own_(own) {}

  base::Result<std::optional<std::string>> Get(std::string_view key) override {
    return Either(shared_.Get(key), [&] { return own_.Get(key); });
  }
  base::Status Set(std::string_view key, std::string_view value, Duration ttl) override {
    const base::Status status = shared_.Set(key, value, ttl);
    return status.ok() ? status : own_.Set(key, value, ttl);
  }
  base::Result<bool> SetIfAbsent(std::string_view key, std::string_view value,
                                 Duration ttl) override {
    return Either(shared_.SetIfAbsent(key, value, ttl),
                  [&] { return own_.SetIfAbsent(key, value, ttl); });
  }
  base::Result<std::optional<std::string>> Take(std::string_view key) override {
    return Either(shared_.Take(key), [&] { return own_.Take(key); });
  }
  base::Result<int64_t> Increment(std::string_view key, Duration ttl) override {
    return Either(shared_.Increment(key, ttl), [&] { return own_.Increment(key, ttl); });
  }
  base::Result<Taken> TakePlace(std::string_view key, int64_t limit, Duration window) override {
    return Either(shared_.TakePlace(key, limit, window),
                  [&] { return own_.TakePlace(key, limit, window); });
  }
  bool local() const override { return shared_.local(); }

 private:
  template <class Result, class Otherwise>
  static Result Either(Result result, const Otherwise& otherwise) {
    return result.ok() ? result : otherwise();
  }

  Cache& shared_;
  MemoryCache& own_;
};

}  // namespace energy::cache
