#include "app/stores.h"
#include "app/wiring_layers.h"

namespace energy::app {
namespace {

base::Status OpenStores(Parts& p) {
  ENERGY_ASSIGN_OR_RETURN(p.database, OpenDatabase(p.settings, p.data_dir.path(), p.logger));
  ENERGY_ASSIGN_OR_RETURN(
      p.store, OpenTelemetry(p.settings, p.data_dir.path(), p.clock, p.logger, p.metrics));
  const series::ReplayReport& replay = p.store->replay();
  p.logger->info("telemetry log replayed: {} readings of {} commits in {} ms{}", replay.readings,
                 replay.records, replay.took.count(),
                 replay.damaged_tail_bytes_or_records == 0
                     ? ""
                     : "; an unfinished write at its end was cut off");
  return {};
}

base::Status WireCache(Parts& p) {
  p.memory_cache = std::make_unique<cache::MemoryCache>(p.clock);
  p.shared_cache = p.counting_cache = p.memory_cache.get();
  if (p.settings.cache_url.empty()) return {};
  cache::RedisOptions options;
  const Settings& s = p.settings;
  ENERGY_ASSIGN_OR_RETURN(options.address, cache::ParseRedisUrl(s.cache_url));
  ENERGY_RETURN_IF_ERROR(
      cache::UsePassword(s.cache_password, s.cache_password_file, options.address));
  if (options.address.tls) {
    ENERGY_ASSIGN_OR_RETURN(
        options.tls,
        cache::TlsClient::Load({s.cache_tls_ca_file, s.cache_tls_certificate, s.cache_tls_key}));
  }
  options.timeout = std::chrono::milliseconds(p.settings.cache_timeout_ms);
  // Who blocks on it are the workers, and I/O threads only while it is local.
  options.connections = static_cast<size_t>(p.settings.worker_threads) + 1;
  p.redis = std::make_unique<cache::RedisCache>(options, base::Named(p.logger, "cache"), p.metrics);
  p.redis->OnReturn([&p] { p.auth->ShareEndedSessions(); });
  p.fallback = std::make_unique<cache::FallbackCache>(*p.redis, *p.memory_cache);
  p.shared_cache = p.redis.get();
  p.counting_cache = p.fallback.get();
  return {};
}

}  // namespace

base::Status WireStorage(Parts& p) {
  ENERGY_RETURN_IF_ERROR(OpenStores(p));
  return WireCache(p);
}

}  // namespace energy::app
