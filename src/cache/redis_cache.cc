#include "cache/redis_cache.h"

#include <algorithm>

namespace energy::cache {
namespace {

constexpr std::string_view kPrefix = "energy:";

std::string Prefixed(std::string_view key) { return std::string(kPrefix) + std::string(key); }
std::string Text(Cache::Duration ttl) { return std::to_string(ttl.count()); }

// KEYS: the count. ARGV: its life in ms.
constexpr std::string_view kIncrement = R"(
local count = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return count)";

// SlidingWindow (sliding_window.h) by the server's clock, which all replicas share. KEYS: a hash.
// ARGV: limit, window in ms. Answers granted, remaining, wait in ms.
constexpr std::string_view kTakePlace = R"(
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local present = math.floor(now / window)
local state = redis.call('HMGET', KEYS[1], 'index', 'count', 'previous')
local index, count, previous = tonumber(state[1] or 0), tonumber(state[2] or 0), tonumber(state[3] or 0)
if present ~= index then
  previous = present == index + 1 and count or 0
  count = 0
end
local left = window - now % window
local used = previous * left + count * window
if used + window <= limit * window then
  redis.call('HSET', KEYS[1], 'index', present, 'count', count + 1, 'previous', previous)
  redis.call('PEXPIRE', KEYS[1], left + window)
  return {1, math.floor((limit * window - used - window) / window), left + window}
end
local full = count >= limit
local shrinking = full and count or previous
local room = (limit - 1 - (full and 0 or count)) * window
local fits = shrinking == 0 and 0 or math.floor(room / shrinking)
return {0, 0, math.max(1, (full and left + window or left) - fits)})";

base::Result<std::optional<std::string>> ToText(Reply reply) {
  if (reply.kind == Reply::Kind::kNull) return std::optional<std::string>();
  if (reply.kind != Reply::Kind::kText) return base::Internal("Redis answers no text");
  return std::optional<std::string>(std::move(reply.text));
}

}  // namespace

RedisCache::RedisCache(RedisOptions options, base::Logger logger, base::Metrics& metrics)
    : options_(std::move(options)),
      logger_(std::move(logger)),
      up_(metrics.Gauge("cache_up", "1 while the cache's server answers.")),
      failures_(metrics.Counter("cache_failures_total", "Exchanges with the cache that failed.")),
      duration_(metrics.Histogram("cache_exchange_duration_seconds",
                                  "Of one exchange with the cache's server.",
                                  base::LatencySecondsBounds())),
      health_(base::Unavailable("Redis was not asked yet")) {}

RedisCache::~RedisCache() { Stop(); }

base::Status RedisCache::Start() {
  Connection watch;
  Look(watch);
  std::lock_guard lock(mutex_);
  running_ = true;
  thread_ = std::jthread([this, first = std::move(watch)](const std::stop_token& stop) mutable {
    Watch(stop, std::move(first));
  });
  return {};
}

void RedisCache::Stop() {
  {
    std::lock_guard lock(mutex_);
    if (!running_) return;
    running_ = false;
  }
  thread_.request_stop();
  thread_.join();
  std::lock_guard lock(mutex_);
  health_ = base::Unavailable("the program stops");
  idle_.clear();
}

base::Status RedisCache::health() const {
  std::lock_guard lock(mutex_);
  return health_;
}

void RedisCache::Watch(const std::stop_token& stop, Connection watch) {
  auto pause = options_.first_retry;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      const bool well = health_.ok();
      pause = well ? options_.first_retry : std::min(2 * pause, options_.longest_retry);
      // A failure of others ends the pause of a healthy watch.
      wake_.wait_for(lock, stop, well ? options_.watch_interval : pause,
                     [&] { return well && !health_.ok(); });
    }
    if (stop.stop_requested()) return;
    Look(watch);
  }
}

void RedisCache::Look(Connection& watch) {
  base::Status status;
  const bool is_new = watch == nullptr;
  if (is_new) {
    auto opened = RedisConnection::Open(options_.address, options_.timeout, options_.tls.get());
    status = opened.status();
    if (opened.ok()) watch = std::move(opened).value();
  }
  if (status.ok()) {
    const auto pong = watch->Run({"PING"}, options_.timeout);
    status = pong.status();
    // Such as -LOADING, or -NOAUTH where a password is needed and none is configured.
    if (status.ok() && pong->kind == Reply::Kind::kError) status = base::Unavailable(pong->text);
  }
  if (!status.ok()) {
    watch.reset();
    return Fail(status);
  }
  {
    std::lock_guard lock(mutex_);
    if (health_.ok() && !is_new) return;
    health_ = {};
  }
  up_.Set(1);
  logger_->info("Redis answers at {}:{}", options_.address.host, options_.address.port);
  for (const auto& callback : on_return_) callback();
}

