#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "mqtt/broker.h"
#include "mqtt/broker_state.h"
#include "mqtt/listener.h"
#include "mqtt/sys_topics.h"
#include "mqtt/worker.h"

namespace energy::mqtt {

/// Waits for handlers on other threads, which share it as they may outlive the wait.
class Latch {
 public:
  void Expect() {
    const std::lock_guard lock(mutex_);
    ++left_;
  }
  void Arrive() {
    const std::lock_guard lock(mutex_);
    --left_;
    changed_.notify_all();
  }
  bool Wait(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, [this] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t left_ = 0;  // guarded by mutex_
};

struct Broker::Impl {
  static constexpr std::chrono::seconds kVisitTimeout{2};

  Impl(BrokerOptions options, base::IoThreads& io_threads, Authenticator& authenticator,
       PublishHandler& handler, const base::Clock& clock, base::Logger logger,
       base::Metrics& metrics)
      : io(io_threads),
        registry(metrics),
        state(std::make_shared<BrokerState>(std::move(options), authenticator, handler, clock,
                                            std::move(logger), metrics)) {}

  base::Status StartStore() {
    if (!state->store) return {};
    return state->store->Start(
        [this](std::span<const SessionStore::Waiter> waiters, bool safe) {
          for (const auto& worker : workers) worker->PostWritten(waiters, safe);
        },
        [this] {
          for (const auto& worker : workers) worker->PostResume();
        });
  }

  base::IoThreads& io;
  base::Metrics& registry;
  std::shared_ptr<BrokerState> state;
  std::vector<std::shared_ptr<Worker>> workers;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::shared_ptr<SysTopics> sys;
  bool running = false;

  /// Calls `visit` for every connected client on its I/O thread and waits for all. What `visit`
  /// touches must be shared with it: a thread may come late.
  void Visit(const std::function<void(Connection&)>& visit) const {
    const auto latch = std::make_shared<Latch>();
    for (const auto& worker : workers) {
      if (worker->context().stopped()) continue;
      latch->Expect();
      worker->PostVisit(visit, [latch] { latch->Arrive(); });
    }
    latch->Wait(kVisitTimeout);
  }
};

}  // namespace energy::mqtt
