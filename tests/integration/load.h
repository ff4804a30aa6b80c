#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "integration/api_client.h"
#include "mqtt/client.h"

namespace energy::integration {

/// Publishes numbered readings of several devices without pause, QoS 1, and remembers which were
/// acknowledged. Reading i of a device has the field n = i and is i milliseconds after the first.
/// The devices must be of a type without a profile. Threads: one, besides its own.
class Load {
 public:
  /// `window`: readings of one device that may be unacknowledged.
  explicit Load(std::vector<Credential> devices, size_t window = 64);
  ~Load();

  /// Connects each device and publishes from where the last run ended. Throws when a device cannot
  /// connect.
  void Start(uint16_t mqtt_port);
  /// Publishes no more; answers once all acknowledgements are there. False when they do not come.
  bool Finish();
  /// Publishes no more and forgets what is not acknowledged, as when the server is gone.
  void Abandon();

  uint64_t acknowledged() const;
  /// Connections that were lost in this run.
  size_t lost() const;
  bool WaitForAcknowledged(uint64_t count) const;

  /// Reads everything back and fails the test for each device of which an acknowledged reading is
  /// missing or has another value, or that has a reading which was never sent.
  void ExpectAllStored(ApiClient& api) const;

 private:
  // Shared with the callbacks of the client, which may outlive a run.
  struct Progress {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<bool> acknowledged;  // by index; as long as readings were handed to the client
    uint64_t acknowledged_count = 0;
    size_t in_flight = 0;
    bool lost = false;
    bool stopping = false;
  };
  struct Device {
    Credential credential;
    std::shared_ptr<Progress> progress = std::make_shared<Progress>();
    std::unique_ptr<mqtt::Client> client;
    std::thread thread;
  };

  void Run(Device& device) const;
  void StopThreads();
  void ExpectStored(ApiClient& api, const Device& device) const;

  const size_t window_;
  const base::Timestamp first_;
  std::vector<std::unique_ptr<Device>> devices_;
};

}  // namespace energy::integration
