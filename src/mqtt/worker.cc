#include "mqtt/worker.h"

#include "mqtt/connection.h"

namespace energy::mqtt {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSweepInterval{200};
constexpr milliseconds kStopSweepInterval{20};
constexpr milliseconds kStopGrace{300};  // to write DISCONNECT after the deadline
constexpr size_t kMaxMailboxBytes = 64 << 20;
constexpr size_t kMaxMailboxEntries = 1 << 20;
constexpr unsigned kLogLinesPerSecond = 20;

}  // namespace

Worker::Worker(unsigned index, boost::asio::io_context& context, std::shared_ptr<BrokerState> state)
    : index_(index),
      context_(context),
      state_(std::move(state)),
      read_buffer_(std::make_unique_for_overwrite<char[]>(kReadBufferBytes)),
      now_(state_->clock.Steady()) {}

Worker::~Worker() = default;

void Worker::Start() {
  outboxes_.resize(peers_.size());
  sweep_timer_ = std::make_unique<boost::asio::steady_timer>(context_);
  Post([](Worker& self) { self.ArmSweep(); });
}

void Worker::Adopt(boost::asio::ip::tcp::socket socket) {
  // post() wants a copyable function on some paths; the socket is not.
  auto shared = std::make_shared<boost::asio::ip::tcp::socket>(std::move(socket));
  Post([shared](Worker& self) {
    if (self.stopping_) {
      self.state_->sockets.fetch_sub(1);
      return;
    }
    uint32_t slot = 0;
    if (self.free_slots_.empty()) {
      slot = static_cast<uint32_t>(self.slots_.size());
      self.slots_.emplace_back();
    } else {
      slot = self.free_slots_.back();
      self.free_slots_.pop_back();
    }
    Slot& entry = self.slots_[slot];
    ++entry.generation;
    entry.connection = std::make_shared<Connection>(
        self, std::move(*shared), ConnectionRef{self.index_, slot, entry.generation});
    ++self.open_;
    entry.connection->Start();
  });
}

void Worker::PostCompletions(std::span<const AckToken> tokens, PublishResult result) {
  bool post = false;
  {
    const std::lock_guard lock(mailbox_mutex_);
    const size_t before = mailbox_.completions.size();
    for (const AckToken& token : tokens) {
      if (token.io_thread == index_ && !token.inert()) {
        mailbox_.completions.push_back({token, result});
      }
    }
    if (mailbox_.completions.size() == before) return;
    post = !std::exchange(mailbox_.posted, true);
  }
  PostDrain(post);
}

void Worker::PostDeliveries(std::span<Delivery> deliveries) {
  bool post = false;
  {
    const std::lock_guard lock(mailbox_mutex_);
    for (Delivery& delivery : deliveries) {
      // Beyond the limit a null message tells the subscriber's connection that it cannot be served.
      const size_t bytes = delivery.message->memory();
      if (mailbox_.delivery_bytes + bytes > kMaxMailboxBytes) {
        if (delivery.qos == 0 || mailbox_.deliveries.size() >= kMaxMailboxEntries) {
          state_->metrics.dropped_slow.Increment();
          continue;
        }
        delivery.message.reset();
      } else {
        mailbox_.delivery_bytes += bytes;
      }
      mailbox_.deliveries.push_back(std::move(delivery));
    }
    post = !std::exchange(mailbox_.posted, true);
  }
  PostDrain(post);
}

void Worker::PostDrain(bool needed) {
  if (needed) Post([](Worker& self) { self.Drain(); });
}

void Worker::Drain() {
  Mailbox& mail = drained_mailbox_;
  {
    const std::lock_guard lock(mailbox_mutex_);
    std::swap(mail, mailbox_);
    mailbox_.posted = false;
    mailbox_.delivery_bytes = 0;
  }
  for (const Completion& completion : mail.completions) {
    const AckToken& token = completion.token;
    if (Connection* connection = Find({index_, token.slot, token.generation})) {
      connection->CompletePublish(token.sequence, completion.result);
    }
  }
  for (const Delivery& delivery : mail.deliveries) Deliver(delivery);
  mail.completions.clear();
  mail.deliveries.clear();
}

void Worker::Deliver(const Delivery& delivery) {
  Connection* connection = Find(delivery.connection);
  if (connection == nullptr) return;
  if (delivery.message == nullptr) {
    connection->Disconnect(ReasonCode::kQuotaExceeded, "messages come faster than they are read");
    return;
  }
  connection->Deliver(delivery.message, delivery.qos, delivery.retain);
}

Connection* Worker::Find(const ConnectionRef& ref) {
  if (ref.slot >= slots_.size() || slots_[ref.slot].generation != ref.generation) return nullptr;
  return slots_[ref.slot].connection.get();
}

void Worker::Release(Connection& connection) {
  const uint32_t slot = connection.ref().slot;
  closed_.push_back(std::move(slots_[slot].connection));
  ++slots_[slot].generation;
  free_slots_.push_back(slot);
  --open_;
  state_->sockets.fetch_sub(1);
}

bool Worker::reading_paused() const {
  return state_->reading_stopped.load(std::memory_order_acquire) ||
         state_->handler.Saturated(index_);
}

void Worker::BeginTurn() { now_ = state_->clock.Steady(); }

void Worker::EndTurn() {
  // Writing can close a connection, whose will is a publish, which makes more to write.
  while (read_end_due_ || !dirty_.empty()) {
    if (std::exchange(read_end_due_, false)) state_->handler.OnReadEnd(index_);
    for (size_t i = 0; i < dirty_.size(); ++i) {
      const std::shared_ptr<Connection> connection = std::move(dirty_[i]);
      connection->Flush();
    }
    dirty_.clear();
  }
  if (std::exchange(outboxes_due_, false)) {
    for (size_t thread = 0; thread < outboxes_.size(); ++thread) {
      if (outboxes_[thread].empty()) continue;
      peers_[thread]->PostDeliveries(outboxes_[thread]);
      outboxes_[thread].clear();
    }
  }
  AddCounts();
  closed_.clear();
  if (stopping_) CheckStopped();
}

