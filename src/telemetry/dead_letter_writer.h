#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/service.h"
#include "mqtt/hooks.h"
#include "telemetry/dead_letter_repository.h"

namespace energy::telemetry {

/// Makes dead letters durable, many in one transaction, and acknowledges them afterwards
/// (decision 10). While the database cannot write, they wait; a full queue stops the intake.
///
/// Threads: Submit, saturated and health from anywhere.
class DeadLetterWriter final : public base::Service {
 public:
  using Acknowledge = std::function<void(std::span<const mqtt::AckToken>, mqtt::PublishResult)>;

  DeadLetterWriter(DeadLetterRepository& repository, size_t queue_bytes, base::Logger logger,
                   base::Metrics& metrics);
  ~DeadLetterWriter() override;

  /// Before Start, as Committer::Connect.
  void Connect(Acknowledge acknowledge, std::function<void()> resume_intake);

  /// Before Start: who is told of letters once they are durable, on the writer's thread.
  void OnWritten(std::function<void(const std::vector<DeadLetter>&)> written);

  std::string_view name() const override { return "dead letters"; }
  base::Status Start() override;
  void Stop() override;

  using Done = std::function<void(const base::Status&)>;

  /// Takes both lists and leaves them empty; `acks` belong to `letters` in any order. `done`, if
  /// given, is called once, on the writer's thread: ok when the letters are durable.
  void Submit(std::vector<DeadLetter>& letters, std::vector<mqtt::AckToken>& acks,
              Done done = nullptr);

  bool saturated() const { return saturated_.load(std::memory_order_relaxed); }
  base::Status health() const;
  /// Refused readings whose letters are durable, since start.
  uint64_t written() const { return written_.load(std::memory_order_relaxed); }

 private:
  void Run();
  base::Status WriteUntilDurable(const std::vector<DeadLetter>& letters);

  DeadLetterRepository& repository_;
  const size_t queue_bytes_;
  const base::Logger logger_;
  base::Metrics& metrics_;
  Acknowledge acknowledge_ = [](auto, auto) {};
  std::function<void()> resume_intake_ = [] {};
  std::function<void(const std::vector<DeadLetter>&)> told_ = [](const auto&) {};

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<DeadLetter> letters_;   // guarded by mutex_
  std::vector<mqtt::AckToken> acks_;  // guarded by mutex_
  std::vector<Done> done_;            // guarded by mutex_
  size_t queued_bytes_ = 0;           // guarded by mutex_
  bool stopping_ = false;             // guarded by mutex_
  base::Status health_;               // guarded by mutex_
  std::atomic<bool> saturated_ = false;
  std::atomic<uint64_t> written_ = 0;
  std::thread thread_;
};

}  // namespace energy::telemetry
