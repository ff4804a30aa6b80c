#include "devices/last_seen.h"

#include <pthread.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace energy::devices {

LastSeenTracker::LastSeenTracker(sql::Database& database, const base::Clock& clock,
                                 base::Logger logger, std::chrono::milliseconds interval,
                                 size_t max_devices)
    : database_(database),
      devices_(clock),
      logger_(std::move(logger)),
      interval_(interval),
      max_devices_(max_devices) {}

LastSeenTracker::~LastSeenTracker() { Stop(); }

base::Status LastSeenTracker::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    pthread_setname_np(pthread_self(), "last-seen");
    Run(stop);
  });
  return {};
}

void LastSeenTracker::Stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  if (const base::Status status = Flush(); !status.ok()) {
    logger_->warn("when devices were last seen is not written: {}", status.ToString());
  }
}

void LastSeenTracker::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, interval_, [] { return false; });
    }
    if (stop.stop_requested()) return;  // Stop writes the rest
    if (const base::Status status = Flush(); !status.ok()) {
      logger_->warn("when devices were last seen is not written yet: {}", status.ToString());
    }
  }
}

void LastSeenTracker::Note(std::string_view device_id, base::Timestamp time) {
  std::lock_guard lock(mutex_);
  const auto found = pending_.find(device_id);
  if (found != pending_.end()) {
    found->second = std::max(found->second, time);
  } else if (pending_.size() < max_devices_) {
    pending_.emplace(device_id, time);
  }
}

std::optional<base::Timestamp> LastSeenTracker::Pending(std::string_view device_id) const {
  std::lock_guard lock(mutex_);
  std::optional<base::Timestamp> newest;
  for (const Times* times : {&pending_, &writing_}) {
    const auto found = times->find(device_id);
    if (found != times->end() && (!newest || *newest < found->second)) newest = found->second;
  }
  return newest;
}

base::Status LastSeenTracker::Flush() {
  std::lock_guard one_write(flush_mutex_);
  std::vector<std::pair<std::string, base::Timestamp>> seen;
  {
    std::lock_guard lock(mutex_);
    if (pending_.empty()) return {};
    writing_ = std::exchange(pending_, {});
    seen.assign(writing_.begin(), writing_.end());
  }
  base::Status status = database_.Transaction(
      [&](sql::Connection& connection) { return devices_.UpdateLastSeen(connection, seen); });
  writes_.fetch_add(1, std::memory_order_acq_rel);
  std::lock_guard lock(mutex_);
  if (!status.ok()) {
    for (const auto& [id, time] : writing_) {
      const auto found = pending_.find(id);
      if (found != pending_.end()) {
        found->second = std::max(found->second, time);
      } else if (pending_.size() < max_devices_) {
        pending_.emplace(id, time);
      }
    }
  }
  writing_.clear();
  return status;
}

}  // namespace energy::devices
