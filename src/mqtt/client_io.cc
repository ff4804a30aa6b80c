#include <algorithm>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "mqtt/client_core.h"
#include "mqtt/topic.h"
#include "mqtt/utf8.h"

namespace energy::mqtt {
namespace {

using boost::system::error_code;

constexpr size_t kReadBytes = 16 << 10;
constexpr size_t kStageBytes = 256 << 10;  // encoded ahead of the socket
constexpr uint32_t kPacketIds = 65'535;    // 1 to 65535

// Where the packet id of a SUBSCRIBE or UNSUBSCRIBE is: after the type and the remaining length.
size_t IdOffset(const std::string& packet) {
  size_t offset = 1;
  while ((static_cast<uint8_t>(packet[offset]) & 0x80U) != 0) ++offset;
  return offset + 1;
}

base::Status ToStatus(ReasonCode reason) {
  if (!IsFailure(reason)) return {};
  std::string message = "the MQTT broker refused: ";
  message += ReasonText(reason);
  switch (reason) {
    case ReasonCode::kNotAuthorized:
      return base::PermissionDenied(std::move(message));
    case ReasonCode::kQuotaExceeded:
      return base::RateLimited(std::move(message));
    case ReasonCode::kTopicNameInvalid:
    case ReasonCode::kTopicFilterInvalid:
    case ReasonCode::kPayloadFormatInvalid:
    case ReasonCode::kSharedSubscriptionsNotSupported:
      return base::InvalidArgument(std::move(message));
    default:
      return base::Unavailable(std::move(message));
  }
}

}  // namespace

uint16_t ClientCore::PacketIdAt(size_t index) const {
  return static_cast<uint16_t>((first_id_ - 1U + index) % kPacketIds + 1);
}

base::Status ClientCore::Publish(std::string_view topic, std::string_view payload, uint8_t qos,
                                 Done done) {
  if (qos > 1) return base::InvalidField("qos", "must be 0 or 1");
  if (topic.size() > UINT16_MAX || !IsValidUtf8(topic) ||
      CheckTopicName(topic) != TopicCheck::kOk) {
    return base::InvalidField("topic", "must be a topic name: UTF-8, without wildcards");
  }
  if (topic.size() + payload.size() + 16 > options_.max_packet_bytes) {
    return base::TooLarge("MQTT message is larger than max_packet_bytes");
  }
  Request request;
  request.answer = PacketType::kPuback;
  const size_t rest = payload.size() + (version_ == Version::k5 ? 1 : 0);
  request.bytes.reserve(topic.size() + rest + 9);
  EncodePublishHead(topic, qos, false, false, 0, rest, request.bytes);
  if (qos > 0) request.id_offset = request.bytes.size() - 2;
  if (version_ == Version::k5) request.bytes.push_back(0);
  request.bytes.append(payload);
  request.done = std::move(done);
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return base::Unavailable("the MQTT client is closed");
    if (qos == 0 && !stats_.connected) return base::Unavailable("the MQTT client is not connected");
    if (stats_.pending >= options_.max_queued) {
      return base::RateLimited(std::to_string(stats_.pending) +
                               " MQTT messages wait for the broker already");
    }
    ++stats_.pending;
  }
  Enqueue(std::move(request));
  return {};
}

void ClientCore::Subscribe(std::string filter, uint8_t qos, Done done) {
  mqtt::Subscribe packet;
  packet.filters.push_back({filter, qos});
  Request request;
  request.answer = PacketType::kSuback;
  Encode(packet, version_, request.bytes);
  request.id_offset = IdOffset(request.bytes);
  request.done = [weak = weak_from_this(), filter, qos,
                  done = std::move(done)](const base::Status& status) {
    if (const auto self = weak.lock(); self && status.ok()) self->subscriptions_[filter] = qos;
    if (done) done(status);
  };
  Enqueue(std::move(request));
}

