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
/// acknowledged. Reading i of a device has the field n = i and is i steps after the first.
/// The devices must be of a type without a profile. Threads: one, besides its own.
class Load {
 public:
  /// Times of the readings.
  struct Times {
    base::Timestamp first;
    std::chrono::milliseconds step{1};
  };
  /// From a day ago on, a millisecond apart.
  static Times SinceYesterday();

  /// `window`: readings of one device that may be unacknowledged.
  explicit Load(std::vector<Credential> devices, size_t window = 64,
                Times times = SinceYesterday());
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

  /// By device and index, which readings are acknowledged.
  using Acknowledged = std::vector<std::vector<bool>>;
  Acknowledged AcknowledgedSoFar() const;

  /// Fails the test for each device of which one of these readings is missing or has another value,
  /// or that has a reading which was never sent.
  /// `from`: the first reading of each device that is looked at.
  void ExpectStored(ApiClient& api, const Acknowledged& acknowledged, uint64_t from = 0) const;

  /// The same for all that are acknowledged.
  void ExpectAllStored(ApiClient& api) const;
  /// Readings that the device with the fewest has sent.
  uint64_t sent() const;
  base::Timestamp TimeOf(uint64_t index) const {
    return times_.first + static_cast<int64_t>(index) * times_.step;
  }

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
  void ExpectStored(ApiClient& api, const Device& device, const std::vector<bool>& acknowledged,
                    uint64_t from) const;

  const size_t window_;
  const Times times_;
  std::vector<std::unique_ptr<Device>> devices_;
};

}  // namespace energy::integration