void Worker::AddCounts() {
  auto add = [](prometheus::Counter& counter, uint64_t& count) {
    if (count == 0) return;
    counter.Increment(static_cast<double>(count));
    count = 0;
  };
  BrokerMetrics& metrics = state_->metrics;
  add(metrics.publishes_received, counts_.publishes_received);
  add(metrics.publishes_sent, counts_.publishes_sent);
  add(metrics.bytes_received, counts_.bytes_received);
  add(metrics.bytes_sent, counts_.bytes_sent);
  add(metrics.dropped_slow, counts_.dropped_slow);
  add(metrics.dropped_expired, counts_.dropped_expired);
  add(metrics.dropped_too_large, counts_.dropped_too_large);
  add(metrics.dropped_not_authorized, counts_.dropped_not_authorized);
}

void Worker::MarkDirty(std::shared_ptr<Connection> connection) {
  dirty_.push_back(std::move(connection));
}

void Worker::Park(std::shared_ptr<Connection> connection) {
  parked_.push_back(std::move(connection));
}

void Worker::PostResume() {
  if (resume_posted_.exchange(true)) return;
  Post([](Worker& self) {
    self.resume_posted_.store(false);
    std::vector<std::shared_ptr<Connection>> parked;
    parked.swap(self.parked_);
    for (const auto& connection : parked) connection->Unpark();
  });
}

void Worker::PostDisconnectUser(std::string username) {
  Post([username = std::move(username)](Worker& self) {
    for (size_t i = 0; i < self.slots_.size(); ++i) {
      Connection* connection = self.slots_[i].connection.get();
      if (connection != nullptr && connection->username() == username) {
        connection->Disconnect(ReasonCode::kAdministrativeAction, "disconnected by the operator");
      }
    }
  });
}

void Worker::TakeOver(const ConnectionRef& connection) {
  auto end = [connection](Worker& owner) {
    if (Connection* old = owner.Find(connection)) {
      old->Disconnect(ReasonCode::kSessionTakenOver, "the client identifier connected again");
    }
  };
  if (connection.io_thread == index_) {
    end(*this);
  } else {
    peers_[connection.io_thread]->Post(end);
  }
}

void Worker::Route(std::string_view topic, std::string_view payload, const Properties& properties,
                   uint8_t qos, bool retain, const ConnectionRef* publisher) {
  if (state_->router.size() == 0) return;
  state_->router.Match(topic, publisher, scratch_targets_);
  if (scratch_targets_.empty()) return;
  std::optional<std::chrono::seconds> expiry;
  if (properties.Has(Property::kMessageExpiryInterval)) {
    expiry = std::chrono::seconds(properties.Number(Property::kMessageExpiryInterval));
  }
  const auto message =
      std::make_shared<const Message>(topic, payload, properties.raw(), expiry, now_);
  for (const Target& target : scratch_targets_) {
    Delivery delivery{target.connection, message, std::min(qos, target.options.qos),
                      retain && target.options.retain_as_published};
    if (target.connection.io_thread == index_) {
      Deliver(delivery);
    } else {
      outboxes_[target.connection.io_thread].push_back(std::move(delivery));
      outboxes_due_ = true;
    }
  }
}

bool Worker::AccountPartial(size_t before, size_t after) {
  partial_bytes_ = partial_bytes_ - before + after;
  return after <= before || partial_bytes_ <= state_->options.max_partial_bytes_per_thread;
}

bool Worker::MayLog() {
  if (now_ - log_second_ >= std::chrono::seconds(1)) {
    log_second_ = now_;
    log_lines_ = 0;
  }
  return log_lines_++ < kLogLinesPerSecond;
}

void Worker::ArmSweep() {
  sweep_timer_->expires_after(stopping_ ? kStopSweepInterval : kSweepInterval);
  sweep_timer_->async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || !self->sweep_timer_) return;
    self->BeginTurn();
    self->Sweep();
    self->EndTurn();
    if (self->sweep_timer_) self->ArmSweep();
  });
}

void Worker::Sweep() {
  const TimePoint real_now = std::chrono::steady_clock::now();
  const bool overdue = stopping_ && real_now >= stop_deadline_;
  const bool out_of_time = stopping_ && real_now >= stop_deadline_ + kStopGrace;
  for (size_t i = 0; i < slots_.size(); ++i) {
    Connection* connection = slots_[i].connection.get();
    if (connection == nullptr) continue;
    if (out_of_time) {
      connection->Close();
    } else if (overdue) {
      connection->Disconnect(ReasonCode::kServerShuttingDown, "server is shutting down");
    } else {
      connection->Sweep(real_now);
    }
  }
}

void Worker::PostStop(milliseconds timeout, std::function<void()> on_stopped) {
  Post([timeout, on_stopped = std::move(on_stopped)](Worker& self) {
    self.on_stopped_ = on_stopped;
    self.BeginStop(timeout);
  });
}

void Worker::BeginStop(milliseconds timeout) {
  stopping_ = true;
  stop_deadline_ = std::chrono::steady_clock::now() + timeout;
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].connection) slots_[i].connection->BeginStop();
  }
  ArmSweep();
}

void Worker::CheckStopped() {
  if (open_ > 0 || !on_stopped_) return;
  parked_.clear();
  sweep_timer_.reset();
  std::exchange(on_stopped_, nullptr)();
}

}  // namespace energy::mqtt
