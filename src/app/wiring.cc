#include "app/wiring.h"

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "api/gateway.h"
#include "api/resources.h"
#include "api/web.h"
#include "app/stores.h"
#include "app/version.h"
#include "auth/key_file.h"
#include "base/yaml.h"
#include "sqlquery/tables.h"

namespace energy::app {
namespace {

constexpr size_t kFeedQueueReadings = 500'000;
constexpr size_t kLiveQueueReadings = 50'000;
constexpr size_t kDeadLetterQueueBytes = 16 << 20;
constexpr size_t kWorkerQueue = 4096;
constexpr size_t kPasswordQueue = 256;
constexpr size_t kSqlQueue = 16;
constexpr unsigned kOidcThreads = 2;
constexpr size_t kOidcQueue = 64;
constexpr size_t kKeyBytes = 32;

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
  ENERGY_ASSIGN_OR_RETURN(options.address, cache::ParseRedisUrl(p.settings.cache_url));
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

base::Status WireAuth(Parts& p) {
  const Settings& s = p.settings;
  const auto keys = p.data_dir.path() / "keys";
  std::string jwt_key = s.jwt_secret;
  if (jwt_key.empty()) {
    ENERGY_ASSIGN_OR_RETURN(jwt_key, auth::LoadOrCreateKey(keys / "jwt.key", kKeyBytes, p.random));
  } else if (jwt_key.size() < kKeyBytes) {
    return base::InvalidField("auth.jwt_secret", "must have at least 32 bytes");
  }
  auth::AuthOptions options;
  options.access_ttl = std::chrono::seconds(s.access_token_s);
  options.refresh_ttl = std::chrono::seconds(s.refresh_token_s);
  options.bcrypt_cost = static_cast<unsigned>(s.bcrypt_cost);
  options.throttle.free_failures = static_cast<int>(s.login_free_failures);
  options.throttle.free_failures_per_address = static_cast<int>(s.login_free_failures_per_address);
  options.trust_without_cache = s.sessions_without_cache == "accept";
  ENERGY_ASSIGN_OR_RETURN(options.credential_key,
                          auth::LoadOrCreateKey(keys / "credentials.key", kKeyBytes, p.random));
  const base::Logger logger = base::Named(p.logger, "auth");
  p.auth = std::make_unique<auth::AuthService>(
      *p.database, auth::AuthCaches{*p.shared_cache, *p.counting_cache}, p.clock, p.random,
      std::move(jwt_key), options, logger);
  ENERGY_RETURN_IF_ERROR(p.auth->Load());
  p.users = std::make_unique<auth::UserService>(*p.database, p.clock, p.random, *p.auth,
                                                options.bcrypt_cost, logger);
  p.api_keys = std::make_unique<auth::ApiKeyService>(*p.database, p.clock, p.random,
                                                     p.auth->accounts(), logger);
  p.second_factors = std::make_unique<auth::SecondFactorService>(*p.database, *p.auth, logger);

  const auto given = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
  };
  ENERGY_ASSIGN_OR_RETURN(const auth::FirstAdmin admin,
                          p.auth->EnsureFirstAdmin(given(s.admin_email), given(s.admin_password)));
  if (admin.created) {
    p.first_admin = {admin.email, admin.generated_password.value_or(s.admin_password)};
    const base::Json file{{"email", p.first_admin->email}, {"password", p.first_admin->password}};
    ENERGY_RETURN_IF_ERROR(
        p.data_dir.WriteFile("admin-credentials.json", file.dump(2) + "\n", /*private_file=*/true));
  }

