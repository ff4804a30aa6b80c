#include "mqtt/worker.h"

#include "mqtt/connection.h"
#include "mqtt/reader.h"
#include "mqtt/topic.h"

namespace energy::mqtt {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSweepInterval{200};
constexpr milliseconds kStopSweepInterval{20};
constexpr milliseconds kStopGrace{300};  // to write DISCONNECT after the deadline
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

void Worker::Adopt(Stream stream, Admission::Verdict verdict) {
  // post() wants a copyable function on some paths; the stream is not.
  auto shared = std::make_shared<Stream>(std::move(stream));
  Post([shared, verdict](Worker& self) {
    if (self.stopping_) {
      self.state_->admission.Release(shared->RemoteHost(), verdict);
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
        self, std::move(*shared), ConnectionRef{self.index_, slot, entry.generation}, verdict);
    ++self.open_;
    entry.connection->Start();
  });
}

void Worker::Wake(const ConnectionRef& ref) {
  if (ref.io_thread != index_) {
    outboxes_[ref.io_thread].push_back(ref);
    outboxes_due_ = true;
  } else if (Connection* connection = Find(ref)) {
    connection->OnWake();
  }
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
  state_->admission.Release(connection.host(), connection.verdict());
}

bool Worker::reading_paused() const {
  return state_->reading_stopped.load(std::memory_order_acquire) ||
         (state_->store && state_->store->Saturated()) || state_->handler.Saturated(index_) ||
         (state_->total_rate && state_->total_rate->Blocked(now_));
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
      peers_[thread]->PostWakes(outboxes_[thread]);
      outboxes_[thread].clear();
    }
  }
  AddCounts();
  closed_.clear();
  if (stopping_) CheckStopped();
}

void Worker::AddCounts() {
  if (state_->total_rate) {
    state_->total_rate->Take(counts_.publishes_received, counts_.bytes_received);
  }
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

void Worker::ResumeParked() {
  std::vector<std::shared_ptr<Connection>> parked;
  parked.swap(parked_);
  for (const auto& connection : parked) connection->Unpark();
}

void Worker::PublishWill(const StoredWill& will, const Session* publisher) {
  // After a restart the rights are those of today; nobody known by that name has none.
  const auto principal =
      will.principal ? will.principal : state_->authenticator.Renew(will.user, will.client_id);
  if (!principal || IsReservedTopic(will.topic) || !principal->MayPublish(will.topic)) return;
  Properties properties;
  Reader in(will.properties);
  if (properties.Decode(in, PacketType::kPublish)) return;
  PublishHandler::Message message;
  message.topic = will.topic;
  message.payload = will.payload;
  message.qos = will.qos;
  message.retain = will.retain;
  message.principal = principal.get();
  // Nobody is left to acknowledge to, so the token is inert.
  state_->handler.OnPublish(index_, message, AckToken{});
  MarkReadEnd();
  Route({will.topic, will.payload, &properties, will.qos, will.retain, publisher, {}});
}

void Worker::ExpireSessions() {
  const SessionRegistry::Due due = state_->registry.Expire();
  for (const WillDelayed& will : due.wills) {
    PublishWill(*will.will, nullptr);
    if (state_->store) state_->store->Append(WillPublished{will.session, will.due});
  }
  for (const SessionPtr& session : due.ended) EndSession(session);
  BrokerMetrics& metrics = state_->metrics;
  metrics.sessions.Set(static_cast<double>(state_->registry.stored()));
  metrics.retained.Set(static_cast<double>(state_->retained.count()));
  metrics.queued_bytes.Set(static_cast<double>(state_->budget->used_bytes.load()));
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
  if (index_ == 0) state_->metrics.subscriptions.Set(static_cast<double>(state_->router.size()));
  const bool overdue = stopping_ && real_now >= stop_deadline_;
  const bool out_of_time = stopping_ && real_now >= stop_deadline_ + kStopGrace;
  if (index_ == 0 && !stopping_) ExpireSessions();
  // The other reasons to pause say when they end.
  if (state_->total_rate && !parked_.empty() && !reading_paused()) ResumeParked();
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