void ClientCore::Unsubscribe(std::string filter, Done done) {
  mqtt::Unsubscribe packet;
  packet.filters.push_back(filter);
  Request request;
  request.answer = PacketType::kUnsuback;
  Encode(packet, version_, request.bytes);
  request.id_offset = IdOffset(request.bytes);
  request.done = [weak = weak_from_this(), filter,
                  done = std::move(done)](const base::Status& status) {
    if (const auto self = weak.lock(); self && status.ok()) self->subscriptions_.erase(filter);
    if (done) done(status);
  };
  Enqueue(std::move(request));
}

void ClientCore::Enqueue(Request request) {
  bool closed = false;
  Done refused;
  {
    const std::lock_guard lock(mutex_);
    closed = closed_;
    if (closed) {
      refused = std::move(request.done);
    } else {
      if (request.answer != PacketType::kPuback) ++stats_.pending;
      queue_.push_back(std::move(request));
    }
  }
  if (!closed) return Schedule();
  if (refused) refused(base::Unavailable("the MQTT client is closed"));
}

void ClientCore::Schedule() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(pump_posted_, true)) return;
  }
  boost::asio::post(io_, [self = shared_from_this()] {
    {
      const std::lock_guard lock(self->mutex_);
      self->pump_posted_ = false;
    }
    self->Pump();
  });
}

void ClientCore::Pump() {
  if (state_ != State::kConnected) return;
  std::vector<std::pair<Done, base::Status>> finished;
  size_t finished_count = 0;
  {
    const std::lock_guard lock(mutex_);
    while (!queue_.empty() && out_.size() < kStageBytes && in_flight_.size() < window_) {
      Request request = std::move(queue_.front());
      queue_.pop_front();
      const bool too_large = request.bytes.size() > max_send_bytes_;
      if (!too_large && request.id_offset != 0) {
        const uint16_t packet_id = PacketIdAt(in_flight_.size());
        request.bytes[request.id_offset] = static_cast<char>(packet_id >> 8);
        request.bytes[request.id_offset + 1] = static_cast<char>(packet_id & 0xFF);
        out_ += request.bytes;
        in_flight_.push_back(std::move(request));
        continue;
      }
      if (!too_large) out_ += request.bytes;
      ++finished_count;
      if (request.done) {
        finished.emplace_back(
            std::move(request.done),
            too_large ? base::TooLarge("larger than the broker accepts") : base::Status());
      }
    }
  }
  Write();
  for (const auto& [done, status] : finished) done(status);
  if (finished_count > 0) Settle(finished_count, 0);
}

void ClientCore::Write() {
  if (write_active_ || out_.empty() || !socket_.is_open()) return;
  write_active_ = true;
  writing_.swap(out_);
  boost::asio::async_write(
      socket_, boost::asio::buffer(writing_),
      [self = shared_from_this(), attempt = attempt_](const error_code& error, size_t) {
        self->write_active_ = false;
        self->writing_.clear();
        if (attempt != self->attempt_) return self->Write();
        if (error) return self->Lose(base::Unavailable("MQTT connection lost: " + error.message()));
        self->Pump();
        self->Write();
      });
}

void ClientCore::Read() {
  if (!read_buffer_) read_buffer_ = std::make_unique_for_overwrite<char[]>(kReadBytes);
  socket_.async_read_some(
      boost::asio::buffer(read_buffer_.get(), kReadBytes),
      [self = shared_from_this(), attempt = attempt_](const error_code& error, size_t count) {
        if (attempt != self->attempt_) return;
        if (error) return self->Lose(base::Unavailable("MQTT connection lost: " + error.message()));
        self->in_.append(self->read_buffer_.get(), count);
        if (self->Consume() && attempt == self->attempt_) {
          self->Pump();
          self->Write();
          self->Read();
        }
      });
}

