#include "mqtt/client_core.h"

#include <algorithm>

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>

namespace energy::mqtt {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

base::Status Refusal(ReasonCode reason, std::string_view text) {
  std::string message = "the MQTT broker refused the connection: ";
  message += ReasonText(reason);
  if (!text.empty()) message.append(" (").append(text).append(")");
  switch (reason) {
    case ReasonCode::kBadUserNameOrPassword:
      return base::Unauthenticated(std::move(message));
    case ReasonCode::kNotAuthorized:
    case ReasonCode::kBanned:
      return base::PermissionDenied(std::move(message));
    case ReasonCode::kUnsupportedProtocolVersion:
    case ReasonCode::kClientIdentifierNotValid:
    case ReasonCode::kMalformedPacket:
    case ReasonCode::kProtocolError:
      return base::InvalidArgument(std::move(message));
    default:
      return base::Unavailable(std::move(message));
  }
}

}  // namespace

ClientCore::ClientCore(ClientOptions options, boost::asio::io_context& io)
    : options_(std::move(options)),
      version_(options_.version == 5 ? Version::k5 : Version::k311),
      io_(io),
      resolver_(io),
      socket_(io),
      timer_(io),
      keep_alive_(io),
      jitter_(static_cast<unsigned>(options_.jitter_seed != 0 ? options_.jitter_seed
                                                              : std::random_device{}())) {}

void ClientCore::Connect(std::string host, uint16_t port, Done done) {
  boost::asio::post(io_, [self = shared_from_this(), host = std::move(host), port,
                          done = std::move(done)]() mutable {
    if (self->state_ != State::kIdle) {
      return done(base::Conflict("the MQTT client is connected or closed already"));
    }
    if (self->options_.version != 4 && self->options_.version != 5) {
      return done(base::InvalidField("version", "must be 4 (MQTT 3.1.1) or 5 (MQTT 5.0)"));
    }
    self->host_ = std::move(host);
    self->port_ = port;
    self->connect_done_ = std::move(done);
    self->StartAttempt();
  });
}

void ClientCore::StartAttempt() {
  state_ = State::kConnecting;
  const uint64_t attempt = ++attempt_;
  timer_.expires_after(options_.connect_timeout);
  timer_.async_wait([self = shared_from_this(), attempt](const error_code& error) {
    if (error || attempt != self->attempt_ || self->state_ == State::kConnected) return;
    self->Lose(base::Unavailable("no answer from the MQTT broker at " + self->host_ + ":" +
                                 std::to_string(self->port_) + " within the connect timeout"));
  });
  error_code not_literal;
  const auto address = boost::asio::ip::make_address(host_, not_literal);
  if (!not_literal) {
    const tcp::endpoint endpoint(address, port_);
    return TryEndpoints(tcp::resolver::results_type::create(endpoint, host_, ""));
  }
  resolver_.async_resolve(
      host_, std::to_string(port_),
      [self = shared_from_this(), attempt](const error_code& error, const auto& endpoints) {
        if (attempt != self->attempt_ || self->state_ != State::kConnecting) return;
        if (error) {
          return self->Lose(base::Unavailable("cannot find the MQTT broker '" + self->host_ +
                                              "': " + error.message()));
        }
        self->TryEndpoints(endpoints);
      });
}

void ClientCore::TryEndpoints(const tcp::resolver::results_type& endpoints) {
  const uint64_t attempt = attempt_;
  boost::asio::async_connect(
      socket_, endpoints,
      [self = shared_from_this(), attempt](const error_code& error, const tcp::endpoint&) {
        if (attempt != self->attempt_ || self->state_ != State::kConnecting) return;
        if (error) {
          return self->Lose(base::Unavailable("cannot connect to the MQTT broker at " +
                                              self->host_ + ":" + std::to_string(self->port_) +
                                              ": " + error.message() + "; is it running there?"));
        }
        self->OnConnected();
      });
}

void ClientCore::OnConnected() {
  state_ = State::kAwaitConnack;
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  mqtt::Connect packet;
  packet.version = version_;
  packet.clean_start = options_.clean;
  packet.keep_alive_s = options_.keep_alive_s;
  packet.client_id = options_.client_id;
  if (options_.username) packet.username = *options_.username;
  if (options_.password) packet.password = *options_.password;
  if (version_ == Version::k5) {
    packet.properties.Set(Property::kMaximumPacketSize, options_.max_packet_bytes);
  }
  in_.clear();
  out_.clear();
  Encode(packet, out_);
  Write();
  Read();
}

void ClientCore::OnConnack(const Frame& frame) {
  Connack connack;
  if (const PacketError error = Decode(frame, version_, connack)) {
    Broken(error);
    return;
  }
  if (IsFailure(connack.reason)) {
    return Lose(Refusal(connack.reason, connack.properties.Text(Property::kReasonString)));
  }
  Established(connack);
}

