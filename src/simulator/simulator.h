#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/service.h"
#include "mqtt/client.h"
#include "simulator/bulb_model.h"

namespace energy::simulator {

struct SimulatorOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 1883;
  std::optional<std::string> username;
  std::optional<std::string> password;
  std::vector<std::string> devices{"D1"};
  std::chrono::milliseconds interval{5000};
  BulbOptions model;
  int mqtt_version = 5;
};

/// Publishes simulated telemetry of one or many devices over one MQTT connection (LLD §6.2). Device
/// i draws from seed + i; the devices of an interval are spread over it, so that they do not all
/// send at once.
///
/// Threads: Start and Stop from one thread; published and refused from anywhere.
class Simulator final : public base::Service {
 public:
  Simulator(SimulatorOptions options, const base::Clock& clock, base::Logger logger);
  ~Simulator() override;

  std::string_view name() const override { return "simulator"; }
  /// Connects. Errors: those of mqtt::Client::Connect.
  base::Status Start() override;
  void Stop() override;

  uint64_t acknowledged() const { return counts_->acknowledged; }
  uint64_t refused() const { return counts_->refused; }

 private:
  // Outlives the simulator in callbacks of the client.
  struct Counts {
    std::atomic<uint64_t> acknowledged = 0;
    std::atomic<uint64_t> refused = 0;
  };

  void Run();
  void PublishOne(size_t device);

  const SimulatorOptions options_;
  const base::Clock& clock_;
  const base::Logger logger_;
  std::vector<BulbModel> models_;
  std::unique_ptr<mqtt::Client> client_;
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace energy::simulator
