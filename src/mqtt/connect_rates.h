#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

namespace energy::mqtt {

/// How often each of many names (clients, addresses) may connect: so many times a minute, with
/// bursts of as many.
///
/// Threads: safe anywhere. Memory: the `max_names` that connected last; who is forgotten begins
/// anew.
class ConnectRates {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `per_minute` 0: no limit, and nothing is remembered.
  ConnectRates(uint32_t per_minute, size_t max_names)
      : per_minute_(per_minute), max_names_(max_names) {}

  /// Counts a connect of `name` and returns 0, or returns how long it must wait for its next.
  std::chrono::milliseconds Take(const std::string& name, TimePoint now);

 private:
  struct Bucket {
    double left;
    TimePoint refilled;
    std::list<std::string>::iterator age;
  };

  const uint32_t per_minute_;
  const size_t max_names_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;  // guarded by mutex_
  std::list<std::string> by_age_;                    // of the last attempt, oldest first; the same
};

}  // namespace energy::mqtt
