#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "alerts/alert_service.h"
#include "alerts/live_hub.h"
#include "api/envelope.h"
#include "api/health.h"
#include "api/routes.h"
#include "app/data_dir.h"
#include "app/platform.h"
#include "app/settings.h"
#include "audit/audit_log.h"
#include "audit/retention.h"
#include "auth/api_key_service.h"
#include "auth/auth_service.h"
#include "auth/mqtt_access.h"
#include "auth/mqtt_credential_service.h"
#include "auth/second_factor_service.h"
#include "auth/user_service.h"
#include "base/io_threads.h"
#include "base/random.h"
#include "base/repeater.h"
#include "base/worker_pool.h"
#include "cache/fallback_cache.h"
#include "cache/redis_cache.h"
#include "devices/device_service.h"
#include "health/device_monitor.h"
#include "http/access_log.h"
#include "http/mailer.h"
#include "http/outgoing.h"
#include "http/server.h"
#include "http/static_files.h"
#include "maintenance/backup.h"
#include "maintenance/snapshot_socket.h"
#include "mqtt/broker.h"
#include "notifications/outbox.h"
#include "notifications/preferences.h"
#include "notifications/renderer.h"
#include "notifications/rule_routing.h"
#include "notifications/sender.h"
#include "notifications/service.h"
#include "oidc/login.h"
#include "query/engine.h"
#include "rules/ticker.h"
#include "series/embedded_store.h"
#include "sqlquery/service.h"
#include "telemetry/activity.h"
#include "telemetry/committer.h"
#include "telemetry/dead_letter_replay.h"
#include "telemetry/dead_letter_writer.h"
#include "telemetry/ingest.h"
#include "telemetry/live_hub.h"

namespace energy::app {

/// Everything that runs, in the order of dependencies; members are destroyed in reverse.
struct Parts {
  Parts(Settings s, DataDir d, base::Logger l)
      : settings(std::move(s)), data_dir(std::move(d)), logger(std::move(l)) {}

  Settings settings;
  DataDir data_dir;
  base::Logger logger;
  base::SystemClock clock;
  base::SystemRandom random;
  base::Metrics metrics;
  api::HealthChecks checks;
  std::optional<Platform::FirstAdmin> first_admin;

  std::unique_ptr<base::IoThreads> io;
  std::unique_ptr<base::WorkerPool> workers;
  std::unique_ptr<base::WorkerPool> password_workers;
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<series::EmbeddedStore> store;

  std::unique_ptr<cache::MemoryCache> memory_cache;
  std::unique_ptr<cache::RedisCache> redis;        ///< with cache.url only
  std::unique_ptr<cache::FallbackCache> fallback;  ///< the same
  cache::Cache* shared_cache = nullptr;            ///< what replicas share, with its errors
  cache::Cache* counting_cache = nullptr;          ///< the same, or the own memory while it fails

  std::unique_ptr<audit::AuditLog> audit;
  std::unique_ptr<audit::Retention> audit_retention;
  std::unique_ptr<auth::AuthService> auth;
  std::unique_ptr<auth::UserService> users;
  std::unique_ptr<auth::ApiKeyService> api_keys;
  std::unique_ptr<auth::SecondFactorService> second_factors;
  std::unique_ptr<http::Outgoing> oidc_http;  ///< these three with auth.oidc.issuer only
  std::unique_ptr<oidc::Login> oidc;
  std::unique_ptr<base::WorkerPool> oidc_workers;
  std::unique_ptr<auth::MqttAccess> mqtt_access;
  std::unique_ptr<auth::MqttCredentialService> mqtt_credentials;
  std::unique_ptr<devices::Registry> registry;
  std::unique_ptr<devices::LastSeenTracker> last_seen;
  std::unique_ptr<devices::DeviceService> devices;
  std::unique_ptr<base::Repeater> registry_watch;  ///< with PostgreSQL only

  std::unique_ptr<http::Outgoing> notification_outgoing;
  std::unique_ptr<http::Mailer> mailer;
  notifications::Channels channels;
  std::unique_ptr<notifications::Renderer> renderer;
  std::unique_ptr<notifications::Outbox> outbox;
  std::unique_ptr<notifications::Sender> sender;
  std::unique_ptr<notifications::NotificationService> notifications;
  std::unique_ptr<notifications::PreferencesService> preferences;
  std::unique_ptr<notifications::RuleRoutingService> rule_routing;

  std::unique_ptr<rules::Engine> engine;
  std::unique_ptr<alerts::LiveHub> live_alerts;
  std::unique_ptr<alerts::AlertService> alerts;
  std::unique_ptr<rules::RuleService> rules;
  std::unique_ptr<rules::Ticker> ticker;

  std::unique_ptr<telemetry::Feed> feed;
  std::unique_ptr<telemetry::Activity> activity;
  std::unique_ptr<telemetry::LiveHub> live;
  std::unique_ptr<telemetry::DeadLetterRepository> dead_letters;
  std::unique_ptr<telemetry::DeadLetterWriter> dead_letter_writer;
  std::unique_ptr<telemetry::DeviceTableSource> device_table;
  std::unique_ptr<telemetry::Committer> committer;
  std::unique_ptr<telemetry::MqttIngest> ingest;
  std::unique_ptr<telemetry::LanePool> lanes;
  std::unique_ptr<telemetry::DeadLetterReplay> replay;
  std::unique_ptr<query::Engine> queries;
  std::unique_ptr<health::HealthService> health;
  std::unique_ptr<health::DeviceMonitor> device_monitor;
  std::unique_ptr<mqtt::Broker> broker;
  std::unique_ptr<sqlquery::SqlService> sql_queries;
  std::unique_ptr<base::WorkerPool> sql_workers;

  std::optional<http::StaticFiles> web;
  std::unique_ptr<api::Envelope> envelope;
  std::unique_ptr<http::Router> router;
  std::unique_ptr<api::RateLimiter> rate_limiter;
  std::unique_ptr<api::Routes> routes;
  std::unique_ptr<http::AccessLog> access_log;  ///< null: none
  std::unique_ptr<http::Server> server;
  std::unique_ptr<http::Server> tls_server;  ///< with http.tls.certificate only
  std::unique_ptr<maintenance::SnapshotServer> snapshots;

  /// In the order they start.
  std::vector<base::Service*> services;
  /// How many of them run.
  size_t running = 0;
};

}  // namespace energy::app
