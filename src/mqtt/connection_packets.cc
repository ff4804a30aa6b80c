#include <array>

#include "mqtt/connection.h"
#include "mqtt/log_text.h"
#include "mqtt/topic.h"

namespace energy::mqtt {
namespace {

ReasonCode ToReason(PublishResult result) {
  switch (result) {
    case PublishResult::kSuccess:
      return ReasonCode::kSuccess;
    case PublishResult::kNotAuthorized:
      return ReasonCode::kNotAuthorized;
    case PublishResult::kQuotaExceeded:
      return ReasonCode::kQuotaExceeded;
    case PublishResult::kPayloadFormatInvalid:
      return ReasonCode::kPayloadFormatInvalid;
    case PublishResult::kImplementationError:
      break;
  }
  return ReasonCode::kImplementationError;
}

}  // namespace

PacketError Connection::Handle(const Frame& frame) {
  switch (frame.type) {
    case PacketType::kConnect:
      return OnConnect(frame);
    case PacketType::kPublish:
      return OnPublish(frame);
    case PacketType::kPuback:
      return OnPuback(frame);
    case PacketType::kPubrec:
    case PacketType::kPubrel:
    case PacketType::kPubcomp:
      return OnQos2(frame);
    case PacketType::kSubscribe:
      return OnSubscribe(frame);
    case PacketType::kUnsubscribe:
      return OnUnsubscribe(frame);
    case PacketType::kPingreq:
      if (const PacketError error = DecodeEmpty(frame)) return error;
      EncodePing(PacketType::kPingresp, out_);
      Dirty();
      return {};
    case PacketType::kDisconnect:
      return OnDisconnect(frame);
    case PacketType::kAuth:
      if (version_ == Version::k311) return Malformed("packet type 15");
      return ProtocolError("AUTH without an authentication method in CONNECT");
    default:
      return ProtocolError("a packet that only a server sends");
  }
}

PacketError Connection::CheckPublish(const Publish& publish) const {
  if (publish.qos > 1) return {ReasonCode::kQosNotSupported, "QoS 2 is not supported"};
  if (publish.qos > 0 && version_ == Version::k5 &&
      acks_.size() >= worker_.state().options.receive_maximum) {
    return {ReasonCode::kReceiveMaximumExceeded, "more unacknowledged publishes than allowed"};
  }
  if (publish.properties.Has(Property::kSubscriptionIdentifier)) {
    return ProtocolError("subscription identifier from a client");  // [MQTT-3.3.4-6]
  }
  return {};
}

// An alias stands for the topic it was last sent with on this connection (§3.3.2.3.4).
PacketError Connection::ResolveAlias(Publish& publish) {
  const auto alias = static_cast<uint16_t>(publish.properties.Number(Property::kTopicAlias));
  if (alias == 0 || alias > worker_.state().options.topic_alias_maximum) {
    return {ReasonCode::kTopicAliasInvalid, "topic alias is 0 or above the topic alias maximum"};
  }
  if (publish.topic.empty()) {
    if (inbound_aliases_) publish.topic = inbound_aliases_->Find(alias);
    return publish.topic.empty() ? ProtocolError("topic alias was not set") : PacketError{};
  }
  if (!inbound_aliases_) inbound_aliases_ = std::make_unique<InboundAliases>();
  if (inbound_aliases_->Set(alias, publish.topic)) return {};
  return {ReasonCode::kQuotaExceeded, "topics with an alias are too long together"};
}

PacketError Connection::OnPublish(const Frame& frame) {
  Publish& publish = worker_.scratch_publish();
  if (const PacketError error = Decode(frame, version_, publish)) return error;
  if (const PacketError error = CheckPublish(publish)) return error;
  if (publish.properties.Has(Property::kTopicAlias)) {
    if (const PacketError error = ResolveAlias(publish)) return error;
  }
  ++worker_.counts().publishes_received;
  ++account_.messages_received;
  if (rate_) rate_->Take(1, frame.body.size());
  if (IsReservedTopic(publish.topic) || !principal_->MayPublish(publish.topic)) {
    RefusePublish(publish);
    return {};
  }
  AckToken token;
  if (publish.qos > 0) {
    token = {ref_.slot, ref_.generation, acks_.Push(publish.packet_id), publish.packet_id,
             static_cast<uint16_t>(ref_.io_thread)};
  }
  const PublishHandler::Message message{publish.topic,  publish.payload, publish.qos,
                                        publish.retain, publish.dup,     principal_.get()};
  const auto disposition = worker_.state().handler.OnPublish(worker_.index(), message, token);
  worker_.MarkReadEnd();
  const Distributed routed = worker_.Route({publish.topic, publish.payload, &publish.properties,
                                            publish.qos, publish.retain, session_.get(),
                                            publish.qos > 0 ? std::optional(token) : std::nullopt});
  if (publish.qos == 0) return {};
  if (routed.stored) acks_.AddPart(token.sequence);
  if (disposition == PublishHandler::Disposition::kRoute) {
    // In 3.1.1 that would close the connection, and the client would send it again for ever.
    const bool full = routed.retain_full && version_ == Version::k5;
    const auto result = full ? PublishResult::kQuotaExceeded : PublishResult::kSuccess;
    if (acks_.Complete(token.sequence, result)) SendAcks();
  }
  return {};
}

// MQTT 3.1.1 cannot say "not authorized": it must acknowledge or close, and an acknowledgement
// would be a lie [MQTT-3.3.5-2]. MQTT 5 says so in PUBACK; a QoS 0 message has none and is dropped.
void Connection::RefusePublish(const Publish& publish) {
  ++worker_.counts().dropped_not_authorized;
  NoteError("not allowed to publish to '" + Printable(publish.topic) + "'");
  if (worker_.MayLog()) {
    worker_.state().logger->info("client '{}' ({}) may not publish to '{}'", Printable(client_id_),
                                 Printable(username()), Printable(publish.topic));
  }
  if (version_ == Version::k311) return BeginClose();
  if (publish.qos == 0) return;
  acks_.Complete(acks_.Push(publish.packet_id), PublishResult::kNotAuthorized);
  SendAcks();
}

void Connection::SendAcks() {
  uint16_t packet_id = 0;
  PublishResult result{};
  while (Open() && acks_.Pop(packet_id, result)) SendAck(packet_id, result);
}

void Connection::SendAck(uint16_t packet_id, PublishResult result) {
  if (version_ == Version::k311 && result != PublishResult::kSuccess &&
      result != PublishResult::kPayloadFormatInvalid) {
    return BeginClose();
  }
  const bool with_reason = version_ == Version::k5 && result != PublishResult::kSuccess;
  const std::array<char, 5> bytes{
      static_cast<char>(static_cast<unsigned>(PacketType::kPuback) << 4U),
      static_cast<char>(with_reason ? 3 : 2), static_cast<char>(packet_id >> 8),
      static_cast<char>(packet_id & 0xFF), static_cast<char>(ToReason(result))};
  out_.append(bytes.data(), with_reason ? 5 : 4);
  Dirty();
}

PacketError Connection::OnPuback(const Frame& frame) {
  Ack ack;
  if (const PacketError error = Decode(frame, version_, ack)) return error;
  // An unknown id may belong to a message of an earlier connection; it needs no answer.
  uint64_t stored = 0;
  if (session_ && session_->OnAck(ref_, ack.packet_id, stored)) {
    if (stored != 0) Store(MessageFinished{session_->identity().number, stored});
    Dirty();
  }
  return {};
}

// There are no QoS 2 messages here, so every such packet refers to one that does not exist. The
// standard's answers let the peer finish its side (§4.3.3).
PacketError Connection::OnQos2(const Frame& frame) {
  Ack ack;
  if (const PacketError error = Decode(frame, version_, ack)) return error;
  if (frame.type != PacketType::kPubrel && session_ && session_->Awaits(ref_, ack.packet_id)) {
    return ProtocolError("a QoS 1 message is acknowledged with PUBACK");  // §4.3.2
  }
  if (frame.type == PacketType::kPubcomp) return {};
  Ack answer;
  answer.packet_id = ack.packet_id;
  answer.reason = ReasonCode::kPacketIdentifierNotFound;
  if (frame.type == PacketType::kPubrel) {
    Encode(PacketType::kPubcomp, answer, version_, out_);
  } else if (!IsFailure(ack.reason)) {
    Encode(PacketType::kPubrel, answer, version_, out_);
  }
  Dirty();
  return {};
}

PacketError Connection::OnDisconnect(const Frame& frame) {
  mqtt::Disconnect packet;
  if (const PacketError error = Decode(frame, version_, packet)) return error;
  // A session that CONNECT did not ask to outlive the connection stays that way [MQTT-3.14.2-2].
  const uint32_t expiry_s =
      packet.properties.Number(Property::kSessionExpiryInterval, session_expiry_s_);
  if (!session_expiry_requested_ && expiry_s > 0) {
    return ProtocolError("session expiry interval where CONNECT had none");
  }
  session_expiry_s_ = expiry_s;
  if (packet.reason == ReasonCode::kSuccess) will_.reset();  // [MQTT-3.14.4-3]
  Close();
  return {};
}

}  // namespace energy::mqtt
