#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/service.h"

namespace energy::base {

/// Threads for work that blocks (SQL, password hashing), so that event loops never do.
///
/// Threads: Submit from anywhere. The queue is bounded; a full queue refuses.
class WorkerPool final : public Service {
 public:
  WorkerPool(std::string name, unsigned threads, size_t queue_limit);
  ~WorkerPool() override;

  std::string_view name() const override { return name_; }
  Status Start() override;
  /// Runs what is queued, then ends.
  void Stop() override;

  /// False when the queue is full or the pool is stopped: answer "unavailable".
  [[nodiscard]] bool Submit(std::function<void()> task);

 private:
  void Run(const std::stop_token& stop);

  const std::string name_;
  const unsigned thread_count_;
  const size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable_any ready_;
  std::deque<std::function<void()>> queue_;  // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::vector<std::jthread> threads_;
};

}  // namespace energy::base