  ENERGY_ASSIGN_OR_RETURN(std::string mqtt_key,
                          auth::LoadOrCreateKey(keys / "mqtt.key", kKeyBytes, p.random));
  p.mqtt_access = std::make_unique<auth::MqttAccess>(
      *p.database, p.clock, p.random, std::move(mqtt_key),
      auth::MqttAccessOptions{.allow_anonymous = s.mqtt_allow_anonymous},
      base::Named(p.logger, "auth"));
  return p.mqtt_access->Load();
}

base::Status WireOidc(Parts& p) {
  ENERGY_ASSIGN_OR_RETURN(std::optional<oidc::Options> options, p.settings.oidc.Check());
  if (!options) return {};
  p.oidc_http =
      std::make_unique<http::Outgoing>(http::OutgoingOptions{.ca_file = p.settings.oidc.ca_file});
  const oidc::LoginParts parts{*p.oidc_http,
                               *p.database,
                               *p.auth,
                               *p.shared_cache,
                               p.clock,
                               p.random,
                               static_cast<unsigned>(p.settings.bcrypt_cost)};
  p.oidc = std::make_unique<oidc::Login>(std::move(*options), parts, base::Named(p.logger, "oidc"));
  // A provider that does not answer holds these threads and no others.
  p.oidc_workers = std::make_unique<base::WorkerPool>("oidc", kOidcThreads, kOidcQueue);
  return {};
}

base::Status WireDevices(Parts& p) {
  p.registry = std::make_unique<devices::Registry>();
  p.last_seen = std::make_unique<devices::LastSeenTracker>(*p.database, p.clock,
                                                           base::Named(p.logger, "devices"));
  p.devices = std::make_unique<devices::DeviceService>(*p.database, p.clock, *p.registry,
                                                       p.last_seen.get());
  p.devices->DeleteTelemetryBy([&p](std::string_view id) { return p.store->DeleteDevice(id); });
  // Rules, alerts and credentials of a deleted device went with it: the copies in memory follow.
  p.devices->OnDeleted([&p](std::string_view device_id) {
    for (const base::Status& status : {p.mqtt_access->Load(), p.rules->Load()}) {
      if (status.ok()) continue;
      p.logger->error("after the deletion of {}: {}", device_id, status.ToString());
    }
  });
  return p.devices->Load();
}

base::Status WireRules(Parts& p) {
  p.engine = std::make_unique<rules::Engine>(*p.store, p.metrics);
  const auto unit_of = [&p](const std::string& device_id,
                            const std::string& property) -> std::optional<std::string> {
    const auto device = p.registry->Find(device_id);
    if (!device || !device->profile) return std::nullopt;
    for (const devices::ProfileField& field : device->profile->fields) {
      if (field.name == property) return field.unit;
    }
    return std::nullopt;
  };
  p.alerts =
      std::make_unique<alerts::AlertService>(*p.database, p.clock, p.random, *p.engine, unit_of,
                                             base::Named(p.logger, "alerts"), p.metrics);
  p.rules = std::make_unique<rules::RuleService>(
      *p.database, p.clock, p.random, *p.registry, *p.engine,
      [&p](const std::vector<rules::Transition>& ended) { p.alerts->Apply(ended); });
  return p.rules->Load();
}

base::Status WireTelemetry(Parts& p) {
  const Settings& s = p.settings;
  p.feed = std::make_unique<telemetry::Feed>(p.metrics);
  p.activity = std::make_unique<telemetry::Activity>(*p.store, *p.registry, *p.last_seen, p.clock,
                                                     p.metrics);
  p.live = std::make_unique<telemetry::LiveHub>(*p.store);
  p.dead_letters =
      std::make_unique<telemetry::DeadLetterRepository>(*p.database, p.random, p.clock);
  p.dead_letter_writer = std::make_unique<telemetry::DeadLetterWriter>(
      *p.dead_letters, kDeadLetterQueueBytes, base::Named(p.logger, "telemetry"), p.metrics);
  p.device_table = std::make_unique<telemetry::DeviceTableSource>(
      *p.registry, *p.store, base::Named(p.logger, "telemetry"));
  ENERGY_RETURN_IF_ERROR(p.device_table->Rebuild());
  telemetry::CommitterOptions committer;
  committer.queue_bytes = static_cast<size_t>(s.telemetry_queue_bytes);
  p.committer = std::make_unique<telemetry::Committer>(
      committer, *p.store, *p.feed, p.clock, base::Named(p.logger, "telemetry"), p.metrics);
  p.queries = std::make_unique<query::Engine>(*p.store, *p.registry, p.clock);
  const telemetry::IngestOptions ingest{
      .max_future = std::chrono::seconds(s.telemetry_max_future_s),
      .device_tag = s.telemetry_device_tag};
  p.ingest =
      std::make_unique<telemetry::MqttIngest>(p.io->count(), ingest, *p.store, *p.device_table,
                                              *p.committer, *p.dead_letter_writer, p.clock);
  p.lanes = std::make_unique<telemetry::LanePool>(ingest, *p.store, *p.device_table, *p.committer,
                                                  *p.dead_letter_writer, p.clock);
  p.replay = std::make_unique<telemetry::DeadLetterReplay>(*p.dead_letters, *p.lanes);
  p.health = std::make_unique<health::HealthService>(*p.store, *p.registry, *p.activity,
                                                     *p.dead_letters, p.clock);
  p.device_monitor = std::make_unique<health::DeviceMonitor>(
      *p.devices, *p.registry, *p.activity, *p.health, p.clock, base::Named(p.logger, "devices"));
  p.dead_letter_writer->OnWritten([&p](const auto& letters) { p.activity->OnRejected(letters); });

  p.feed->Subscribe(
      "rules",
      [&p, transitions =
               std::vector<rules::Transition>()](const telemetry::CommittedBatch& batch) mutable {
        transitions.clear();
        p.engine->Evaluate(batch, transitions);
        p.alerts->Apply(transitions);
      },
      telemetry::Overflow::kHoldIngest, kFeedQueueReadings);
  p.feed->Subscribe(
      "live", [&p](const telemetry::CommittedBatch& batch) { p.live->OnBatch(batch); },
      telemetry::Overflow::kDropOldest, kLiveQueueReadings);
  p.feed->Subscribe(
      "devices", [&p](const telemetry::CommittedBatch& batch) { p.activity->OnBatch(batch); },
      telemetry::Overflow::kHoldIngest, kFeedQueueReadings);
  return {};
}

mqtt::TlsOptions TlsOf(const Settings& s) {
  mqtt::TlsOptions tls;
  tls.certificate = s.mqtt_tls_certificate;
  tls.key = s.mqtt_tls_key;
  tls.client_ca = s.mqtt_tls_client_ca;
  using Clients = mqtt::TlsOptions::ClientCertificates;
  tls.client_certificates = s.mqtt_tls_client_certificates == "require"    ? Clients::kRequire
                            : s.mqtt_tls_client_certificates == "optional" ? Clients::kOptional
                                                                           : Clients::kOff;
  using Name = mqtt::TlsOptions::UserName;
  tls.user_name = s.mqtt_tls_user_name == "cn"    ? Name::kCommonName
                  : s.mqtt_tls_user_name == "san" ? Name::kSubjectAltName
                                                  : Name::kOff;
  return tls;
}

void WireBroker(Parts& p) {
  const Settings& s = p.settings;
  mqtt::BrokerOptions options;
  options.tls = TlsOf(s);
  options.tls_port = static_cast<uint16_t>(s.mqtt_tls_port);
  options.web_socket = s.mqtt_websocket_enabled;
  options.web_socket_port = static_cast<uint16_t>(s.mqtt_websocket_port);
  options.web_socket_tls_port = static_cast<uint16_t>(s.mqtt_websocket_tls_port);
  options.address = s.mqtt_address;
  options.port = static_cast<uint16_t>(s.mqtt_port);
  options.allow_anonymous = s.mqtt_allow_anonymous;
  options.admission.max_connections = static_cast<uint32_t>(s.mqtt_max_connections);
  options.admission.max_connections_per_address =
      static_cast<uint32_t>(s.mqtt_max_connections_per_address);
  options.admission.max_connects_per_second = static_cast<uint32_t>(s.mqtt_max_connects_per_second);
  options.admission.max_connects_per_minute_per_client =
      static_cast<uint32_t>(s.mqtt_max_connects_per_minute_per_client);
  options.admission.max_connects_per_minute_per_address =
      static_cast<uint32_t>(s.mqtt_max_connects_per_minute_per_address);
  options.admission.free_login_failures = static_cast<uint32_t>(s.mqtt_free_login_failures);
  options.max_messages_per_second = static_cast<uint32_t>(s.mqtt_max_messages_per_second);
  options.max_bytes_per_second = static_cast<uint64_t>(s.mqtt_max_bytes_per_second);
  options.max_total_messages_per_second =
      static_cast<uint32_t>(s.mqtt_max_total_messages_per_second);
  options.max_total_bytes_per_second = static_cast<uint64_t>(s.mqtt_max_total_bytes_per_second);
  options.max_subscriptions_per_client = static_cast<size_t>(s.mqtt_max_subscriptions);
  options.version = kVersion;
  options.max_packet_bytes = static_cast<uint32_t>(s.mqtt_max_packet_bytes);
  options.receive_maximum = static_cast<uint16_t>(s.mqtt_receive_maximum);
  options.max_keep_alive_s = static_cast<uint16_t>(s.mqtt_max_keep_alive_s);
  options.max_outbound_bytes = static_cast<size_t>(s.mqtt_max_queued_bytes);
  options.max_queued_messages = static_cast<size_t>(s.mqtt_max_queued_messages);
  options.max_queued_total_bytes = static_cast<size_t>(s.mqtt_max_queued_total_bytes);
  options.max_sessions = static_cast<size_t>(s.mqtt_max_sessions);
  options.max_session_expiry_s = static_cast<uint32_t>(s.mqtt_max_session_expiry_s);
  options.max_retained_messages = static_cast<size_t>(s.mqtt_max_retained_messages);
  options.max_retained_bytes = static_cast<size_t>(s.mqtt_max_retained_bytes);
  options.session_folder = p.data_dir.path() / "mqtt";
  options.stop_timeout = std::chrono::milliseconds(1000);
  p.broker = std::make_unique<mqtt::Broker>(options, *p.io, *p.mqtt_access, *p.ingest, p.clock,
                                            base::Named(p.logger, "mqtt"), p.metrics);
  const auto acknowledge = [&p](std::span<const mqtt::AckToken> tokens,
                                mqtt::PublishResult result) { p.broker->Complete(tokens, result); };
  const auto resume = [&p] {
    if (!p.ingest->Saturated(0)) p.broker->ResumeReading();
  };
  using Names = auth::MqttAccess::Names;
  p.mqtt_access->OnChange([&p](const Names& names) { p.broker->DisconnectUsers(names); },
                          [&p](const Names& names) { p.broker->RenewUsers(names); });
  p.committer->Connect(acknowledge, resume);
  p.dead_letter_writer->Connect(acknowledge, resume);
}

void WireSqlQueries(Parts& p) {
  const Settings& s = p.settings;
  const auto concurrent = static_cast<size_t>(s.query_sql_concurrent);
  sqlquery::Options options;
  options.limits = {.memory_bytes = static_cast<uint64_t>(s.query_sql_memory_bytes),
                    .time = std::chrono::seconds(s.query_sql_time_s),
                    .rows = static_cast<uint64_t>(s.query_sql_rows),
                    .result_bytes = static_cast<uint64_t>(s.query_sql_result_bytes)};
  options.concurrent = concurrent;
  options.waiting = concurrent;
  const auto tables = [&p]() -> base::Result<sqlquery::Tables> {
    sqlquery::Tables made;
    made.push_back(sqlquery::MakeTelemetryTable(*p.store, *p.registry));
    made.push_back(sqlquery::MakeDeviceTable(*p.devices));
    made.push_back(sqlquery::MakeAlertTable(*p.alerts));
    return made;
  };
  p.sql_queries = std::make_unique<sqlquery::SqlService>(options, tables, p.clock,
                                                         base::Named(p.logger, "sql"), p.metrics);
  // A thread for each query that runs or waits, and room for refusals.
  p.sql_workers = std::make_unique<base::WorkerPool>(
      "sql", static_cast<unsigned>(2 * concurrent + 1), kSqlQueue);
}

void AddChecks(Parts& p) {
  p.checks.Add("metadata", [&p] { return p.database->Check(); });
  p.checks.Add("telemetry", [&p] {
    if (const base::Status status = p.committer->health(); !status.ok()) return status;
    const series::StoreStats stats = p.store->Stats();
    return stats.writable ? base::Status() : base::Unavailable(stats.error);
  });
  // Where sessions are accepted without it, an outage costs shared limits only.
  if (p.redis && p.settings.sessions_without_cache == "refuse") {
    p.checks.Add("cache", [&p] { return p.redis->health(); });
  }
  p.checks.Add("mqtt sessions", [&p] { return p.broker->health(); });
  p.checks.Add("dead letters", [&p] { return p.dead_letter_writer->health(); });
}

std::filesystem::path WebDir(const Settings& settings) {
  if (!settings.web_dir.empty()) return settings.web_dir;
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "web";
}

api::RateLimits LimitsOf(const Settings& s) {
  if (!s.limits_enabled) return {.per_minute = {}};
  return {.per_minute = {s.limits_auth, s.limits_devices, s.limits_data, s.limits_others,
                         s.limits_ingest}};
}

void WireAccessLog(Parts& p) {
  if (p.settings.access_log.empty()) return;
  std::filesystem::path path = p.settings.access_log;
  if (path != "-") path = p.data_dir.path() / path;  // an absolute one stays
  p.access_log =
      std::make_unique<http::AccessLog>(path, static_cast<uintmax_t>(p.settings.access_log_bytes),
                                        base::Named(p.logger, "access-log"), p.metrics);
  p.router->SetObserver([&p](const http::Request& request, const http::Response& response,
                             std::chrono::nanoseconds took) {
    p.access_log->Add(http::AccessLine(request, response, p.clock.Now(), took));
  });
}

base::Status WireApi(Parts& p) {
  p.envelope = std::make_unique<api::Envelope>(p.clock);
  p.router = std::make_unique<http::Router>();
  p.rate_limiter = std::make_unique<api::RateLimiter>(LimitsOf(p.settings), *p.counting_cache);
  p.routes = std::make_unique<api::Routes>(*p.router, *p.auth, *p.envelope, *p.rate_limiter);
  const api::Envelope& envelope = *p.envelope;
  api::UseCors(*p.router, p.settings.cors_origins);
  api::UseSecurityHeaders(*p.router, envelope);
  api::UseRateLimitHeaders(*p.router);
  api::UseEntityTags(*p.router);
  WireAccessLog(p);

  const api::AuthRouteParts auth{*p.auth, *p.users, *p.password_workers,
                                 std::chrono::seconds(p.settings.refresh_token_s)};
  api::AddAuthRoutes(*p.routes, auth, envelope);
  api::AddUserRoutes(*p.routes, auth, envelope);
  api::AddSecondFactorRoutes(*p.routes, {*p.second_factors, *p.password_workers}, envelope);
  api::AddOidcRoutes(
      *p.routes, {p.oidc.get(), p.oidc_workers.get(), p.settings.oidc.label, auth.refresh_lifetime},
      envelope);
  api::AddApiKeyRoutes(*p.routes, *p.api_keys, envelope);
  api::AddDeviceRoutes(*p.routes, {*p.devices, *p.mqtt_access, *p.queries, *p.health, p.clock},
                       envelope);
  api::AddDeviceCsvRoutes(*p.routes, {*p.devices, *p.registry}, envelope);
  api::AddQueryRoutes(*p.routes, *p.queries, {*p.sql_queries, *p.sql_workers}, p.clock, envelope);
  api::AddProfileRoutes(*p.routes, {*p.devices, *p.registry, *p.rules}, envelope);
  api::AddIngestRoutes(*p.router,
                       {*p.auth, *p.mqtt_access, *p.lanes, *p.workers, p.clock, kVersion,
                        *p.rate_limiter, p.redis ? http::Run::kWorker : http::Run::kBySize},
                       envelope);
  api::AddArrivalRoutes(*p.routes, {*p.activity, *p.dead_letter_writer, *p.registry}, envelope);
  api::AddDeadLetterRoutes(*p.routes, {*p.dead_letters, *p.replay}, envelope);
  api::AddLiveRoute(*p.routes, *p.auth, *p.registry, *p.store, *p.live, envelope);
  api::AddRuleRoutes(*p.routes, *p.rules, envelope);
  api::AddAlertRoutes(*p.routes, *p.alerts, envelope);
  p.audit = std::make_unique<audit::AuditLog>(*p.database);
  api::AddAuditRoutes(*p.routes, *p.audit, envelope);
  api::AddMqttRoutes(*p.routes, *p.broker, envelope);
  api::AddMqttAccessRoutes(*p.routes, *p.mqtt_access, envelope);
  AddChecks(p);
  api::AddSystemRoutes(
      *p.routes,
      {p.checks, p.metrics, p.clock, kVersion, p.settings.roles,
       [&p] {
         const series::StoreStats stats = p.store->Stats();
         return base::Json{{"telemetry_bytes", stats.chunk_bytes + stats.log_bytes},
                           {"metadata_bytes", p.database->SizeBytes()},
                           {"free_bytes", p.data_dir.FreeBytes()}};
       },
       [&p] { return static_cast<uint64_t>(p.broker->stats().connections); }, *p.activity,
       *p.dead_letter_writer, *p.registry,
       [&p] {
         const auto text = base::YamlToJson(PrintSettings(p.settings));
         return text.ok() ? *text : base::Json::object();
       }},
      envelope);

  p.routes->CheckTable();

  if (auto web = http::StaticFiles::Load(WebDir(p.settings)); web.ok()) {
    p.web = std::move(web).value();
  } else {
    p.logger->warn("no web page: {}", web.status().message());
  }
  api::AddWebPage(*p.router, p.web ? &*p.web : nullptr, envelope);

  http::ServerOptions options;
  ENERGY_ASSIGN_OR_RETURN(options.trusted_proxies,
                          http::TrustedProxies::Parse(p.settings.trusted_proxies));
  options.max_connections = static_cast<uint32_t>(p.settings.http_max_connections);
  options.address = p.settings.http_address;
  options.port = static_cast<uint16_t>(p.settings.http_port);
  options.stop_timeout = std::chrono::milliseconds(1000);
  p.server = std::make_unique<http::Server>(options, *p.io, *p.workers, *p.router, p.clock,
                                            p.random, base::Named(p.logger, "http"), p.metrics);
  if (p.settings.http_tls_certificate.empty()) return {};
  options.port = static_cast<uint16_t>(p.settings.http_tls_port);
  options.tls_certificate = p.settings.http_tls_certificate;
  options.tls_key = p.settings.http_tls_key;
  p.tls_server =
      std::make_unique<http::Server>(options, *p.io, *p.workers, *p.router, p.clock, p.random,
                                     base::Named(p.logger, "https"), p.metrics);
  return {};
}

}  // namespace

