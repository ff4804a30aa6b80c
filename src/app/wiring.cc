#include "app/wiring.h"

#include <algorithm>
#include <thread>

#include "app/wiring_layers.h"

namespace energy::app {
namespace {

constexpr size_t kWorkerQueue = 4096;
constexpr size_t kPasswordQueue = 256;

void WireThreads(Parts& p) {
  p.io = std::make_unique<base::IoThreads>(static_cast<unsigned>(p.settings.io_threads));
  p.workers = std::make_unique<base::WorkerPool>(
      "worker", static_cast<unsigned>(p.settings.worker_threads), kWorkerQueue);
  // Half of the cores: the other half keeps answering while everybody logs in.
  p.password_workers = std::make_unique<base::WorkerPool>(
      "passwords", std::max(1U, std::thread::hardware_concurrency() / 2), kPasswordQueue);
}

void WireSnapshots(Parts& p) {
  p.snapshots = std::make_unique<maintenance::SnapshotServer>(
      p.data_dir.path(),
      [&p](const std::filesystem::path& folder) {
        return maintenance::WriteSnapshot(folder, *p.database, *p.store, PrintSettings(p.settings));
      },
      base::Named(p.logger, "snapshots"));
}

/// In the order they start; stopped in reverse: first what brings work in, last what keeps it.
void ListServices(Parts& p) {
  p.services = {p.store.get(),
                p.last_seen.get(),
                p.sender.get(),
                p.alerts.get(),
                p.feed.get(),
                p.ticker.get(),
                p.committer.get(),
                p.dead_letter_writer.get(),
                p.audit_retention.get(),
                &p.auth->failed_logins(),
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
  if (p.registry_watch) p.services.push_back(p.registry_watch.get());
  if (p.tls_server) p.services.push_back(p.tls_server.get());
  if (p.oidc) {
    p.services.insert(p.services.begin(), p.oidc_workers.get());
    p.services.push_back(p.oidc_http.get());  // what waits for the provider ends first
  }
  if (p.access_log) p.services.insert(p.services.begin(), p.access_log.get());
  if (p.redis) p.services.insert(p.services.begin(), p.redis.get());
}

}  // namespace

base::Status Wire(Parts& p) {
  WireThreads(p);
  ENERGY_RETURN_IF_ERROR(WireStorage(p));
  ENERGY_RETURN_IF_ERROR(WireAccess(p));
  ENERGY_RETURN_IF_ERROR(WireNotifications(p));
  ENERGY_RETURN_IF_ERROR(WireDevices(p));
  ConnectOutbox(p);
  ENERGY_RETURN_IF_ERROR(WireTelemetry(p));
  WireBroker(p);
  WireQueries(p);
  WireApi(p);
  ENERGY_RETURN_IF_ERROR(WireServers(p));
  WireSnapshots(p);
  ListServices(p);
  return {};
}

}  // namespace energy::app
