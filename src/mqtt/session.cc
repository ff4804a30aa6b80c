#include "mqtt/session.h"

#include <utility>

namespace energy::mqtt {
Session::Session(Identity identity, std::shared_ptr<QueueBudget> budget)
    : identity_(std::move(identity)), budget_(std::move(budget)) {}

Session::~Session() { budget_->used_bytes.fetch_sub(bytes_); }

size_t Session::Cost(const Delivery& delivery) {
  return delivery.message->memory() + sizeof(Delivery) +
         delivery.subscription_ids.size() * sizeof(uint32_t);
}

bool Session::Fits(size_t bytes) const {
  const bool within_total =
      budget_->used_bytes.load(std::memory_order_relaxed) + bytes <= budget_->total_bytes;
  // One message always fits, or a small limit would cut off a client that keeps up.
  if (!queues_ || queues_->waiting.empty()) return within_total || connected();
  return within_total && bytes_ - in_flight_bytes_ + bytes <= budget_->session_bytes &&
         queues_->waiting.size() < budget_->session_messages;
}

void Session::Add(size_t bytes) {
  bytes_ += bytes;
  budget_->used_bytes.fetch_add(bytes, std::memory_order_relaxed);
}

void Session::Remove(size_t bytes) {
  bytes_ -= bytes;
  budget_->used_bytes.fetch_sub(bytes, std::memory_order_relaxed);
}

void Session::Push(Delivery delivery, size_t bytes) {
  if (!queues_) queues_ = std::make_unique<Queues>();
  Add(bytes);
  queues_->waiting.push_back(std::move(delivery));
  const bool half_full = (bytes_ - in_flight_bytes_) * 2 > budget_->session_bytes ||
                         queues_->waiting.size() * 2 > budget_->session_messages;
  congested_.store(half_full, std::memory_order_relaxed);
}

bool Session::DropOldest(Offered& result) {
  if (!queues_ || queues_->waiting.empty()) return false;
  const Delivery& oldest = queues_->waiting.front();
  if (oldest.id != 0) result.finished.push_back(oldest.id);
  ++result.dropped;
  ++dropped_;
  Remove(Cost(oldest));
  queues_->waiting.pop_front();
  return true;
}

Session::Offered Session::Offer(Delivery delivery) {
  const std::lock_guard lock(mutex_);
  Offered result;
  result.connection = owner_;
  const bool connected = connected_.load(std::memory_order_relaxed);
  const uint64_t id = delivery.id;
  if (ended_ || (!connected && (delivery.qos == 0 || !identity_.durable))) {
    if (id != 0) result.finished.push_back(id);
    return result;
  }
  const size_t bytes = Cost(delivery);
  if (!Fits(bytes)) {
    if (delivery.qos > 0 && connected) {
      result.wake = !std::exchange(overflowed_, true);
      congested_.store(true, std::memory_order_relaxed);
    }
    if (delivery.qos == 0 || !identity_.durable) {
      result.dropped = 1;
      ++dropped_;
      return result;
    }
    while (!Fits(bytes)) {
      if (DropOldest(result)) continue;
      ++result.dropped;
      ++dropped_;
      if (id != 0) result.finished.push_back(id);
      return result;
    }
  }
  Push(std::move(delivery), bytes);
  result.taken = true;
  if (connected && !std::exchange(signaled_, true)) result.wake = true;
  return result;
}

void Session::Force(Delivery delivery) {
  const std::lock_guard lock(mutex_);
  const size_t bytes = Cost(delivery);
  Push(std::move(delivery), bytes);
}

void Session::Attach(const ConnectionRef& connection, const Limits& limits) {
  const std::lock_guard lock(mutex_);
  owner_ = connection;
  limits_ = limits;
  connected_.store(true, std::memory_order_relaxed);
  signaled_ = true;  // the new connection looks of its own accord
  overflowed_ = false;
  resend_ = 0;
  unacknowledged_ = 0;
}

void Session::Detach(const ConnectionRef& connection) {
  const std::lock_guard lock(mutex_);
  if (!(owner_ == connection)) return;
  owner_ = {};
  connected_.store(false, std::memory_order_relaxed);
  if (!queues_) return;
  // QoS 0 messages are for who is there (§4.3.1).
  std::erase_if(queues_->waiting, [this](const Delivery& delivery) {
    if (delivery.qos > 0) return false;
    Remove(Cost(delivery));
    return true;
  });
  if (queues_->waiting.empty() && queues_->in_flight.empty()) queues_.reset();
}

std::vector<Delivery> Session::End() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  connected_.store(false, std::memory_order_relaxed);
  std::vector<Delivery> orphans;
  const std::unique_ptr<Queues> queues = std::move(queues_);
  if (queues) {
    for (InFlight& entry : queues->in_flight) {
      if (!entry.acknowledged && !entry.delivery.group.expired()) {
        orphans.push_back(std::move(entry.delivery));
      }
    }
    for (Delivery& delivery : queues->waiting) {
      if (delivery.qos > 0 && !delivery.group.expired()) orphans.push_back(std::move(delivery));
    }
  }
  Remove(bytes_);
  in_flight_bytes_ = 0;
  return orphans;
}

bool Session::Overflowed(const ConnectionRef& connection) {
  const std::lock_guard lock(mutex_);
  return owner_ == connection && std::exchange(overflowed_, false);
}

Session::Load Session::load() const {
  const std::lock_guard lock(mutex_);
  Load load;
  load.subscriptions = filters_.size();
  load.bytes = bytes_;
  load.dropped = dropped_;
  if (queues_) {
    load.waiting = queues_->waiting.size();
    load.in_flight = queues_->in_flight.size();
  }
  return load;
}

}  // namespace energy::mqtt
