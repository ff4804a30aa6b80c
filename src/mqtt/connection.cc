#include "mqtt/connection.h"

#include <boost/asio/buffer.hpp>

#include "mqtt/log_text.h"

namespace energy::mqtt {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using std::chrono::seconds;

constexpr size_t kStageBytes = 64 << 10;      // encoded ahead of the socket
constexpr size_t kKeptOutputBytes = 4 << 10;  // memory an idle connection keeps for output
constexpr std::chrono::milliseconds kLinger{1000};
constexpr std::chrono::milliseconds kStopLinger{100};
constexpr seconds kWriteTimeout{30};
// MQTT 3.1.1 clients know no receive maximum: they are held back, not cut off, beyond this many
// times the limit that MQTT 5 clients are told.
constexpr uint32_t kWindowFactor311 = 8;

bool WouldBlock(const error_code& error) {
  return error == boost::asio::error::would_block || error == boost::asio::error::try_again;
}

}  // namespace

Connection::Connection(Worker& worker, tcp::socket socket, const ConnectionRef& ref)
    : worker_(worker), socket_(std::move(socket)), ref_(ref), last_received_(worker.now()) {}

void Connection::Start() {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  // Finds peers that vanished without a keep-alive of their own.
  socket_.set_option(boost::asio::socket_base::keep_alive(true), ignored);
  socket_.non_blocking(true, ignored);
  WaitReadable();
}

void Connection::WaitReadable() {
  if (read_waiting_ || state_ == State::kClosed) return;
  read_waiting_ = true;
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
    self->read_waiting_ = false;
    if (self->state_ == State::kClosed) return;
    self->worker_.BeginTurn();
    self->OnReadable(error);
    self->worker_.EndTurn();
  });
}

void Connection::OnReadable(const error_code& wait_error) {
  if (wait_error) return Close();
  if (!Open()) return DiscardInput();
  if (stopping_ || window_blocked_) return;
  if (worker_.reading_paused()) {
    parked_ = true;
    return worker_.Park(shared_from_this());
  }
  const auto space = input_.Prepare(worker_.read_buffer());
  error_code error;
  const size_t count = socket_.read_some(boost::asio::buffer(space.data(), space.size()), error);
  if (WouldBlock(error)) return WaitReadable();
  if (error) return Close();
  worker_.counts().bytes_received += count;
  // Before CONNECT the time since accept counts, whatever trickles in.
  if (state_ == State::kConnected) last_received_ = worker_.now();
  ProcessInput(input_.Commit(count));
}

void Connection::ProcessInput(std::string_view data) {
  size_t expected = 0;
  const size_t used = Consume(data, expected);
  if (!Open()) {
    KeepInput({}, 0);
    return;
  }
  if (!KeepInput(data.substr(used), expected)) {
    return Disconnect(ReasonCode::kServerBusy, "too many incomplete packets at once");
  }
  if (!window_blocked_) WaitReadable();
}

// False when the thread keeps more incomplete packets than it may.
bool Connection::KeepInput(std::string_view rest, size_t expected) {
  input_.Keep(rest, expected);
  const size_t before = std::exchange(accounted_input_, input_.memory());
  return worker_.AccountPartial(before, accounted_input_);
}

size_t Connection::Consume(std::string_view data, size_t& expected) {
  size_t used = 0;
  while (used < data.size() && Open() && !stopping_) {
    window_blocked_ = WindowFull();
    if (window_blocked_) break;
    const std::string_view rest = data.substr(used);
    const auto type = static_cast<uint8_t>(rest[0]) >> 4U;
    if (state_ == State::kAwaitConnect && type != static_cast<uint8_t>(PacketType::kConnect)) {
      Refuse(ProtocolError("the first packet is not CONNECT"));  // [MQTT-3.1.0-1]
      break;
    }
    Frame frame;
    size_t size = 0;
    const FrameStatus status =
        ParseFrame(rest, worker_.state().options.max_packet_bytes, frame, size);
    if (status == FrameStatus::kIncomplete) {
      expected = size;
      break;
    }
    PacketError error;
    if (status == FrameStatus::kMalformed) {
      error = Malformed("fixed header is malformed");
    } else if (status == FrameStatus::kTooLarge) {
      error = {ReasonCode::kPacketTooLarge, "packet is larger than the maximum packet size"};
    } else {
      used += size;
      error = Handle(frame);
    }
    if (error) {
      Refuse(error);
      break;
    }
  }
  return used;
}

// A client that does not read its acknowledgements is not read either: TCP holds it back.
bool Connection::WindowFull() const {
  if (write_waiting_ && out_.size() > kStageBytes) return true;
  return version_ == Version::k311 &&
         acks_.size() >= worker_.state().options.receive_maximum * kWindowFactor311;
}

// Goes on with input that WindowFull held back.
void Connection::ResumeInput() {
  if (!window_blocked_ || !Open() || stopping_) return;
  if (acks_.size() > worker_.state().options.receive_maximum) return;
  window_blocked_ = false;
  last_received_ = worker_.now();
  ProcessInput(input_.Kept());
}

