#include "telemetry/feed.h"

#include <pthread.h>

namespace energy::telemetry {

Feed::Feed(base::Metrics& metrics) : metrics_(metrics) {}

Feed::~Feed() { Stop(); }

void Feed::Subscribe(std::string name, Consumer consumer, Overflow overflow,
                     size_t queue_readings) {
  auto& dropped =
      metrics_.Counter("telemetry_feed_dropped_total",
                       "Readings that a subscriber of committed batches did not get in time.",
                       {{"subscriber", name}});
  subscribers_.push_back(std::unique_ptr<Subscriber>(new Subscriber{std::move(name),
                                                                    std::move(consumer),
                                                                    overflow,
                                                                    queue_readings,
                                                                    dropped,
                                                                    {},
                                                                    {},
                                                                    {},
                                                                    0,
                                                                    false,
                                                                    false,
                                                                    {}}));
}

base::Status Feed::Start() {
  for (auto& subscriber : subscribers_) {
    subscriber->thread = std::thread([target = subscriber.get()] { Run(*target); });
  }
  return {};
}

void Feed::Stop() {
  for (auto& subscriber : subscribers_) {
    {
      std::lock_guard lock(subscriber->mutex);
      subscriber->stopping = true;
    }
    subscriber->changed.notify_all();
    if (subscriber->thread.joinable()) subscriber->thread.join();
  }
}

void Feed::Publish(const CommittedBatchPtr& batch) {
  for (auto& subscriber : subscribers_) Enqueue(*subscriber, batch);
}

void Feed::Enqueue(Subscriber& subscriber, const CommittedBatchPtr& batch) {
  const size_t readings = batch->readings.rows.size();
  {
    std::unique_lock lock(subscriber.mutex);
    const auto fits = [&] {
      return subscriber.queue.empty() || subscriber.queued_readings + readings <= subscriber.limit;
    };
    if (subscriber.overflow == Overflow::kHoldIngest) {
      subscriber.changed.wait(lock, [&] { return fits() || subscriber.stopping; });
    }
    while (!fits()) {
      const size_t oldest = subscriber.queue.front()->readings.rows.size();
      subscriber.dropped.Increment(static_cast<double>(oldest));
      subscriber.queued_readings -= oldest;
      subscriber.queue.pop_front();
    }
    if (subscriber.stopping) return;
    subscriber.queue.push_back(batch);
    subscriber.queued_readings += readings;
  }
  subscriber.changed.notify_all();
}

void Feed::Run(Subscriber& subscriber) {
  pthread_setname_np(pthread_self(), ("feed-" + subscriber.name).substr(0, 15).c_str());
  std::unique_lock lock(subscriber.mutex);
  while (true) {
    subscriber.changed.wait(lock, [&] { return !subscriber.queue.empty() || subscriber.stopping; });
    if (subscriber.queue.empty()) return;
    const CommittedBatchPtr batch = std::move(subscriber.queue.front());
    subscriber.queue.pop_front();
    subscriber.queued_readings -= batch->readings.rows.size();
    subscriber.busy = true;
    lock.unlock();
    subscriber.consumer(*batch);
    lock.lock();
    subscriber.busy = false;
    subscriber.changed.notify_all();
  }
}

bool Feed::Drain(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (auto& subscriber : subscribers_) {
    std::unique_lock lock(subscriber->mutex);
    const bool idle = subscriber->changed.wait_until(lock, deadline, [&] {
      return (subscriber->queue.empty() && !subscriber->busy) || subscriber->stopping;
    });
    if (!idle) return false;
  }
  return true;
}

}  // namespace energy::telemetry
