#include "mqtt/connection.h"

namespace energy::mqtt {

ClientInfo Connection::Info() const {
  ClientInfo info;
  info.client_id = client_id_;
  info.username = username();
  info.address = stream_.RemoteAddress();
  info.transport = stream_.transport();
  info.version = version_;
  info.connected_at = account_.connected_at;
  info.keep_alive = std::chrono::seconds(account_.keep_alive_s);
  info.clean_start = account_.clean_start;
  info.session_expiry = std::chrono::seconds(session_expiry_s_);
  info.messages_received = account_.messages_received;
  info.messages_sent = account_.messages_sent;
  info.bytes_received = account_.bytes_received;
  info.bytes_sent = account_.bytes_sent;
  info.messages_dropped = account_.messages_dropped;
  info.inflight_received = acks_.size();
  info.last_error = account_.last_error;
  if (session_) {
    const Session::Load load = session_->load();
    info.subscriptions = load.subscriptions;
    info.queued = load.waiting;
    info.messages_dropped += load.dropped;
    info.inflight_sent = load.in_flight;
  }
  return info;
}

std::vector<ClientSubscription> Connection::Subscriptions() const {
  std::vector<ClientSubscription> subscriptions;
  if (!session_) return subscriptions;
  session_->ChangeFilters(ref_, [&](const Session::Filters& filters) {
    for (const auto& [filter, options] : filters) subscriptions.push_back({filter, options.qos});
  });
  return subscriptions;
}

// For the operator: the last error of this client, and one of the last errors of all.
void Connection::NoteError(std::string_view error, std::string_view claimed_user) {
  if (account_.last_error == error) return;
  account_.last_error = error;
  BrokerState& broker = worker_.state();
  broker.errors.Add({broker.clock.Now(), client_id_,
                     std::string(principal_ ? username() : claimed_user), stream_.RemoteAddress(),
                     stream_.transport(), account_.last_error});
}

void Connection::StartTrace(PacketTracePtr trace) {
  trace_ = std::move(trace);
  traced_out_ = out_.size();
}

void Connection::TraceIn(std::string_view packet) {
  trace_->Add(/*received=*/true, packet, version_);
  if (trace_->over()) trace_.reset();
}

// Output holds whole packets, but for the first when a part of it was written.
void Connection::TraceOut() {
  std::string_view rest = std::string_view(out_).substr(traced_out_);
  Frame frame;
  size_t size = 0;
  while (ParseFrame(rest, SIZE_MAX, frame, size) == FrameStatus::kComplete) {
    trace_->Add(/*received=*/false, rest.substr(0, size), version_);
    rest.remove_prefix(size);
  }
  traced_out_ = out_.size();
}

bool Connection::OverRate() {
  if (!rate_ || !rate_->Blocked(worker_.now())) return false;
  if (!window_blocked_) worker_.state().metrics.held_back.Increment();
  return true;
}

// True when the answer to a failed login has to wait; Sweep gives it then.
bool Connection::DelayRefusal(ReasonCode reason) {
  if (reason != ReasonCode::kBadUserNameOrPassword && reason != ReasonCode::kNotAuthorized) {
    return false;
  }
  const auto delay = worker_.state().admission.LoginFailed(stream_.RemoteHost(), worker_.now());
  if (delay.count() == 0) return false;
  worker_.state().metrics.logins_delayed.Increment();
  RefuseLater(reason, delay);
  return true;
}

// Two devices with one client id, which end each other's connection for ever, or one that comes
// back at once whatever happens. The answer waits until the next attempt will be good.
bool Connection::ConnectsTooOften() {
  const auto wait =
      worker_.state().admission.TakeClientConnect(username(), client_id_, worker_.now());
  if (wait.count() == 0) return false;
  NoteError("this client connects too often");
  RefuseLater(ReasonCode::kConnectionRateExceeded, wait);
  return true;
}

void Connection::RefuseLater(ReasonCode reason, std::chrono::milliseconds delay) {
  held_refusal_ = reason;
  refuse_at_ = worker_.now() + delay;
}

}  // namespace energy::mqtt