// False when the connection was lost over what it brought.
bool ClientCore::Consume() {
  const uint64_t attempt = attempt_;
  size_t used = 0;
  while (true) {
    Frame frame;
    size_t size = 0;
    const auto status =
        ParseFrame(std::string_view(in_).substr(used), options_.max_packet_bytes, frame, size);
    if (status == FrameStatus::kIncomplete) break;
    if (status != FrameStatus::kComplete) {
      return Broken(Malformed("fixed header is malformed or the packet too large"));
    }
    used += size;
    if (!OnFrame(frame) || attempt != attempt_) return false;
  }
  in_.erase(0, used);
  return true;
}

bool ClientCore::OnFrame(const Frame& frame) {
  if (state_ == State::kAwaitConnack) {
    if (frame.type != PacketType::kConnack) return Broken(ProtocolError("no CONNACK first"));
    OnConnack(frame);
    return state_ == State::kConnected;
  }
  switch (frame.type) {
    case PacketType::kPublish:
      OnPublish(frame);
      break;
    case PacketType::kPuback:
    case PacketType::kSuback:
    case PacketType::kUnsuback:
      OnAnswer(frame);
      break;
    case PacketType::kPingresp:
      ping_outstanding_ = false;
      break;
    case PacketType::kDisconnect: {
      mqtt::Disconnect packet;
      if (const PacketError error = Decode(frame, version_, packet)) return Broken(error);
      Lose(base::Unavailable("the MQTT broker disconnected: " +
                             std::string(ReasonText(packet.reason))));
      return false;
    }
    default:
      return Broken(ProtocolError("unexpected packet"));
  }
  return true;
}

void ClientCore::OnPublish(const Frame& frame) {
  mqtt::Publish packet;
  if (const PacketError error = Decode(frame, version_, packet)) {
    Broken(error);
    return;
  }
  if (on_message_) on_message_({packet.topic, packet.payload, packet.qos, packet.retain});
  if (packet.qos == 0) return;
  Ack ack;
  ack.packet_id = packet.packet_id;
  Encode(PacketType::kPuback, ack, version_, out_);
}

void ClientCore::OnAnswer(const Frame& frame) {
  if (frame.type == PacketType::kPuback) {
    Ack ack;
    if (const PacketError error = Decode(frame, version_, ack)) {
      Broken(error);
      return;
    }
    return Finish(ack.packet_id, frame.type, ToStatus(ack.reason));
  }
  Suback answer;
  if (const PacketError error = Decode(frame, version_, answer)) {
    Broken(error);
    return;
  }
  const ReasonCode reason = answer.reasons.empty() ? ReasonCode::kSuccess : answer.reasons[0];
  Finish(answer.packet_id, frame.type, ToStatus(reason));
}

void ClientCore::Finish(uint16_t packet_id, PacketType answer, const base::Status& status) {
  const size_t index = (packet_id + kPacketIds - first_id_) % kPacketIds;
  if (packet_id == 0 || index >= in_flight_.size()) return;
  Request& request = in_flight_[index];
  if (request.acknowledged || request.answer != answer) return;
  request.acknowledged = true;
  const Done done = std::move(request.done);
  request.bytes = {};
  while (!in_flight_.empty() && in_flight_.front().acknowledged) {
    in_flight_.pop_front();
    first_id_ = PacketIdAt(1);
  }
  // The callback comes first, so that whoever waits in Flush finds it done.
  if (done) done(status);
  Settle(1, answer == PacketType::kPuback && status.ok() ? 1 : 0);
}

void ClientCore::Settle(size_t finished, size_t acknowledged) {
  bool drained = false;
  {
    const std::lock_guard lock(mutex_);
    // A callback may have closed the client, which settles everything.
    stats_.pending -= std::min(stats_.pending, finished);
    stats_.acknowledged += acknowledged;
    drained = stats_.pending == 0;
  }
  if (drained) drained_.notify_all();
}

bool ClientCore::Broken(const PacketError& error) {
  Lose(base::Unavailable("the MQTT broker broke the protocol: " + std::string(error.what)));
  return false;
}

}  // namespace energy::mqtt
