#include "integration/load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "base/time_text.h"
#include "integration/waiting.h"

namespace energy::integration {
namespace {

// Readings read back at a time; the API answers at most 100,000.
constexpr uint64_t kPage = 50'000;

std::string PayloadOf(const Credential& device, base::Timestamp time, uint64_t index) {
  return R"({"device_id":")" + device.device_id + R"(","timestamp":")" +
         base::FormatTimestamp(time) + R"(","n":)" + std::to_string(index) + "}";
}

}  // namespace

Load::Times Load::SinceYesterday() {
  return {.first = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) -
                   std::chrono::hours(24)};
}

Load::Load(std::vector<Credential> devices, size_t window, Times times)
    : window_(window), times_(times) {
  for (Credential& credential : devices) {
    devices_.push_back(std::make_unique<Device>());
    devices_.back()->credential = std::move(credential);
  }
}

Load::~Load() { Abandon(); }

void Load::Start(uint16_t mqtt_port) {
  for (auto& device : devices_) {
    mqtt::ClientOptions options;
    options.username = device->credential.username;
    options.password = device->credential.password;
    options.reconnect = false;
    options.connect_timeout = kPatience;
    device->client = std::make_unique<mqtt::Client>(options);
    const base::Status status = device->client->Connect("127.0.0.1", mqtt_port);
    if (!status.ok()) throw std::runtime_error("the load cannot connect: " + status.ToString());
  }
  for (auto& device : devices_) {
    device->progress->lost = device->progress->stopping = false;
    device->thread = std::thread([this, &target = *device] { Run(target); });
  }
}

void Load::Run(Device& device) const {
  const std::shared_ptr<Progress> progress = device.progress;
  while (true) {
    uint64_t index = 0;
    {
      std::unique_lock lock(progress->mutex);
      progress->changed.wait(lock, [&] {
        return progress->in_flight < window_ || progress->stopping || progress->lost;
      });
      if (progress->stopping || progress->lost) return;
      index = progress->acknowledged.size();
      progress->acknowledged.push_back(false);
      ++progress->in_flight;
    }
    const std::string payload = PayloadOf(device.credential, TimeOf(index), index);
    const base::Status sent = device.client->Publish(
        device.credential.topic, payload, 1, [progress, index](const base::Status& status) {
          {
            const std::lock_guard lock(progress->mutex);
            --progress->in_flight;
            progress->acknowledged[index] = status.ok();
            progress->acknowledged_count += status.ok() ? 1 : 0;
            progress->lost = progress->lost || !status.ok();
          }
          progress->changed.notify_all();
        });
    if (sent.ok()) continue;
    const std::lock_guard lock(progress->mutex);
    --progress->in_flight;
    progress->lost = true;
    return;
  }
}

void Load::StopThreads() {
  for (auto& device : devices_) {
    {
      const std::lock_guard lock(device->progress->mutex);
      device->progress->stopping = true;
    }
    device->progress->changed.notify_all();
    if (device->thread.joinable()) device->thread.join();
  }
}

bool Load::Finish() {
  StopThreads();
  bool all = true;
  for (auto& device : devices_) {
    if (device->client) all = device->client->Disconnect(kPatience).ok() && all;
    device->client.reset();
  }
  return all;
}

void Load::Abandon() {
  StopThreads();
  // Their callbacks have run when the clients are gone.
  for (auto& device : devices_) device->client.reset();
}

uint64_t Load::acknowledged() const {
  uint64_t count = 0;
  for (const auto& device : devices_) {
    const std::lock_guard lock(device->progress->mutex);
    count += device->progress->acknowledged_count;
  }
  return count;
}

size_t Load::lost() const {
  size_t count = 0;
  for (const auto& device : devices_) {
    const std::lock_guard lock(device->progress->mutex);
    count += device->progress->lost ? 1 : 0;
  }
  return count;
}

bool Load::WaitForAcknowledged(uint64_t count) const {
  return WaitUntil([&] { return acknowledged() >= count; });
}

Load::Acknowledged Load::AcknowledgedSoFar() const {
  Acknowledged all;
  for (const auto& device : devices_) {
    const std::lock_guard lock(device->progress->mutex);
    all.push_back(device->progress->acknowledged);
  }
  return all;
}

void Load::ExpectAllStored(ApiClient& api) const { ExpectStored(api, AcknowledgedSoFar()); }

uint64_t Load::sent() const {
  uint64_t least = std::numeric_limits<uint64_t>::max();
  for (const auto& device : devices_) {
    const std::lock_guard lock(device->progress->mutex);
    least = std::min<uint64_t>(least, device->progress->acknowledged.size());
  }
  return least;
}

void Load::ExpectStored(ApiClient& api, const Acknowledged& acknowledged, uint64_t from) const {
  for (size_t i = 0; i < acknowledged.size(); ++i) {
    ExpectStored(api, *devices_.at(i), acknowledged[i], from);
  }
}

void Load::ExpectStored(ApiClient& api, const Device& device, const std::vector<bool>& acknowledged,
                        uint64_t from) const {
  uint64_t sent = 0;
  {
    const std::lock_guard lock(device.progress->mutex);
    sent = device.progress->acknowledged.size();
  }
  std::vector<bool> found(sent);
  uint64_t foreign = 0;
  uint64_t wrong = 0;
  for (uint64_t page = from; page <= sent; page += kPage) {
    const base::Json data =
        api.GetData("/api/data/telemetry/" + device.credential.device_id +
                    "?start=" + base::FormatTimestamp(TimeOf(page)) +
                    "&end=" + base::FormatTimestamp(TimeOf(page + kPage)) + "&limit=100000");
    for (const base::Json& reading : data.at("data")) {
      const auto time = base::ParseTimestamp(reading.at("timestamp").get<std::string>());
      ASSERT_TRUE(time.ok()) << reading;
      const auto index = static_cast<uint64_t>((*time - times_.first) / times_.step);
      if (index >= found.size()) {
        ++foreign;
        continue;
      }
      found[index] = true;
      wrong += reading.at("n") == index ? 0 : 1;
    }
  }
  uint64_t missing = 0;
  uint64_t first_missing = 0;
  for (uint64_t i = from; i < acknowledged.size(); ++i) {
    if (!acknowledged[i] || found[i]) continue;
    if (missing++ == 0) first_missing = i;
  }
  EXPECT_EQ(missing, 0U) << device.credential.device_id << ": of " << sent
                         << " sent; the first acknowledged reading that is missing is "
                         << first_missing;
  EXPECT_EQ(wrong, 0U) << device.credential.device_id << ": readings with another value";
  EXPECT_EQ(foreign, 0U) << device.credential.device_id << ": readings that were never sent";
}

}  // namespace energy::integration
