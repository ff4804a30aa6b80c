#include "simulator/simulator.h"

#include <pthread.h>

namespace energy::simulator {

Simulator::Simulator(SimulatorOptions options, const base::Clock& clock, base::Logger logger)
    : options_(std::move(options)), clock_(clock), logger_(std::move(logger)) {
  for (size_t i = 0; i < options_.devices.size(); ++i) {
    BulbOptions model = options_.model;
    model.seed += i;
    models_.emplace_back(model);
  }
}

Simulator::~Simulator() { Stop(); }

base::Status Simulator::Start() {
  mqtt::ClientOptions client;
  client.client_id = "simulator_" + options_.devices.front();
  client.username = options_.username;
  client.password = options_.password;
  client.version = options_.mqtt_version;
  client_ = std::make_unique<mqtt::Client>(client);
  client_->OnConnection([logger = logger_](bool connected, const base::Status& reason) {
    if (connected) {
      logger->info("connected");
    } else if (!reason.ok()) {
      logger->warn("connection lost, trying again: {}", reason.message());
    }
  });
  ENERGY_RETURN_IF_ERROR(client_->Connect(options_.host, options_.port));
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "simulator");
    Run();
  });
  return {};
}

void Simulator::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (!client_) return;
  if (const base::Status status = client_->Disconnect(std::chrono::seconds(1)); !status.ok()) {
    logger_->warn("{}", status.message());
  }
  client_.reset();
}

void Simulator::Run() {
  const auto step = options_.interval / static_cast<int64_t>(options_.devices.size());
  auto next = std::chrono::steady_clock::now();
  for (size_t device = 0;; device = (device + 1) % options_.devices.size()) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_until(lock, next, [this] { return stopping_; })) return;
    }
    PublishOne(device);
    // After a pause (a suspended laptop, say) go on from now instead of catching up in a burst.
    next = std::max(next + step, std::chrono::steady_clock::now() - options_.interval);
  }
}

void Simulator::PublishOne(size_t device) {
  const std::string& id = options_.devices[device];
  const base::Timestamp now = std::chrono::floor<std::chrono::milliseconds>(clock_.Now());
  const std::string payload = ToPayload(id, now, models_[device].Next(now));
  const base::Status status =
      client_->Publish("devices/" + id + "/telemetry", payload, 1,
                       [counts = counts_, logger = logger_](const base::Status& acknowledged) {
                         ++(acknowledged.ok() ? counts->acknowledged : counts->refused);
                         if (!acknowledged.ok())
                           logger->warn("a reading was refused: {}", acknowledged.message());
                       });
  if (status.ok()) {
    logger_->debug("published {}", payload);
  } else {
    logger_->warn("a reading could not be sent: {}", status.message());
  }
}

}  // namespace energy::simulator
