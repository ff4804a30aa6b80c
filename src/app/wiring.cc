#include "app/wiring.h"

#include <unistd.h>

#include "api/resources.h"
#include "api/web.h"
#include "app/version.h"
#include "auth/key_file.h"

namespace energy::app {
namespace {

constexpr size_t kFeedQueueReadings = 500'000;
constexpr size_t kLiveQueueReadings = 50'000;
constexpr size_t kDeadLetterQueueBytes = 16 << 20;
constexpr size_t kWorkerQueue = 4096;
constexpr size_t kKeyBytes = 32;

base::Status OpenStores(Parts& p) {
  const Settings& s = p.settings;
  const std::string url =
      s.sql_url.empty() ? "sqlite://" + (p.data_dir.path() / "metadata.db").string() : s.sql_url;
  ENERGY_ASSIGN_OR_RETURN(
      p.database, sql::Database::Open({.url = url, .pool_size = 6}, base::Named(p.logger, "sql")));
  ENERGY_RETURN_IF_ERROR(p.database->Migrate(p.clock));

  series::EmbeddedOptions options;
  options.path = p.data_dir.path() / "series";
  options.head_bytes = static_cast<size_t>(s.series_head_bytes);
  options.block_cache_bytes = static_cast<size_t>(s.series_cache_bytes);
  options.seal_age = std::chrono::seconds(s.series_seal_age_s);
  ENERGY_ASSIGN_OR_RETURN(
      p.store,
      series::EmbeddedStore::Open(options, p.clock, base::Named(p.logger, "series"), p.metrics));
  const series::ReplayReport& replay = p.store->replay();
  p.logger->info("telemetry log replayed: {} readings of {} commits in {} ms{}", replay.readings,
                 replay.records, replay.took.count(),
                 replay.damaged_tail_bytes_or_records == 0
                     ? ""
                     : "; an unfinished write at its end was cut off");
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
  p.auth = std::make_unique<auth::AuthService>(*p.database, p.clock, p.random, std::move(jwt_key),
                                               options, base::Named(p.logger, "auth"));
  ENERGY_RETURN_IF_ERROR(p.auth->Load());

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

base::Status WireDevices(Parts& p) {
  p.registry = std::make_unique<devices::Registry>();
  p.last_seen = std::make_unique<devices::LastSeenTracker>(*p.database, p.clock,
                                                           base::Named(p.logger, "devices"));
  p.devices = std::make_unique<devices::DeviceService>(*p.database, p.clock, *p.registry,
                                                       p.last_seen.get());
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
  p.activity = std::make_unique<telemetry::Activity>(*p.store, *p.last_seen, p.clock, p.metrics);
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
  p.queries = std::make_unique<telemetry::Queries>(*p.store, *p.registry);
  p.ingest = std::make_unique<telemetry::MqttIngest>(
      p.io->count(),
      telemetry::IngestOptions{.max_future = std::chrono::seconds(s.telemetry_max_future_s)},
      *p.store, *p.device_table, *p.committer, *p.dead_letter_writer, p.clock);

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

void WireBroker(Parts& p) {
  const Settings& s = p.settings;
  mqtt::BrokerOptions options;
  options.address = s.mqtt_address;
  options.port = static_cast<uint16_t>(s.mqtt_port);
  options.allow_anonymous = s.mqtt_allow_anonymous;
  options.max_connections = static_cast<uint32_t>(s.mqtt_max_connections);
  options.max_packet_bytes = static_cast<uint32_t>(s.mqtt_max_packet_bytes);
  options.receive_maximum = static_cast<uint16_t>(s.mqtt_receive_maximum);
  options.stop_timeout = std::chrono::milliseconds(1000);
  p.broker = std::make_unique<mqtt::Broker>(options, *p.io, *p.mqtt_access, *p.ingest, p.clock,
                                            base::Named(p.logger, "mqtt"), p.metrics);
  const auto acknowledge = [&p](std::span<const mqtt::AckToken> tokens,
                                mqtt::PublishResult result) { p.broker->Complete(tokens, result); };
  const auto resume = [&p] {
    if (!p.ingest->Saturated(0)) p.broker->ResumeReading();
  };
  p.mqtt_access->OnRevoked([&p](std::string_view username) { p.broker->DisconnectUser(username); });
  p.committer->Connect(acknowledge, resume);
  p.dead_letter_writer->Connect(acknowledge, resume);
}

void AddChecks(Parts& p) {
  p.checks.Add("metadata", [&p] { return p.database->Check(); });
  p.checks.Add("telemetry", [&p] {
    if (const base::Status status = p.committer->health(); !status.ok()) return status;
    const series::StoreStats stats = p.store->Stats();
    return stats.writable ? base::Status() : base::Unavailable(stats.error);
  });
  p.checks.Add("dead letters", [&p] { return p.dead_letter_writer->health(); });
}

std::filesystem::path WebDir(const Settings& settings) {
  if (!settings.web_dir.empty()) return settings.web_dir;
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "web";
}

void WireApi(Parts& p) {
  p.envelope = std::make_unique<api::Envelope>(p.clock);
  p.router = std::make_unique<http::Router>();
  p.routes = std::make_unique<api::Routes>(*p.router, *p.auth, *p.envelope);
  const api::Envelope& envelope = *p.envelope;
  api::UseSecurityHeaders(*p.router, envelope);

  api::AddAuthRoutes(*p.routes, *p.auth, std::chrono::seconds(p.settings.refresh_token_s),
                     envelope);
  api::AddDeviceRoutes(*p.routes, {*p.devices, *p.mqtt_access, *p.queries, p.clock}, envelope);
  api::AddTelemetryRoutes(
      *p.routes, {*p.queries, *p.activity, *p.dead_letters, *p.dead_letter_writer, p.clock},
      envelope);
  api::AddLiveRoute(*p.routes, *p.auth, *p.registry, *p.store, *p.live, envelope);
  api::AddRuleRoutes(*p.routes, *p.rules, envelope);
  api::AddAlertRoutes(*p.routes, *p.alerts, envelope);
  AddChecks(p);
  api::AddSystemRoutes(*p.routes,
                       {p.checks, p.metrics, p.clock, kVersion, p.settings.roles,
                        [&p] {
                          const series::StoreStats stats = p.store->Stats();
                          return base::Json{
                              {"telemetry_bytes", stats.chunk_bytes + stats.log_bytes},
                              {"metadata_bytes", p.database->SizeBytes()},
                              {"free_bytes", p.data_dir.FreeBytes()}};
                        },
                        [&p] { return static_cast<uint64_t>(p.broker->stats().connections); }},
                       envelope);

  if (auto web = http::StaticFiles::Load(WebDir(p.settings)); web.ok()) {
    p.web = std::move(web).value();
  } else {
    p.logger->warn("no web page: {}", web.status().message());
  }
  api::AddWebPage(*p.router, p.web ? &*p.web : nullptr, envelope);

  http::ServerOptions options;
  options.address = p.settings.http_address;
  options.port = static_cast<uint16_t>(p.settings.http_port);
  options.stop_timeout = std::chrono::milliseconds(1000);
  p.server = std::make_unique<http::Server>(options, *p.io, *p.workers, *p.router, p.clock,
                                            p.random, base::Named(p.logger, "http"), p.metrics);
}

}  // namespace

base::Status Wire(Parts& p) {
  ENERGY_RETURN_IF_ERROR(OpenStores(p));
  p.io = std::make_unique<base::IoThreads>(static_cast<unsigned>(p.settings.io_threads));
  p.workers = std::make_unique<base::WorkerPool>(
      "worker", static_cast<unsigned>(p.settings.worker_threads), kWorkerQueue);
  ENERGY_RETURN_IF_ERROR(WireAuth(p));
  ENERGY_RETURN_IF_ERROR(WireDevices(p));
  ENERGY_RETURN_IF_ERROR(WireRules(p));
  ENERGY_RETURN_IF_ERROR(WireTelemetry(p));
  WireBroker(p);
  WireApi(p);
  // Stopped in reverse: first what brings work in, last what keeps it.
  p.services = {p.store.get(),   p.last_seen.get(), p.alerts.get(),
                p.feed.get(),    p.committer.get(), p.dead_letter_writer.get(),
                p.workers.get(), p.io.get(),        p.broker.get(),
                p.server.get()};
  return {};
}

}  // namespace energy::app
