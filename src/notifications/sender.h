#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/service.h"
#include "notifications/backoff.h"
#include "notifications/channel.h"
#include "notifications/renderer.h"
#include "notifications/repository.h"
#include "sql/database.h"

namespace energy::notifications {

struct SenderOptions {
  Backoff backoff = {};
  int64_t max_attempts = 10;
  /// Longer than an attempt can take: who has not written the outcome by then is taken for dead.
  std::chrono::milliseconds lease{45'000};
  std::chrono::milliseconds poll{500};
  /// Ended rows that are older are removed; 0: they stay.
  std::chrono::days retention{90};
};

/// Sends what the outbox holds: a thread for each channel, so that a provider that is away holds no
/// other one up. A row is leased in one transaction, sent outside of any, and its outcome written
/// in another; several processes share the work.
///
/// Operation: at least once. Who dies after the provider took a message and before that is written
///   leaves a lease that runs out; then it is sent again with the same key, which a webhook can
///   tell by (docs/notifications.md has the others). While the outcome cannot be written it is
///   tried again until the lease ends.
/// Threads: safe anywhere.
class Sender final : public base::Service {
 public:
  /// `interrupt` ends what a channel waits for, when a stop has waited long enough.
  Sender(sql::Database& database, const Channels& channels, const Renderer& renderer,
         const base::Clock& clock, base::Random& random, SenderOptions options,
         std::function<void()> interrupt, base::Logger logger, base::Metrics& metrics);
  ~Sender() override;

  std::string_view name() const override { return "notifications"; }
  base::Status Start() override;
  /// Lets attempts under way end, for five seconds.
  void Stop() override;

  /// Leases and sends one message. False when none was due.
  base::Result<bool> SendNext(Channel& channel);

 private:
  Attempt Try(Channel& channel, const Leased& leased);
  base::Result<std::string> WhyPointless(const Leased& leased);
  Attempt AttemptOf(const Outcome& outcome, const Leased& leased, std::string_view subject);
  base::Status Finish(const Leased& leased, const Attempt& attempt);
  void Run(const std::stop_token& stop, Channel& channel, bool prunes);
  void Prune();

  sql::Database& database_;
  const Channels& channels_;
  const Renderer& renderer_;
  const base::Clock& clock_;
  base::Random& random_;
  const SenderOptions options_;
  const std::function<void()> interrupt_;
  const base::Logger logger_;
  base::Metrics& metrics_;
  const std::string owner_;
  NotificationRepository repository_;

  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable_any wake_;
  size_t running_ = 0;  // guarded by mutex_
  std::vector<std::jthread> threads_;
};

}  // namespace energy::notifications
