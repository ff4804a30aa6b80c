#include "notifications/sender.h"

#include <pthread.h>

#include <algorithm>

namespace energy::notifications {
namespace {

constexpr std::chrono::seconds kPatienceAtStop{5};
constexpr std::chrono::hours kPruneEvery{1};
constexpr std::chrono::milliseconds kWriteAgain{200};
constexpr int64_t kPruneAtOnce = 1000;

constexpr std::string_view kMayRepeat =
    "an earlier attempt was cut off before its outcome was written: the message may have arrived "
    "twice";

}  // namespace

Sender::Sender(sql::Database& database, const Channels& channels, const Renderer& renderer,
               const base::Clock& clock, base::Random& random, SenderOptions options,
               std::function<void()> interrupt, base::Logger logger, base::Metrics& metrics)
    : database_(database),
      channels_(channels),
      renderer_(renderer),
      clock_(clock),
      random_(random),
      options_(options),
      interrupt_(std::move(interrupt)),
      logger_(std::move(logger)),
      metrics_(metrics),
      owner_(base::NewUuid(random, clock)) {}

Sender::~Sender() { Stop(); }

base::Status Sender::Start() {
  // No other process can use the file: what is leased was leased by one that has died.
  if (database_.dialect() == sql::Dialect::kSqlite) {
    ENERGY_RETURN_IF_ERROR(database_.Transaction([&](sql::Connection& connection) {
      return repository_.ReleaseAll(connection, clock_.Now());
    }));
  }
  bool first = true;
  running_ = channels_.size();
  for (const auto& [id, channel] : channels_) {
    threads_.emplace_back([this, channel = channel.get(), prunes = std::exchange(first, false)](
                              const std::stop_token& stop) { Run(stop, *channel, prunes); });
  }
  return {};
}

void Sender::Stop() {
  stopping_ = true;
  for (std::jthread& thread : threads_) thread.request_stop();
  {
    std::unique_lock lock(mutex_);
    if (!wake_.wait_for(lock, kPatienceAtStop, [this] { return running_ == 0; })) interrupt_();
  }
  threads_.clear();
}

void Sender::Run(const std::stop_token& stop, Channel& channel, bool prunes) {
  pthread_setname_np(pthread_self(), ("notify-" + std::string(ChannelName(channel.id()))).c_str());
  auto pruned_at = clock_.Steady() - kPruneEvery;
  bool failing = false;
  while (!stop.stop_requested()) {
    if (prunes && clock_.Steady() - pruned_at >= kPruneEvery) {
      Prune();
      pruned_at = clock_.Steady();
    }
    const auto sent = SendNext(channel);
    if (!sent.ok() && !failing) {
      logger_->error("notifications wait: {}", sent.status().ToString());
    }
    failing = !sent.ok();
    if (sent.ok() && *sent) continue;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, options_.poll, [] { return false; });
  }
  {
    std::lock_guard lock(mutex_);
    --running_;
  }
  wake_.notify_all();
}

base::Result<bool> Sender::SendNext(Channel& channel) {
  const base::Timestamp now = clock_.Now();
  ENERGY_ASSIGN_OR_RETURN(const bool due, database_.Read([&](sql::Connection& connection) {
    return repository_.IsDue(connection, channel.id(), now);
  }));
  if (!due) return false;
  ENERGY_ASSIGN_OR_RETURN(
      const std::optional<Leased> leased, database_.Transaction([&](sql::Connection& connection) {
        return repository_.Lease(connection, channel.id(), owner_, now, now + options_.lease);
      }));
  if (!leased) return false;
  const Attempt attempt = Try(channel, *leased);
  ENERGY_RETURN_IF_ERROR(Finish(*leased, attempt));
  metrics_
      .Counter("notifications_total", "Attempts to send notifications, by outcome.",
               {{"channel", std::string(ChannelName(channel.id()))},
                {"outcome", attempt.status == DeliveryStatus::kPending
                                ? "retry"
                                : std::string(DeliveryStatusName(attempt.status))}})
      .Increment();
  return true;
}

base::Result<std::string> Sender::WhyPointless(const Leased& leased) {
  if (leased.leader.kind != Kind::kUnacknowledged || !leased.leader.alert_id) {
    return std::string();
  }
  ENERGY_ASSIGN_OR_RETURN(const auto status, database_.Read([&](sql::Connection& connection) {
    return repository_.AlertStatus(connection, *leased.leader.alert_id, clock_.Now());
  }));
  if (status == "open") return std::string();
  return "the alert is " + status.value_or("gone");
}