base::Status Wire(Parts& p) {
  ENERGY_RETURN_IF_ERROR(OpenStores(p));
  p.io = std::make_unique<base::IoThreads>(static_cast<unsigned>(p.settings.io_threads));
  p.workers = std::make_unique<base::WorkerPool>(
      "worker", static_cast<unsigned>(p.settings.worker_threads), kWorkerQueue);
  // Half of the cores: the other half keeps answering while everybody logs in.
  p.password_workers = std::make_unique<base::WorkerPool>(
      "passwords", std::max(1U, std::thread::hardware_concurrency() / 2), kPasswordQueue);
  ENERGY_RETURN_IF_ERROR(WireCache(p));
  ENERGY_RETURN_IF_ERROR(WireAuth(p));
  ENERGY_RETURN_IF_ERROR(WireOidc(p));
  ENERGY_RETURN_IF_ERROR(WireDevices(p));
  ENERGY_RETURN_IF_ERROR(WireRules(p));
  ENERGY_RETURN_IF_ERROR(WireTelemetry(p));
  WireBroker(p);
  WireSqlQueries(p);
  ENERGY_RETURN_IF_ERROR(WireApi(p));
  p.snapshots = std::make_unique<maintenance::SnapshotServer>(
      p.data_dir.path(),
      [&p](const std::filesystem::path& folder) {
        return maintenance::WriteSnapshot(folder, *p.database, *p.store, PrintSettings(p.settings));
      },
      base::Named(p.logger, "snapshots"));
  // Stopped in reverse: first what brings work in, last what keeps it.
  p.services = {p.store.get(),
                p.last_seen.get(),
                p.alerts.get(),
                p.feed.get(),
                p.committer.get(),
                p.dead_letter_writer.get(),
                p.workers.get(),
                p.sql_workers.get(),
                p.password_workers.get(),
                &p.auth->accounts(),
                p.io.get(),
                p.broker.get(),
                p.mqtt_access.get(),
                p.server.get(),
                p.sql_queries.get(),
                p.snapshots.get(),
                p.device_monitor.get()};
  if (p.tls_server) p.services.push_back(p.tls_server.get());
  if (p.oidc) {
    p.services.insert(p.services.begin(), p.oidc_workers.get());
    p.services.push_back(p.oidc_http.get());  // what waits for the provider ends first
  }
  if (p.access_log) p.services.insert(p.services.begin(), p.access_log.get());
  if (p.redis) p.services.insert(p.services.begin(), p.redis.get());
  return {};
}

}  // namespace energy::app
