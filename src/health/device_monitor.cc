#include "health/device_monitor.h"

#include <pthread.h>

#include <algorithm>
#include <cmath>

namespace energy::health {
namespace {

using devices::DeviceStatus;

constexpr std::chrono::seconds kTick{1};
constexpr size_t kTicksOfARound = 300;
// What is learned from arrivals stays within these: batches that are split say little.
constexpr std::chrono::nanoseconds kLeastLearned = std::chrono::seconds(1);
constexpr std::chrono::nanoseconds kMostLearned = std::chrono::hours(24);

// Stored with two decimals (LLD §3.1.2).
std::optional<double> Rounded(std::optional<double> score) {
  return score ? std::optional(std::round(*score * 100) / 100) : std::nullopt;
}

}  // namespace

DeviceMonitor::DeviceMonitor(devices::DeviceService& devices, const devices::Registry& registry,
                             const telemetry::Activity& activity, HealthService& health,
                             const base::Clock& clock, base::Logger logger)
    : devices_(devices),
      registry_(registry),
      activity_(activity),
      health_(health),
      clock_(clock),
      logger_(std::move(logger)),
      started_(clock.Steady()) {}

DeviceMonitor::~DeviceMonitor() { Stop(); }

base::Status DeviceMonitor::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    pthread_setname_np(pthread_self(), "device-monitor");
    Run(stop);
  });
  return {};
}

void DeviceMonitor::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void DeviceMonitor::Run(const std::stop_token& stop) {
  std::string last_error;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, kTick, [] { return false; });
    }
    if (stop.stop_requested()) return;
    base::Status status = devices_.FinishDeletions();
    if (status.ok()) status = CheckStatuses();
    if (status.ok()) {
      const size_t devices = registry_.Snapshot()->size();
      status = RefreshHealth((devices + kTicksOfARound - 1) / kTicksOfARound);
    }
    if (!status.ok() && status.message() != last_error) {
      logger_->warn("status and health of devices are not brought up to date: {}",
                    status.ToString());
    }
    last_error = status.message();
  }
}

DeviceStatus DeviceMonitor::Wanted(const devices::RegisteredDevice& device) const {
  const auto now = clock_.Steady();
  const auto arrival = activity_.LastArrivalOf(device.id);
  std::chrono::nanoseconds interval = device.interval;
  if (!device.interval_given && arrival && arrival->interval) {
    interval = std::clamp(*arrival->interval, kLeastLearned, kMostLearned);
  }
  // Before the first arrival of this run: since it could have come.
  const std::chrono::nanoseconds silence =
      arrival
          ? now - arrival->at
          : std::min<std::chrono::nanoseconds>(now - started_, clock_.Now() - device.created_at);
  if (silence > kMissedIntervals * interval) return DeviceStatus::kInactive;
  return arrival ? DeviceStatus::kActive : device.status;
}

base::Status DeviceMonitor::CheckStatuses() {
  std::vector<devices::StatusChange> changes;
  registry_.Snapshot()->ForEach([&](const devices::RegisteredDevice& device) {
    const bool automatic =
        device.status == DeviceStatus::kActive || device.status == DeviceStatus::kInactive;
    if (!automatic) return;
    const DeviceStatus wanted = Wanted(device);
    if (wanted != device.status) changes.push_back({device.id, device.status, wanted});
  });
  if (changes.empty()) return {};
  ENERGY_RETURN_IF_ERROR(devices_.ChangeStatuses(changes));
  for (const devices::StatusChange& change : changes) {
    logger_->info("device {} is {}", change.id, devices::StatusName(change.to));
  }
  return {};
}

base::Status DeviceMonitor::RefreshHealth(size_t most) {
  const auto snapshot = registry_.Snapshot();
  if (turn_.empty()) {
    snapshot->ForEach([&](const devices::RegisteredDevice& device) { turn_.push_back(device.id); });
    std::erase_if(stored_,
                  [&](const auto& entry) { return snapshot->Find(entry.first) == nullptr; });
  }
  most = std::min(most, turn_.size());
  if (most == 0) return {};
  ENERGY_ASSIGN_OR_RETURN(const auto letters, health_.CountDeadLetters());
  std::vector<std::pair<std::string, std::optional<double>>> scores;
  for (; most > 0; --most) {
    const std::string id = std::move(turn_.back());
    turn_.pop_back();
    const devices::RegisteredDevice* const device = snapshot->Find(id);
    if (device == nullptr) continue;
    const auto found = letters.find(id);
    const auto health = health_.Of(*device, found == letters.end() ? 0 : found->second);
    // One whose readings are being deleted is no reason to leave the others out.
    if (health.status().code() == base::Code::kNotFound) continue;
    if (!health.ok()) return health.status();
    const std::optional<double> score = Rounded(health->score);
    const auto known = stored_.find(id);
    if (known == stored_.end() || known->second != score) scores.emplace_back(id, score);
  }
  ENERGY_RETURN_IF_ERROR(devices_.UpdateHealth(scores));
  for (const auto& [id, score] : scores) stored_[id] = score;
  return {};
}

}  // namespace energy::health
