#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/service.h"
#include "mqtt/hooks.h"
#include "series/store.h"
#include "telemetry/feed.h"
#include "telemetry/model.h"

namespace energy::telemetry {

/// Readings that arrived together, and who waits for their commit.
struct Submission {
  Readings readings;
  std::vector<mqtt::AckToken> acks;
  /// Called once, on the committer's thread: ok when durable and given to the feed. May be empty.
  std::function<void(const base::Status&)> done;

  void Clear();
};

struct CommitterOptions {
  /// Bytes of readings that may wait for their commit before the intake must pause.
  size_t queue_bytes = 32 << 20;
  /// Readings that go into one commit at the most.
  size_t group_readings = 65'536;
  std::chrono::milliseconds retry_every{500};
};

/// The only writer of the telemetry store: gathers what arrived during the last commit, makes it
/// durable with one fsync, acknowledges it, and passes it on to the feed (decision 10).
///
/// When the store cannot write (a full disk), nothing is acknowledged and nothing is dropped: the
/// group is kept and tried again until the store is writable, while the full queue stops the
/// intake. Threads: Submit, NewSubmission, saturated and health from anywhere.
class Committer final : public base::Service {
 public:
  using AcknowledgeFn = std::function<void(std::span<const mqtt::AckToken>, mqtt::PublishResult)>;

  Committer(CommitterOptions options, series::Store& store, Feed& feed, const base::Clock& clock,
            base::Logger logger, base::Metrics& metrics);
  ~Committer() override;

  /// Before Start: who tells the devices, and who is told that the queue has room again.
  void Connect(AcknowledgeFn acknowledge, std::function<void()> resume_intake);

  std::string_view name() const override { return "committer"; }
  base::Status Start() override;
  /// Commits what is queued, then ends. With an unwritable store the queue is given up: it was
  /// never acknowledged.
  void Stop() override;

  /// An empty submission, reusing the memory of an earlier one.
  std::unique_ptr<Submission> NewSubmission();
  void Submit(std::unique_ptr<Submission> submission);

  /// Tells devices of success that depended on more than the commit. Threads: safe anywhere.
  void Acknowledge(std::span<const mqtt::AckToken> acks) const {
    acknowledge_(acks, mqtt::PublishResult::kSuccess);
  }

  /// Calls `ready` once: with ok when the queue has room, at once if it has; or with kUnavailable
  /// when it had none for `patience`, give or take a retry, or too many wait already. On this or
  /// the committer's thread, which it must not block.
  void WhenReady(std::chrono::milliseconds patience,
                 std::function<void(const base::Status&)> ready);

  /// True while more than queue_bytes wait; resume_intake is called when it has become false.
  bool saturated() const { return saturated_.load(std::memory_order_relaxed); }
  /// Ok, or why nothing is being acknowledged at present.
  base::Status health() const;
  uint64_t committed_readings() const { return committed_.load(std::memory_order_relaxed); }

 private:
  using Group = std::vector<std::unique_ptr<Submission>>;

  void Run();
  bool TakeGroup(Group& group);
  void Commit(Group& group);
  base::Status AppendUntilDurable(const series::Batch& batch);
  void Recycle(Group& group);
  void SetHealth(base::Status status);
  /// Tells those who wait for room: all when there is room, else those whose patience is at its
  /// end.
  void TellWaiting(bool has_room);

  const CommitterOptions options_;
  series::Store& store_;
  Feed& feed_;
  const base::Clock& clock_;
  const base::Logger logger_;
  AcknowledgeFn acknowledge_ = [](auto, auto) {};
  std::function<void()> resume_intake_ = [] {};
  prometheus::Counter& commits_;
  prometheus::Histogram& commit_seconds_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Group queue_;              // guarded by mutex_
  Group free_;               // guarded by mutex_
  size_t queued_bytes_ = 0;  // guarded by mutex_
  struct Waiting {
    std::chrono::steady_clock::time_point until;
    std::function<void(const base::Status&)> ready;
  };
  std::vector<Waiting> waiting_;  // guarded by mutex_
  bool stopping_ = false;         // guarded by mutex_
  base::Status health_;           // guarded by mutex_
  std::atomic<bool> saturated_ = false;
  std::atomic<uint64_t> committed_ = 0;
  std::vector<mqtt::AckToken> acks_;  // of the group under way; the committer's thread alone
  std::thread thread_;
};

}  // namespace energy::telemetry
