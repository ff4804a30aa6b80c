#pragma once

#include <atomic>
#include <chrono>

namespace energy::base {

/// A point in UTC with nanoseconds, the resolution of the telemetry (LLD §3.2.1). 1677 to 2262.
using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Source of the current time. Injected wherever time matters, so that tests decide it.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall clock, for what is stored or shown. Threads: safe anywhere.
  virtual Timestamp Now() const = 0;
  /// Never goes back, for measuring and waiting. Threads: safe anywhere.
  virtual std::chrono::steady_clock::time_point Steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp Now() const override {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
  }
  std::chrono::steady_clock::time_point Steady() const override {
    return std::chrono::steady_clock::now();
  }
};

/// Stands still until told otherwise.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start) : offset_(start.time_since_epoch().count()) {}
  Timestamp Now() const override { return Timestamp(std::chrono::nanoseconds(offset_.load())); }
  std::chrono::steady_clock::time_point Steady() const override {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(offset_.load()));
  }
  void Advance(std::chrono::nanoseconds by) { offset_ += by.count(); }
  void Set(Timestamp now) { offset_ = now.time_since_epoch().count(); }

 private:
  std::atomic<int64_t> offset_;
};

}  // namespace energy::base
