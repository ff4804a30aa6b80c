#include <array>

#include "mqtt/connection.h"
#include "mqtt/log_text.h"
#include "mqtt/reader.h"

namespace energy::mqtt {
namespace {

std::string AssignClientId(base::Random& random) {
  std::array<unsigned char, 12> bytes{};
  random.Fill(bytes);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id = "auto-";
  for (const unsigned char byte : bytes) {
    id += kDigits[byte >> 4U];
    id += kDigits[byte & 15U];
  }
  return id;
}

ReasonCode ToReason(base::Code code) {
  switch (code) {
    case base::Code::kUnauthenticated:
      return ReasonCode::kBadUserNameOrPassword;
    case base::Code::kPermissionDenied:
      return ReasonCode::kNotAuthorized;
    default:
      return ReasonCode::kServerUnavailable;
  }
}

prometheus::Counter& RefusalCounter(BrokerMetrics& metrics, ReasonCode reason) {
  switch (reason) {
    case ReasonCode::kBadUserNameOrPassword:
      return metrics.bad_credentials;
    case ReasonCode::kNotAuthorized:
      return metrics.not_authorized;
    case ReasonCode::kServerUnavailable:
      return metrics.unavailable;
    default:
      return metrics.invalid;
  }
}

}  // namespace

PacketError Connection::OnConnect(const Frame& frame) {
  if (state_ == State::kConnected) return ProtocolError("second CONNECT");  // [MQTT-3.1.0-2]
  Connect connect;
  PacketError error = Decode(frame, connect);
  version_ = connect.version;
  if (!error) error = CheckConnect(connect);
  if (error) {
    worker_.state().metrics.protocol_errors.Increment();
    // In 3.1.1 only these two mistakes have a return code; for others the connection just closes.
    const bool can_tell = version_ == Version::k5 ||
                          error.code == ReasonCode::kUnsupportedProtocolVersion ||
                          error.code == ReasonCode::kClientIdentifierNotValid;
    if (can_tell) {
      RefuseConnect(error.code, error.what);
    } else {
      worker_.state().metrics.invalid.Increment();
      BeginClose();
    }
    return {};
  }
  const bool assigned = connect.client_id.empty();
  client_id_ = assigned ? AssignClientId(worker_.state().random) : std::string(connect.client_id);
  if (Authenticate(connect)) Accept(connect, assigned);
  return {};
}

PacketError Connection::CheckConnect(const Connect& connect) const {
  if (connect.version == Version::k311) {
    if (connect.client_id.empty() && !connect.clean_start) {  // 3.1.1 [MQTT-3.1.3-8]
      return {ReasonCode::kClientIdentifierNotValid, "no client identifier without clean session"};
    }
    return {};
  }
  if (connect.properties.Has(Property::kAuthenticationMethod)) {
    return {ReasonCode::kBadAuthenticationMethod, "enhanced authentication is not supported"};
  }
  if (connect.will && connect.will->qos > 1) {  // [MQTT-3.2.2-12]
    return {ReasonCode::kQosNotSupported, "will QoS 2 is not supported"};
  }
  if (connect.will && connect.will->retain) {  // [MQTT-3.2.2-13]
    return {ReasonCode::kRetainNotSupported, "retained messages are not supported"};
  }
  return {};
}

bool Connection::Authenticate(const Connect& connect) {
  const BrokerOptions& options = worker_.state().options;
  if (!connect.username && !options.allow_anonymous) {
    RefuseConnect(ReasonCode::kNotAuthorized, "a user name is required");
    return false;
  }
  const std::string remote = RemoteAddress();
  ConnectRequest request;
  request.client_id = client_id_;
  request.username = connect.username.value_or("");
  request.password = connect.password;
  request.remote_address = remote;
  request.anonymous = !connect.username;
  auto result = worker_.state().authenticator.Authenticate(request);
  if (!result.ok()) {
    const ReasonCode reason = ToReason(result.status().code());
    RefuseConnect(reason, ReasonText(reason));
    return false;
  }
  principal_ = std::move(result).value();
  return true;
}

void Connection::Accept(const Connect& connect, bool assigned) {
  BrokerState& broker = worker_.state();
  const BrokerOptions& options = broker.options;
  Connack connack;
  Properties& properties = connack.properties;
  uint16_t keep_alive_s = connect.keep_alive_s;
  if (version_ == Version::k5) {
    if (options.max_keep_alive_s > 0 &&
        (keep_alive_s == 0 || keep_alive_s > options.max_keep_alive_s)) {
      keep_alive_s = options.max_keep_alive_s;
      properties.Set(Property::kServerKeepAlive, keep_alive_s);
    }
    if (assigned) properties.Set(Property::kAssignedClientIdentifier, client_id_);
    properties.Set(Property::kSessionExpiryInterval, 0);
    properties.Set(Property::kReceiveMaximum, options.receive_maximum);
    properties.Set(Property::kTopicAliasMaximum, 0);
    properties.Set(Property::kMaximumQos, 1);
    properties.Set(Property::kRetainAvailable, 0);
    properties.Set(Property::kMaximumPacketSize, options.max_packet_bytes);
    properties.Set(Property::kWildcardSubscriptionAvailable, 1);
    properties.Set(Property::kSubscriptionIdentifierAvailable, 0);
    properties.Set(Property::kSharedSubscriptionAvailable, 0);
    client_receive_maximum_ =
        static_cast<uint16_t>(connect.properties.Number(Property::kReceiveMaximum, UINT16_MAX));
    client_max_packet_ = connect.properties.Number(Property::kMaximumPacketSize, UINT32_MAX);
  }
  keep_alive_limit_ = std::chrono::milliseconds(keep_alive_s * 1500);
  KeepWill(connect);

  session_expiry_requested_ = connect.properties.Number(Property::kSessionExpiryInterval) > 0;
  state_ = State::kConnected;
  last_received_ = worker_.now();
  broker.connections.fetch_add(1);
  broker.metrics.connections.Increment();
  broker.metrics.accepted.Increment();
  // The former owner goes first [MQTT-3.1.4-3].
  if (const auto previous = broker.clients.Claim(client_id_, ref_)) worker_.TakeOver(*previous);
  Encode(connack, version_, out_);
  Dirty();
  broker.logger->debug("client '{}' connected as '{}'", Printable(client_id_),
                       Printable(username()));
}

void Connection::RefuseConnect(ReasonCode reason, std::string_view text) {
  BrokerState& broker = worker_.state();
  RefusalCounter(broker.metrics, reason).Increment();
  if (worker_.MayLog()) {
    broker.logger->info("CONNECT of client '{}' from {} refused: {}", Printable(client_id_),
                        RemoteAddress(), text);
  }
  Connack connack;
  connack.reason = reason;
  if (version_ == Version::k5) connack.properties.Set(Property::kReasonString, text);
  Encode(connack, version_, out_);
  BeginClose();
}

void Connection::KeepWill(const Connect& connect) {
  if (!connect.will) return;
  const Will& will = *connect.will;
  Properties properties = will.properties;
  properties.Remove(Property::kWillDelayInterval);
  will_ = std::make_unique<StoredWill>();
  will_->topic = will.topic;
  will_->payload = will.payload;
  will_->qos = std::min<uint8_t>(will.qos, 1);
  will_->retain = will.retain;
  properties.Encode(will_->properties);
}

// The session ends with the connection, so a will delay has nothing to wait for (§3.1.3.2.2).
void Connection::PublishWill() {
  const std::unique_ptr<StoredWill> will = std::move(will_);
  if (!will || !principal_->MayPublish(will->topic)) return;
  Properties properties;
  Reader in(will->properties);
  if (properties.Decode(in, PacketType::kPublish)) return;
  PublishHandler::Message message;
  message.topic = will->topic;
  message.payload = will->payload;
  message.qos = will->qos;
  message.retain = will->retain;
  message.principal = principal_.get();
  // Nobody is left to acknowledge to, so the token is inert.
  worker_.state().handler.OnPublish(worker_.index(), message, AckToken{});
  worker_.MarkReadEnd();
  worker_.Route(will->topic, will->payload, properties, will->qos, will->retain, &ref_);
}

}  // namespace energy::mqtt
