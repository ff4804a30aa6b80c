#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "alerts/alert_service.h"
#include "api/envelope.h"
#include "api/health.h"
#include "api/routes.h"
#include "app/data_dir.h"
#include "app/platform.h"
#include "app/settings.h"
#include "auth/auth_service.h"
#include "auth/mqtt_access.h"
#include "base/io_threads.h"
#include "base/random.h"
#include "base/worker_pool.h"
#include "devices/device_service.h"
#include "http/server.h"
#include "http/static_files.h"
#include "mqtt/broker.h"
#include "rules/rule_service.h"
#include "series/embedded_store.h"
#include "telemetry/activity.h"
#include "telemetry/committer.h"
#include "telemetry/dead_letter_writer.h"
#include "telemetry/ingest.h"
#include "telemetry/live_hub.h"
#include "telemetry/queries.h"

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
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<series::EmbeddedStore> store;

  std::unique_ptr<auth::AuthService> auth;
  std::unique_ptr<auth::MqttAccess> mqtt_access;
  std::unique_ptr<devices::Registry> registry;
  std::unique_ptr<devices::LastSeenTracker> last_seen;
  std::unique_ptr<devices::DeviceService> devices;

  std::unique_ptr<rules::Engine> engine;
  std::unique_ptr<alerts::AlertService> alerts;
  std::unique_ptr<rules::RuleService> rules;

  std::unique_ptr<telemetry::Feed> feed;
  std::unique_ptr<telemetry::Activity> activity;
  std::unique_ptr<telemetry::LiveHub> live;
  std::unique_ptr<telemetry::DeadLetterRepository> dead_letters;
  std::unique_ptr<telemetry::DeadLetterWriter> dead_letter_writer;
  std::unique_ptr<telemetry::DeviceTableSource> device_table;
  std::unique_ptr<telemetry::Committer> committer;
  std::unique_ptr<telemetry::MqttIngest> ingest;
  std::unique_ptr<telemetry::Queries> queries;
  std::unique_ptr<mqtt::Broker> broker;

  std::optional<http::StaticFiles> web;
  std::unique_ptr<api::Envelope> envelope;
  std::unique_ptr<http::Router> router;
  std::unique_ptr<api::Routes> routes;
  std::unique_ptr<http::Server> server;

  /// In the order they start.
  std::vector<base::Service*> services;
  /// How many of them run.
  size_t running = 0;
};

}  // namespace energy::app
