#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/metrics.h"
#include "base/service.h"
#include "telemetry/model.h"

namespace energy::telemetry {

/// What a subscriber's full queue does.
enum class Overflow {
  kHoldIngest,  ///< the committer waits: the subscriber must see every reading (rules)
  kDropOldest,  ///< the oldest batch goes and is counted: only the newest matters (live views)
};

/// Hands committed batches, in order, to subscribers; each on a thread of its own behind a bounded
/// queue, so that a slow one neither delays the others nor, until its queue is full, ingest.
///
/// Threads: Subscribe before Start; Publish from the committer alone.
class Feed final : public base::Service {
 public:
  using Consumer = std::function<void(const CommittedBatch&)>;

  explicit Feed(base::Metrics& metrics);
  ~Feed() override;

  /// `queue_readings`: how many readings may wait. A single larger batch passes alone.
  void Subscribe(std::string name, Consumer consumer, Overflow overflow, size_t queue_readings);

  std::string_view name() const override { return "feed"; }
  base::Status Start() override;
  /// Delivers what is queued, then ends.
  void Stop() override;

  void Publish(const CommittedBatchPtr& batch);

  /// Waits until every subscriber has seen all that was published before, or `timeout` passed.
  bool Drain(std::chrono::milliseconds timeout);

 private:
  struct Subscriber {
    std::string name;
    Consumer consumer;
    Overflow overflow;
    size_t limit;
    prometheus::Counter& dropped;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<CommittedBatchPtr> queue;  // guarded by mutex
    size_t queued_readings = 0;           // guarded by mutex
    bool busy = false;                    // guarded by mutex
    bool stopping = false;                // guarded by mutex
    std::thread thread;
  };

  static void Run(Subscriber& subscriber);
  static void Enqueue(Subscriber& subscriber, const CommittedBatchPtr& batch);

  base::Metrics& metrics_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
};

}  // namespace energy::telemetry