Attempt Sender::Try(Channel& channel, const Leased& leased) {
  const auto pointless = WhyPointless(leased);
  if (!pointless.ok()) return AttemptOf(OutcomeOf(pointless.status()), leased, "");
  if (!pointless->empty()) {
    Attempt cancelled;
    cancelled.status = DeliveryStatus::kCancelled;
    cancelled.last_error = *pointless;
    return cancelled;
  }
  Content content{
      leased.leader.id, leased.leader.bundle, {}, leased.leader.language, leased.leader.time_zone};
  for (const Notification& row : leased.rows) {
    if (row.event) content.events.push_back(*row.event);
  }
  if (content.events.empty()) {
    Attempt nothing;
    nothing.status = DeliveryStatus::kFailed;
    nothing.last_error = "there is nothing to say";
    return nothing;
  }
  const Delivery delivery{leased.leader.id, leased.leader.recipient,
                          renderer_.Render(channel.id(), content)};
  return AttemptOf(channel.Send(delivery), leased, delivery.message.subject);
}

Attempt Sender::AttemptOf(const Outcome& outcome, const Leased& leased, std::string_view subject) {
  const Notification& leader = leased.leader;
  Attempt attempt;
  attempt.subject = Storable(subject, 1000);
  if (!outcome.provider.empty()) {
    attempt.provider_response =
        outcome.provider.dump(-1, ' ', false, base::Json::error_handler_t::replace);
  }
  if (!outcome.error.empty()) attempt.last_error = outcome.error;
  switch (outcome.result) {
    case Outcome::Result::kSent:
      attempt.status = DeliveryStatus::kSent;
      if (leased.interrupted) attempt.last_error = kMayRepeat;
      break;
    case Outcome::Result::kBounced:
      attempt.status = DeliveryStatus::kBounced;
      break;
    case Outcome::Result::kFailed:
      attempt.status = DeliveryStatus::kFailed;
      break;
    case Outcome::Result::kRetry:
      if (leader.attempts >= options_.max_attempts) {
        attempt.status = DeliveryStatus::kFailed;
      } else {
        attempt.next_attempt_at = clock_.Now() + WaitAfter(leader.attempts, options_.backoff,
                                                           random_, outcome.retry_after);
      }
      break;
  }
  if (attempt.status != DeliveryStatus::kSent) {
    logger_->warn("notification {} by {} is {} after attempt {}: {}", leader.id,
                  ChannelName(leader.channel),
                  attempt.status == DeliveryStatus::kPending ? "to be sent again"
                                                             : DeliveryStatusName(attempt.status),
                  leader.attempts, outcome.error);
  }
  return attempt;
}

base::Status Sender::Finish(const Leased& leased, const Attempt& attempt) {
  auto until = clock_.Steady() + options_.lease;
  while (true) {
    const auto written = database_.Transaction([&](sql::Connection& connection) {
      return repository_.Finish(connection, leased, owner_, attempt, clock_.Now());
    });
    if (written.ok()) {
      if (!*written) {
        logger_->warn(
            "notification {} was taken over by another process: its outcome here ({}) is "
            "not kept",
            leased.leader.id, DeliveryStatusName(attempt.status));
      }
      return {};
    }
    if (written.status().code() != base::Code::kUnavailable || clock_.Steady() > until) {
      return written.status();
    }
    if (stopping_) until = std::min(until, clock_.Steady() + kPatienceAtStop);
    std::this_thread::sleep_for(kWriteAgain);
  }
}

void Sender::Prune() {
  if (options_.retention.count() == 0) return;
  const base::Timestamp before = clock_.Now() - options_.retention;
  for (int64_t removed = kPruneAtOnce; removed == kPruneAtOnce;) {
    const auto pruned = database_.Transaction([&](sql::Connection& connection) {
      return repository_.Prune(connection, before, kPruneAtOnce);
    });
    if (!pruned.ok()) {
      logger_->warn("old notifications stay for now: {}", pruned.status().ToString());
      return;
    }
    removed = *pruned;
  }
}

}  // namespace energy::notifications
