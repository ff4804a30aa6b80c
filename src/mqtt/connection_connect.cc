#include <array>

#include "mqtt/connection.h"
#include "mqtt/log_text.h"
#include "mqtt/topic.h"

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
    case ReasonCode::kConnectionRateExceeded:
      return metrics.too_often;
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
  client_receive_maximum_ =
      static_cast<uint16_t>(connect.properties.Number(Property::kReceiveMaximum, UINT16_MAX));
  client_max_packet_ = connect.properties.Number(Property::kMaximumPacketSize, UINT32_MAX);
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
  if (TurnAway() || !Authenticate(connect)) return {};
  if (assigned || !ConnectsTooOften()) Accept(connect, assigned);
  return {};
}

// True for a connection over a limit: the client hears why, and may come again later.
bool Connection::TurnAway() {
  BrokerMetrics& metrics = worker_.state().metrics;
  switch (verdict_) {
    case Admission::Verdict::kAdmitted:
      return false;
    case Admission::Verdict::kAddressFull:
      metrics.address_full.Increment();
      SendRefusal(ReasonCode::kQuotaExceeded,
                  "the limit of connections of this address is reached");
      return true;
    case Admission::Verdict::kTooOften:
      metrics.too_often.Increment();
      SendRefusal(ReasonCode::kConnectionRateExceeded, "this address connects too often");
      return true;
    default:
      metrics.server_full.Increment();
      SendRefusal(ReasonCode::kServerBusy, "the limit of connections is reached");
      return true;
  }
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
  return {};
}

bool Connection::Authenticate(const Connect& connect) {
  const BrokerOptions& options = worker_.state().options;
  const std::string certificate_user = stream_.CertificateUser();
  const bool anonymous = !connect.username && certificate_user.empty();
  if (anonymous && !options.allow_anonymous) {
    RefuseConnect(ReasonCode::kNotAuthorized, "a user name is required");
    return false;
  }
  const std::string remote = stream_.RemoteAddress();
  ConnectRequest request;
  request.client_id = client_id_;
  request.by_certificate = !certificate_user.empty();
  request.username =
      request.by_certificate ? std::string_view(certificate_user) : connect.username.value_or("");
  request.password = connect.password;
  request.remote_address = remote;
  request.anonymous = anonymous;
  auto result = worker_.state().authenticator.Authenticate(request);
  if (!result.ok()) {
    const ReasonCode reason = ToReason(result.status().code());
    NoteError(ReasonText(reason), request.username);
    if (DelayRefusal(reason)) return false;
    RefuseConnect(reason, ReasonText(reason));
    return false;
  }
  principal_ = std::move(result).value();
  worker_.state().admission.LoginSucceeded(stream_.RemoteHost());
  return true;
}

Session::Limits Connection::SessionLimits() const {
  return {version_, client_receive_maximum_, client_max_packet_};
}

void Connection::Accept(const Connect& connect, bool assigned) {
  BrokerState& broker = worker_.state();
  SessionRegistry::Request request;
  request.client_id = client_id_;
  request.owner = username();
  request.connection = ref_;
  request.clean_start = connect.clean_start;
  if (version_ == Version::k5) {
    request.expiry_s = connect.properties.Number(Property::kSessionExpiryInterval);
  } else {
    request.expiry_s = connect.clean_start ? 0 : UINT32_MAX;
  }
  request.limits = SessionLimits();
  const SessionRegistry::Claim claim = broker.registry.Connect(request);
  if (!claim.accepted) {
    return RefuseConnect(ReasonCode::kQuotaExceeded,
                         "no more sessions that outlive their connection can be kept");
  }
  session_ = claim.session;
  session_expiry_s_ = claim.expiry_s;
  session_expiry_requested_ = request.expiry_s > 0;
  state_ = State::kConnected;
  last_received_ = worker_.now();
  account_.connected_at = broker.clock.Now();
  account_.clean_start = connect.clean_start;
  const BrokerOptions& options = broker.options;
  if (options.max_messages_per_second > 0 || options.max_bytes_per_second > 0) {
    rate_ = std::make_unique<PublishRate>(options.max_messages_per_second,
                                          options.max_bytes_per_second, worker_.now());
  }
  if (!broker.traces.empty()) trace_ = broker.traces.Find(client_id_);
  broker.connections.fetch_add(1);
  if (session_ && session_->durable()) broker.durable_connected.fetch_add(1);
  broker.metrics.connections.Increment();
  broker.metrics.accepted.Increment();
  // The former owner goes first [MQTT-3.1.4-3].
  if (claim.previous) worker_.TakeOver(*claim.previous);
  // The will before the end of its session, which takes it out of the store.
  if (claim.will) worker_.PublishWill(*claim.will, nullptr);
  if (claim.ended) worker_.EndSession(claim.ended);
  if (claim.present) DropForbiddenSubscriptions();
  KeepWill(connect);

  Connack connack;
  connack.session_present = claim.present;
  Describe(connect, assigned, connack);
  const size_t begin = out_.size();
  Encode(connack, version_, out_);
  if (out_.size() - begin > client_max_packet_) {  // [MQTT-3.1.2-24]
    out_.resize(begin);
    will_.reset();
    NoteRefusal("CONNACK is larger than the client takes");
    return BeginClose();
  }
  Dirty();
  broker.logger->debug("client '{}' connected as '{}'", Printable(client_id_),
                       Printable(username()));
}