void ClientCore::Established(const Connack& connack) {
  timer_.cancel();
  state_ = State::kConnected;
  attempts_ = 0;
  window_ = std::min<size_t>(options_.max_in_flight,
                             connack.properties.Number(Property::kReceiveMaximum, UINT16_MAX));
  max_send_bytes_ = connack.properties.Number(Property::kMaximumPacketSize, UINT32_MAX);
  const uint32_t keep_alive_s =
      connack.properties.Number(Property::kServerKeepAlive, options_.keep_alive_s);
  ping_interval_ = milliseconds(keep_alive_s * 500);
  ping_outstanding_ = false;
  const bool again = std::exchange(was_connected_, true);
  SetConnected(true);
  if (again) {
    const std::lock_guard lock(mutex_);
    ++stats_.reconnects;
  }
  Resume(connack.session_present);
  if (ping_interval_.count() > 0) ArmKeepAlive();
  if (on_connection_) on_connection_(true, {});
  if (connect_done_) std::exchange(connect_done_, nullptr)({});
}

// Sends what the former connection left open, in the original order [MQTT-4.4.0-1, MQTT-4.6.0-1].
void ClientCore::Resume(bool session_present) {
  uint64_t resent = 0;
  for (Request& request : in_flight_) {
    if (request.acknowledged) continue;
    if (request.answer == PacketType::kPuback) {
      request.bytes[0] = static_cast<char>(request.bytes[0] | 8);
      ++resent;
    }
    out_ += request.bytes;
  }
  {
    const std::lock_guard lock(mutex_);
    stats_.resent += resent;
  }
  if (!session_present) {
    for (const auto& [filter, qos] : subscriptions_) Subscribe(filter, qos, {});
  }
  Write();
  Pump();
}

void ClientCore::Lose(const base::Status& reason) {
  if (state_ == State::kClosed) return;
  const bool was_established = state_ == State::kConnected;
  ++attempt_;
  CloseSocket();
  SetConnected(false);
  if (was_established && on_connection_) on_connection_(false, reason);
  if (connect_done_) {
    state_ = State::kIdle;
    return std::exchange(connect_done_, nullptr)(reason);
  }
  if (!options_.reconnect) {
    state_ = State::kClosed;
    return FailAll(reason);
  }
  ScheduleReconnect();
}

void ClientCore::ScheduleReconnect() {
  state_ = State::kBackoff;
  const auto doubled = options_.min_backoff * (int64_t{1} << std::min(attempts_, 20U));
  const auto limit = std::min<milliseconds>(doubled, options_.max_backoff);
  ++attempts_;
  // Between half and all of it, so that clients that lost the same broker do not return together.
  std::uniform_int_distribution<int64_t> distribution(limit.count() / 2, limit.count());
  timer_.expires_after(milliseconds(distribution(jitter_)));
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error && self->state_ == State::kBackoff) self->StartAttempt();
  });
}

void ClientCore::ArmKeepAlive() {
  keep_alive_.expires_after(ping_interval_);
  keep_alive_.async_wait([self = shared_from_this(), attempt = attempt_](const error_code& error) {
    if (error || attempt != self->attempt_ || self->state_ != State::kConnected) return;
    if (std::exchange(self->ping_outstanding_, true)) {
      return self->Lose(base::Unavailable("the MQTT broker does not answer pings"));
    }
    EncodePing(PacketType::kPingreq, self->out_);
    self->Write();
    self->ArmKeepAlive();
  });
}

void ClientCore::Close(std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  boost::asio::post(io_, [self = shared_from_this(), done = std::move(done)] {
    if (self->state_ == State::kConnected && !self->write_active_) {
      std::string goodbye;
      Encode(PacketType::kDisconnect, mqtt::Disconnect{}, self->version_, goodbye);
      error_code ignored;
      self->socket_.non_blocking(true, ignored);
      self->socket_.write_some(boost::asio::buffer(goodbye), ignored);
    }
    const bool was_closed = self->state_ == State::kClosed;
    self->state_ = State::kClosed;
    ++self->attempt_;
    self->CloseSocket();
    self->SetConnected(false);
    const base::Status reason = base::Unavailable("the MQTT client was closed");
    if (self->connect_done_) std::exchange(self->connect_done_, nullptr)(reason);
    if (!was_closed) self->FailAll(reason);
    if (done) done();
  });
}

void ClientCore::CloseSocket() {
  resolver_.cancel();
  timer_.cancel();
  keep_alive_.cancel();
  error_code ignored;
  socket_.close(ignored);
  out_.clear();
}

void ClientCore::FailAll(const base::Status& reason) {
  std::deque<Request> failed = std::move(in_flight_);
  in_flight_.clear();
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (Request& request : queue_) failed.push_back(std::move(request));
    queue_.clear();
    stats_.pending = 0;
  }
  drained_.notify_all();
  for (const Request& request : failed) {
    if (!request.acknowledged && request.done) request.done(reason);
  }
}

void ClientCore::SetConnected(bool connected) {
  const std::lock_guard lock(mutex_);
  stats_.connected = connected;
}

ClientStats ClientCore::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

base::Status ClientCore::Flush(milliseconds timeout) {
  std::unique_lock lock(mutex_);
  if (drained_.wait_for(lock, timeout, [this] { return stats_.pending == 0; })) return {};
  return base::Unavailable(std::to_string(stats_.pending) +
                           " MQTT messages are not acknowledged yet");
}

}  // namespace energy::mqtt
