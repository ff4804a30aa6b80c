#include "mqtt/connection.h"

#include "mqtt/log_text.h"

namespace energy::mqtt {
namespace {

using std::chrono::seconds;

constexpr std::chrono::milliseconds kLinger{1000};
constexpr std::chrono::milliseconds kStopLinger{100};
constexpr seconds kWriteTimeout{30};

}  // namespace

Connection::Connection(Worker& worker, Stream stream, const ConnectionRef& ref,
                       Admission::Verdict verdict)
    : worker_(worker),
      stream_(std::move(stream)),
      ref_(ref),
      verdict_(verdict),
      last_received_(worker.now()) {}

void Connection::Start() { WaitReadable(); }

void Connection::CompletePublish(uint32_t sequence, PublishResult result) {
  if (state_ != State::kConnected || !acks_.Complete(sequence, result)) return;
  SendAcks();
  if (!Open()) return;
  if (stopping_ && acks_.empty()) {
    return Disconnect(ReasonCode::kServerShuttingDown, "server is shutting down");
  }
  ResumeInput();
}

void Connection::OnWake() {
  if (state_ != State::kConnected || !session_) return;
  if (session_->Overflowed(ref_)) {
    return Disconnect(ReasonCode::kQuotaExceeded, "messages come faster than they are read");
  }
  Dirty();
}

void Connection::Unpark() {
  parked_ = false;
  // The client could not be heard meanwhile.
  last_received_ = worker_.now();
  if (Open() && !stopping_) WaitReadable();
}

// The peer broke the protocol.
void Connection::NoteRefusal(std::string_view reason) {
  worker_.state().metrics.protocol_errors.Increment();
  NoteError(reason);
  if (!worker_.MayLog()) return;
  worker_.state().logger->info("client '{}' at {} closed: {}", Printable(client_id_),
                               stream_.RemoteAddress(), reason);
}

void Connection::Refuse(const PacketError& error) {
  NoteRefusal(error.what);
  if (state_ == State::kConnected && version_ == Version::k5) {
    SendDisconnect(error.code, error.what);
  } else if (state_ == State::kAwaitConnect) {
    worker_.state().metrics.invalid.Increment();
  }
  BeginClose();
}

void Connection::Disconnect(ReasonCode reason, std::string_view text) {
  if (!Open()) return;
  if (reason == ReasonCode::kServerShuttingDown) {
    will_.reset();
  } else {
    NoteError(text);
  }
  if (state_ == State::kConnected) {
    worker_.state().logger->debug("client '{}' disconnected: {}", Printable(client_id_), text);
    if (version_ == Version::k5) SendDisconnect(reason, text);
  }
  BeginClose();
}

void Connection::SendDisconnect(ReasonCode reason, std::string_view text) {
  mqtt::Disconnect packet;
  packet.reason = reason;
  packet.properties.Set(Property::kReasonString, text);
  const size_t begin = out_.size();
  Encode(PacketType::kDisconnect, packet, version_, out_);
  if (out_.size() - begin <= client_max_packet_) return;
  out_.resize(begin);  // [MQTT-3.14.2-3]
  packet.properties.Clear();
  Encode(PacketType::kDisconnect, packet, version_, out_);
  if (out_.size() - begin > client_max_packet_) out_.resize(begin);  // [MQTT-3.1.2-24]
}

void Connection::BeginClose() {
  if (!Open()) return;
  Detach();
  state_ = State::kClosing;
  linger_until_ = std::chrono::steady_clock::now() + (stopping_ ? kStopLinger : kLinger);
  Dirty();
}

void Connection::BeginStop() {
  if (!Open()) return;
  stopping_ = true;
  if (acks_.empty()) Disconnect(ReasonCode::kServerShuttingDown, "server is shutting down");
}

void Connection::Sweep(TimePoint real_now) {
  const TimePoint now = worker_.now();
  const auto silent = now - last_received_;
  if (write_waiting_ && now - write_blocked_since_ > kWriteTimeout) return Close();
  if (held_refusal_ != ReasonCode::kSuccess && state_ == State::kAwaitConnect) {
    if (now >= refuse_at_) RefuseConnect(held_refusal_, ReasonText(held_refusal_));
    return;
  }
  if (rate_) ResumeInput();
  // Who is not read cannot be blamed for silence.
  if (Open() && (parked_ || window_blocked_)) return;
  switch (state_) {
    case State::kAwaitConnect:
      if (silent <= worker_.state().options.connect_timeout) return;
      worker_.state().metrics.timed_out.Increment();
      NoteError("no complete CONNECT in time");
      return BeginClose();
    case State::kConnected:
      if (keep_alive_limit_.count() == 0) return;
      if (silent <= keep_alive_limit_) return;  // [MQTT-3.1.2-22] in 5.0, [MQTT-3.1.2-24] in 3.1.1
      return Disconnect(ReasonCode::kKeepAliveTimeout, "nothing received within the keep-alive");
    case State::kClosing:
      if (real_now >= linger_until_) Close();
      return;
    case State::kClosed:
      return;
  }
}

void Connection::Close() {
  if (state_ == State::kClosed) return;
  if (Open()) Detach();
  state_ = State::kClosed;
  KeepInput({}, 0);
  stream_.Close();
  worker_.Release(*this);
}

// Gives up everything that ties other parts of the broker to this client.
void Connection::Detach() {
  if (state_ != State::kConnected) return;
  state_ = State::kClosing;  // nothing is delivered to it any more, its own will included
  BrokerState& broker = worker_.state();
  const SessionPtr session = std::move(session_);
  if (session && session->durable()) broker.durable_connected.fetch_sub(1);
  const SessionRegistry::Left left =
      broker.registry.Disconnect(client_id_, ref_, session, session_expiry_s_, std::move(will_));
  if (left.ended) worker_.EndSession(left.ended);
  if (left.will) worker_.PublishWill(*left.will, session.get());
  // Last: who sees that it is gone also sees what its going left.
  broker.connections.fetch_sub(1);
  broker.metrics.connections.Decrement();
}

}  // namespace energy::mqtt