void RedisCache::Fail(const base::Status& status) {
  failures_.Increment();
  std::vector<Connection> dropped;
  std::lock_guard lock(mutex_);
  if (health_.ok()) logger_->warn("Redis cannot be used: {}", status.message());
  health_ = base::Unavailable(status.message());
  dropped.swap(idle_);
  up_.Set(0);
  wake_.notify_all();
  free_.notify_all();
}

base::Result<RedisCache::Connection> RedisCache::Borrow() {
  {
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return !health_.ok() || in_use_ < options_.connections; };
    if (!free_.wait_for(lock, options_.timeout, ready)) {
      return base::Unavailable("all connections to Redis are in use");
    }
    if (!health_.ok()) return health_;
    ++in_use_;
    while (!idle_.empty()) {
      Connection connection = std::move(idle_.back());
      idle_.pop_back();
      if (connection->Fresh()) return connection;
    }
  }
  auto opened = RedisConnection::Open(options_.address, options_.timeout, options_.tls.get());
  if (!opened.ok()) GiveBack(nullptr);
  return opened;
}

void RedisCache::GiveBack(Connection connection) {
  std::lock_guard lock(mutex_);
  --in_use_;
  if (connection && health_.ok()) idle_.push_back(std::move(connection));
  free_.notify_one();
}

base::Result<Reply> RedisCache::Exchange(const Command& command) {
  ENERGY_ASSIGN_OR_RETURN(Connection connection, Borrow());
  auto reply = connection->Run(command, options_.timeout);
  if (!reply.ok()) connection.reset();
  GiveBack(std::move(connection));
  return reply;
}

base::Result<Reply> RedisCache::Run(const Command& command) {
  if (const base::Status status = health(); !status.ok()) return status;
  const auto since = std::chrono::steady_clock::now();
  auto reply = Exchange(command);
  duration_.Observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count());
  if (!reply.ok()) {
    Fail(reply.status());
    return base::Unavailable(reply.status().message());
  }
  if (reply->kind != Reply::Kind::kError) return reply;
  failures_.Increment();
  return base::Internal("Redis answers: " + reply->text);
}

base::Result<std::optional<std::string>> RedisCache::Get(std::string_view key) {
  ENERGY_ASSIGN_OR_RETURN(Reply reply, Run({"GET", Prefixed(key)}));
  return ToText(std::move(reply));
}

base::Status RedisCache::Set(std::string_view key, std::string_view value, Duration ttl) {
  return Run({"SET", Prefixed(key), value, "PX", Text(ttl)}).status();
}

base::Result<bool> RedisCache::SetIfAbsent(std::string_view key, std::string_view value,
                                           Duration ttl) {
  ENERGY_ASSIGN_OR_RETURN(const Reply reply,
                          Run({"SET", Prefixed(key), value, "NX", "PX", Text(ttl)}));
  return reply.kind != Reply::Kind::kNull;
}

base::Result<std::optional<std::string>> RedisCache::Take(std::string_view key) {
  ENERGY_ASSIGN_OR_RETURN(Reply reply, Run({"GETDEL", Prefixed(key)}));
  return ToText(std::move(reply));
}

base::Result<int64_t> RedisCache::Increment(std::string_view key, Duration ttl) {
  ENERGY_ASSIGN_OR_RETURN(const Reply reply,
                          Run({"EVAL", kIncrement, "1", Prefixed(key), Text(ttl)}));
  if (reply.kind != Reply::Kind::kInteger) return base::Internal("Redis answers no number");
  return reply.integer;
}

base::Result<Taken> RedisCache::TakePlace(std::string_view key, int64_t limit, Duration window) {
  ENERGY_ASSIGN_OR_RETURN(const Reply reply, Run({"EVAL", kTakePlace, "1", Prefixed(key),
                                                  std::to_string(limit), Text(window)}));
  if (reply.list.size() != 3) return base::Internal("Redis answers no three numbers");
  return Taken{reply.list[0].integer == 1, reply.list[1].integer, Duration(reply.list[2].integer)};
}

}  // namespace energy::cache