// What the client must know of the broker beyond the defaults of the standard (§3.2.2.3).
void Connection::Describe(const Connect& connect, bool assigned, Connack& connack) {
  const BrokerOptions& options = worker_.state().options;
  uint16_t keep_alive_s = connect.keep_alive_s;
  if (version_ == Version::k5) {
    Properties& properties = connack.properties;
    if (options.max_keep_alive_s > 0 &&
        (keep_alive_s == 0 || keep_alive_s > options.max_keep_alive_s)) {
      keep_alive_s = options.max_keep_alive_s;
      properties.Set(Property::kServerKeepAlive, keep_alive_s);
    }
    if (assigned) properties.Set(Property::kAssignedClientIdentifier, client_id_);
    if (session_expiry_s_ != connect.properties.Number(Property::kSessionExpiryInterval)) {
      properties.Set(Property::kSessionExpiryInterval, session_expiry_s_);
    }
    properties.Set(Property::kReceiveMaximum, options.receive_maximum);
    properties.Set(Property::kTopicAliasMaximum, options.topic_alias_maximum);
    properties.Set(Property::kMaximumQos, 1);
    properties.Set(Property::kMaximumPacketSize, options.max_packet_bytes);
    const uint32_t aliases = connect.properties.Number(Property::kTopicAliasMaximum);
    if (aliases > 0) outbound_aliases_ = std::make_unique<OutboundAliases>(aliases);
  }
  account_.keep_alive_s = keep_alive_s;
  keep_alive_limit_ = std::chrono::milliseconds(keep_alive_s * 1500);
}

// What a user may subscribe to can have changed since the session subscribed.
void Connection::DropForbiddenSubscriptions() {
  std::vector<std::string> forbidden;
  session_->ChangeFilters(ref_, [&](const Session::Filters& filters) {
    for (const auto& [filter, options] : filters) {
      const auto shared = ParseSharedFilter(filter);
      if (!principal_->MaySubscribe(shared ? shared->filter : filter)) forbidden.push_back(filter);
    }
  });
  for (const std::string& filter : forbidden) {
    Unsubscribe(filter);
    worker_.state().logger->info("client '{}' ({}) may not subscribe to '{}' any more",
                                 Printable(client_id_), Printable(username()), Printable(filter));
  }
}

void Connection::RenewRights() {
  if (state_ != State::kConnected) return;
  auto renewed = worker_.state().authenticator.Renew(username(), client_id_);
  if (!renewed) return;
  principal_ = std::move(renewed);
  if (session_) DropForbiddenSubscriptions();
}

void Connection::RefuseConnect(ReasonCode reason, std::string_view text) {
  RefusalCounter(worker_.state().metrics, reason).Increment();
  SendRefusal(reason, text);
}

void Connection::SendRefusal(ReasonCode reason, std::string_view text) {
  BrokerState& broker = worker_.state();
  NoteError(text);
  if (worker_.MayLog()) {
    broker.logger->info("CONNECT of client '{}' from {} refused: {}", Printable(client_id_),
                        stream_.RemoteAddress(), text);
  }
  Connack connack;
  connack.reason = reason;
  if (version_ == Version::k5) connack.properties.Set(Property::kReasonString, text);
  const size_t begin = out_.size();
  Encode(connack, version_, out_);
  if (out_.size() - begin > client_max_packet_) {  // [MQTT-3.2.2-19]
    out_.resize(begin);
    connack.properties.Clear();
    Encode(connack, version_, out_);
  }
  if (out_.size() - begin > client_max_packet_) out_.resize(begin);  // [MQTT-3.1.2-24]
  BeginClose();
}

void Connection::KeepWill(const Connect& connect) {
  if (!connect.will) return;
  const Will& will = *connect.will;
  Properties properties = will.properties;
  properties.Remove(Property::kWillDelayInterval);
  auto kept = std::make_shared<StoredWill>();
  kept->topic = will.topic;
  kept->payload = will.payload;
  kept->qos = std::min<uint8_t>(will.qos, 1);
  kept->retain = will.retain;
  kept->delay_s = will.properties.Number(Property::kWillDelayInterval);
  kept->client_id = client_id_;
  kept->user = username();
  kept->principal = principal_;
  properties.Encode(kept->properties);
  will_ = std::move(kept);
}

}  // namespace energy::mqtt
