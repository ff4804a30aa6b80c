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

// SUBACK of MQTT 3.1.1 knows one failure only.
ReasonCode ForVersion(ReasonCode code, Version version) {
  return version == Version::k311 && IsFailure(code) ? ReasonCode::kUnspecifiedError : code;
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
  if (version_ == Version::k311) return {};
  if (publish.retain) {
    return {ReasonCode::kRetainNotSupported, "retained messages are not supported"};
  }
  if (publish.properties.empty()) return {};
  if (publish.properties.Has(Property::kTopicAlias)) {
    return {ReasonCode::kTopicAliasInvalid, "topic alias maximum is 0"};
  }
  if (publish.properties.Has(Property::kSubscriptionIdentifier)) {
    return ProtocolError("subscription identifier from a client");  // [MQTT-3.3.4-6]
  }
  return {};
}

PacketError Connection::OnPublish(const Frame& frame) {
  Publish& publish = worker_.scratch_publish();
  if (const PacketError error = Decode(frame, version_, publish)) return error;
  if (const PacketError error = CheckPublish(publish)) return error;
  if (publish.qos > 0 && version_ == Version::k5 &&
      acks_.size() >= worker_.state().options.receive_maximum) {
    return {ReasonCode::kReceiveMaximumExceeded, "more unacknowledged publishes than allowed"};
  }
  ++worker_.counts().publishes_received;
  if (!principal_->MayPublish(publish.topic)) {
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
  worker_.Route(publish.topic, publish.payload, publish.properties, publish.qos, publish.retain,
                &ref_);
  if (publish.qos > 0 && disposition == PublishHandler::Disposition::kRoute) {
    acks_.Complete(token.sequence, PublishResult::kSuccess);
    SendAcks();
  }
  return {};
}

// MQTT 3.1.1 cannot say "not authorized": it must acknowledge or close, and an acknowledgement
// would be a lie [MQTT-3.3.5-2]. MQTT 5 says so in PUBACK; a QoS 0 message has none and is dropped.
void Connection::RefusePublish(const Publish& publish) {
  ++worker_.counts().dropped_not_authorized;
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

Session& Connection::GetSession() {
  if (!session_) {
    session_ = std::make_unique<Session>(
        Session::Limits{version_, client_receive_maximum_, client_max_packet_,
                        worker_.state().options.max_outbound_bytes});
  }
  return *session_;
}

PacketError Connection::OnSubscribe(const Frame& frame) {
  mqtt::Subscribe packet;
  if (const PacketError error = Decode(frame, version_, packet)) return error;
  if (packet.properties.Has(Property::kSubscriptionIdentifier)) {
    return {ReasonCode::kSubscriptionIdentifiersNotSupported,
            "subscription identifiers are not supported"};
  }
  Suback suback;
  suback.packet_id = packet.packet_id;
  for (const SubscribeFilter& entry : packet.filters) {
    PacketError error;
    suback.reasons.push_back(ForVersion(Subscribe(entry, error), version_));
    if (error) return error;
  }
  Encode(PacketType::kSuback, suback, version_, out_);
  Dirty();
  return {};
}

// An invalid filter closes a 3.1.1 connection (3.1.1 [MQTT-4.8.0-1]); in MQTT 5 the SUBACK says it.
ReasonCode Connection::Subscribe(const SubscribeFilter& entry, PacketError& error) {
  const TopicCheck check = CheckTopicFilter(entry.filter);
  if (check != TopicCheck::kOk) {
    if (check == TopicCheck::kMalformed && version_ == Version::k311) {
      error = {ReasonCode::kTopicFilterInvalid, "topic filter is not valid"};
    }
    return ReasonCode::kTopicFilterInvalid;
  }
  if (IsSharedFilter(entry.filter)) return ReasonCode::kSharedSubscriptionsNotSupported;
  if (!principal_->MaySubscribe(entry.filter)) return ReasonCode::kNotAuthorized;
  auto& filters = GetSession().filters();
  const auto known = filters.find(entry.filter);
  if (known == filters.end()) {
    if (filters.size() >= worker_.state().options.max_subscriptions_per_client) {
      return ReasonCode::kQuotaExceeded;
    }
    filters.emplace(entry.filter);
  }
  const uint8_t granted = std::min<uint8_t>(entry.qos, 1);
  worker_.state().router.Add(entry.filter, ref_,
                             {granted, entry.no_local, entry.retain_as_published});
  return static_cast<ReasonCode>(granted);
}

PacketError Connection::OnUnsubscribe(const Frame& frame) {
  Unsubscribe packet;
  if (const PacketError error = Decode(frame, version_, packet)) return error;
  Suback unsuback;
  unsuback.packet_id = packet.packet_id;
  for (const std::string_view filter : packet.filters) {
    if (CheckTopicFilter(filter) == TopicCheck::kMalformed) {
      if (version_ == Version::k311) {
        return {ReasonCode::kTopicFilterInvalid, "topic filter is not valid"};
      }
      unsuback.reasons.push_back(ReasonCode::kTopicFilterInvalid);
      continue;
    }
    bool existed = false;
    if (session_) {
      const auto known = session_->filters().find(filter);
      existed = known != session_->filters().end();
      if (existed) {
        worker_.state().router.Remove(filter, ref_);
        session_->filters().erase(known);
      }
    }
    unsuback.reasons.push_back(existed ? ReasonCode::kSuccess : ReasonCode::kNoSubscriptionExisted);
  }
  Encode(PacketType::kUnsuback, unsuback, version_, out_);
  Dirty();
  return {};
}

PacketError Connection::OnPuback(const Frame& frame) {
  Ack ack;
  if (const PacketError error = Decode(frame, version_, ack)) return error;
  // An unknown id may belong to a message of an earlier connection; it needs no answer.
  if (session_ && session_->OnAck(ack.packet_id)) Dirty();
  return {};
}

// There are no QoS 2 messages here, so every such packet refers to one that does not exist. The
// standard's answers let the peer finish its side (§4.3.3).
PacketError Connection::OnQos2(const Frame& frame) {
  Ack ack;
  if (const PacketError error = Decode(frame, version_, ack)) return error;
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
  if (!session_expiry_requested_ &&
      packet.properties.Number(Property::kSessionExpiryInterval) > 0) {
    return ProtocolError("session expiry interval where CONNECT had none");
  }
  if (packet.reason == ReasonCode::kSuccess) will_.reset();  // [MQTT-3.14.4-3]
  Close();
  return {};
}

}  // namespace energy::mqtt
