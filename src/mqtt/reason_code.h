#pragma once

#include <cstdint>
#include <string_view>

namespace energy::mqtt {

/// Reason codes of MQTT 5 (OASIS MQTT 5.0 §2.4). On the wire: never renumber.
enum class ReasonCode : uint8_t {
  kSuccess = 0x00,
  kGrantedQos1 = 0x01,
  kGrantedQos2 = 0x02,
  kDisconnectWithWill = 0x04,
  kNoMatchingSubscribers = 0x10,
  kNoSubscriptionExisted = 0x11,
  kContinueAuthentication = 0x18,
  kReauthenticate = 0x19,
  kUnspecifiedError = 0x80,
  kMalformedPacket = 0x81,
  kProtocolError = 0x82,
  kImplementationError = 0x83,
  kUnsupportedProtocolVersion = 0x84,
  kClientIdentifierNotValid = 0x85,
  kBadUserNameOrPassword = 0x86,
  kNotAuthorized = 0x87,
  kServerUnavailable = 0x88,
  kServerBusy = 0x89,
  kBanned = 0x8A,
  kServerShuttingDown = 0x8B,
  kBadAuthenticationMethod = 0x8C,
  kKeepAliveTimeout = 0x8D,
  kSessionTakenOver = 0x8E,
  kTopicFilterInvalid = 0x8F,
  kTopicNameInvalid = 0x90,
  kPacketIdentifierInUse = 0x91,
  kPacketIdentifierNotFound = 0x92,
  kReceiveMaximumExceeded = 0x93,
  kTopicAliasInvalid = 0x94,
  kPacketTooLarge = 0x95,
  kMessageRateTooHigh = 0x96,
  kQuotaExceeded = 0x97,
  kAdministrativeAction = 0x98,
  kPayloadFormatInvalid = 0x99,
  kRetainNotSupported = 0x9A,
  kQosNotSupported = 0x9B,
  kUseAnotherServer = 0x9C,
  kServerMoved = 0x9D,
  kSharedSubscriptionsNotSupported = 0x9E,
  kConnectionRateExceeded = 0x9F,
  kMaximumConnectTime = 0xA0,
  kSubscriptionIdentifiersNotSupported = 0xA1,
  kWildcardSubscriptionsNotSupported = 0xA2,
};

/// "bad user name or password"; "unknown reason" for a code this table lacks.
std::string_view ReasonText(ReasonCode code);

/// From 0x80 on a code means failure (§2.4).
constexpr bool IsFailure(ReasonCode code) { return static_cast<uint8_t>(code) >= 0x80; }

/// Return codes of CONNACK in MQTT 3.1.1 (§3.2.2.3). On the wire: never renumber.
enum class ConnectReturnCode : uint8_t {
  kAccepted = 0,
  kUnacceptableProtocolVersion = 1,
  kIdentifierRejected = 2,
  kServerUnavailable = 3,
  kBadUserNameOrPassword = 4,
  kNotAuthorized = 5,
};

/// The return code that says the same as `code`; kNotAuthorized where 3.1.1 has no better word.
ConnectReturnCode ToReturnCode(ReasonCode code);

/// The reason code that says the same as the return code; kUnspecifiedError for one outside 0 to 5.
ReasonCode ToReasonCode(uint8_t return_code);

/// Why a packet was refused: what to tell the peer. Nothing is wrong while the code is kSuccess.
struct PacketError {
  ReasonCode code = ReasonCode::kSuccess;
  std::string_view what;  ///< static text

  explicit operator bool() const { return code != ReasonCode::kSuccess; }
};

constexpr PacketError Malformed(std::string_view what) {
  return {ReasonCode::kMalformedPacket, what};
}
constexpr PacketError ProtocolError(std::string_view what) {
  return {ReasonCode::kProtocolError, what};
}

}  // namespace energy::mqtt
