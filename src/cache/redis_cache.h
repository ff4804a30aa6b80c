#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/service.h"
#include "cache/cache.h"
#include "cache/redis_connection.h"

namespace energy::cache {

struct RedisOptions {
  RedisAddress address;
  std::shared_ptr<const TlsClient> tls = {};  ///< needed when the address says so
  /// Of one exchange, and of a connection's making.
  std::chrono::milliseconds timeout{200};
  size_t connections = 8;  ///< at the same time; more callers wait within their timeout
  std::chrono::milliseconds first_retry{50};
  std::chrono::milliseconds longest_retry{2000};
  std::chrono::milliseconds watch_interval{500};  ///< between two looks while all is well
};

/// The port on a Redis server, version 7. A pool of connections, one exchange a call.
///
/// An exchange that fails closes the gate: further calls fail at once, so that an outage costs one
/// time limit and not one a request. A thread watches the server over a connection of its own, with
/// growing pauses while it is away, and opens the gate when it answers again.
///
/// Metrics: cache_up, cache_exchange_duration_seconds, cache_failures_total.
class RedisCache final : public Cache, public base::Service {
 public:
  RedisCache(RedisOptions options, base::Logger logger, base::Metrics& metrics);
  ~RedisCache() override;

  std::string_view name() const override { return "cache"; }
  /// Asks the server once, then watches it. An unreachable server is no error: what needs it
  /// degrades, and `health` says so.
  base::Status Start() override;
  void Stop() override;

  /// Why the server cannot be used right now.
  base::Status health() const;
  /// Called on the watching thread whenever the server can be used again, at the start too; it may
  /// have come back empty. Before Start.
  void OnReturn(std::function<void()> callback) { on_return_.push_back(std::move(callback)); }

  base::Result<std::optional<std::string>> Get(std::string_view key) override;
  base::Status Set(std::string_view key, std::string_view value, Duration ttl) override;
  base::Result<bool> SetIfAbsent(std::string_view key, std::string_view value,
                                 Duration ttl) override;
  base::Result<std::optional<std::string>> Take(std::string_view key) override;
  base::Result<int64_t> Increment(std::string_view key, Duration ttl) override;
  base::Result<Taken> TakePlace(std::string_view key, int64_t limit, Duration window) override;
  bool local() const override { return false; }

 private:
  using Connection = std::unique_ptr<RedisConnection>;
  using Command = std::vector<std::string_view>;

  /// Runs a command on a connection of the pool. Errors of the server are kInternal.
  base::Result<Reply> Run(const Command& command);
  base::Result<Reply> Exchange(const Command& command);
  base::Result<Connection> Borrow();
  void GiveBack(Connection connection);
  void Fail(const base::Status& status);
  /// One look at the server over `watch`, which is made and dropped here.
  void Look(Connection& watch);
  void Watch(const std::stop_token& stop, Connection watch);

  const RedisOptions options_;
  base::Logger logger_;
  prometheus::Gauge& up_;
  prometheus::Counter& failures_;
  prometheus::Histogram& duration_;
  std::vector<std::function<void()>> on_return_;

  mutable std::mutex mutex_;
  std::condition_variable free_;      // a connection, or a place for one
  std::condition_variable_any wake_;  // the watching thread
  std::vector<Connection> idle_;      // guarded by mutex_
  size_t in_use_ = 0;                 // guarded by mutex_
  base::Status health_;               // guarded by mutex_
  bool running_ = false;              // guarded by mutex_
  std::jthread thread_;
};

}  // namespace energy::cache