void Connection::CompletePublish(uint32_t sequence, PublishResult result) {
  if (state_ != State::kConnected || !acks_.Complete(sequence, result)) return;
  SendAcks();
  if (!Open()) return;
  if (stopping_ && acks_.empty()) {
    return Disconnect(ReasonCode::kServerShuttingDown, "server is shutting down");
  }
  ResumeInput();
}

void Connection::Deliver(const MessagePtr& message, uint8_t qos, bool retain) {
  if (state_ != State::kConnected || !session_) return;
  switch (session_->Offer(message, qos, retain)) {
    case Session::Push::kQueued:
      return Dirty();
    case Session::Push::kDropped:
      ++worker_.counts().dropped_slow;
      return;
    case Session::Push::kOverflow:
      ++worker_.counts().dropped_slow;
      Disconnect(ReasonCode::kQuotaExceeded, "messages come faster than they are read");
  }
}

void Connection::Dirty() {
  if (std::exchange(dirty_, true)) return;
  worker_.MarkDirty(shared_from_this());
}

void Connection::Flush() {
  dirty_ = false;
  if (state_ == State::kClosed || write_waiting_ || write_shut_) return;
  while (true) {
    if (session_ && state_ == State::kConnected) {
      const Session::Sent sent = session_->Fill(out_, kStageBytes, worker_.now());
      worker_.counts().publishes_sent += sent.sent;
      worker_.counts().dropped_expired += sent.expired;
      worker_.counts().dropped_too_large += sent.too_large;
    }
    if (out_.empty()) break;
    if (!WriteSome()) return;
  }
  if (state_ != State::kClosing) return ResumeInput();
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  write_shut_ = true;
  WaitReadable();
}

// True when everything in out_ was written.
bool Connection::WriteSome() {
  error_code error;
  const size_t count = socket_.write_some(
      boost::asio::buffer(out_.data() + out_begin_, out_.size() - out_begin_), error);
  if (error && !WouldBlock(error)) {
    Close();
    return false;
  }
  worker_.counts().bytes_sent += count;
  out_begin_ += count;
  if (out_begin_ == out_.size()) {
    out_.clear();
    out_begin_ = 0;
    if (out_.capacity() > kKeptOutputBytes) std::string().swap(out_);
    return true;
  }
  out_.erase(0, out_begin_);
  out_begin_ = 0;
  WaitWritable();
  return false;
}

void Connection::WaitWritable() {
  write_waiting_ = true;
  write_blocked_since_ = worker_.now();
  socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const error_code& error) {
    self->write_waiting_ = false;
    if (self->state_ == State::kClosed) return;
    self->worker_.BeginTurn();
    if (error) {
      self->Close();
    } else {
      self->Flush();
    }
    self->worker_.EndTurn();
  });
}

void Connection::Unpark() {
  parked_ = false;
  // The client could not be heard meanwhile.
  last_received_ = worker_.now();
  if (Open() && !stopping_) WaitReadable();
}

void Connection::DiscardInput() {
  error_code error;
  const auto space = worker_.read_buffer();
  socket_.read_some(boost::asio::buffer(space.data(), space.size()), error);
  if (error && !WouldBlock(error)) return Close();
  WaitReadable();
}

void Connection::Refuse(const PacketError& error) {
  worker_.state().metrics.protocol_errors.Increment();
  if (worker_.MayLog()) {
    worker_.state().logger->info("client '{}' at {} closed: {} ({})", Printable(client_id_),
                                 RemoteAddress(), error.what, ReasonText(error.code));
  }
  if (state_ == State::kConnected && version_ == Version::k5) {
    SendDisconnect(error.code, error.what);
  } else if (state_ == State::kAwaitConnect) {
    worker_.state().metrics.invalid.Increment();
  }
  BeginClose();
}

void Connection::Disconnect(ReasonCode reason, std::string_view text) {
  if (!Open()) return;
  if (reason == ReasonCode::kServerShuttingDown) will_.reset();
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
  // Who is not read cannot be blamed for silence.
  if (Open() && (parked_ || window_blocked_)) return;
  switch (state_) {
    case State::kAwaitConnect:
      if (silent <= worker_.state().options.connect_timeout) return;
      worker_.state().metrics.timed_out.Increment();
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
  error_code ignored;
  socket_.close(ignored);
  worker_.Release(*this);
}

// Gives up everything that ties other parts of the broker to this client.
void Connection::Detach() {
  if (state_ != State::kConnected) return;
  state_ = State::kClosing;  // nothing is delivered to it any more, its own will included
  BrokerState& broker = worker_.state();
  broker.clients.Release(client_id_, ref_);
  if (session_) {
    for (const std::string& filter : session_->filters()) broker.router.Remove(filter, ref_);
    session_.reset();
  }
  broker.connections.fetch_sub(1);
  broker.metrics.connections.Decrement();
  PublishWill();
}

std::string Connection::RemoteAddress() const {
  error_code error;
  const auto endpoint = socket_.remote_endpoint(error);
  if (error) return "unknown";
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace energy::mqtt
