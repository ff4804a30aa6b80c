#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/status.h"

namespace energy::mqtt {

/// What a client says of itself in CONNECT. The views are valid during the call only.
struct ConnectRequest {
  std::string_view
      client_id;              ///< never empty: the broker has assigned one where the client did not
  std::string_view username;  ///< empty when `anonymous`
  std::optional<std::string_view> password;  ///< bytes, not text
  std::string_view remote_address;           ///< "192.0.2.7:50123"
  bool anonymous = false;                    ///< neither CONNECT nor a certificate named a user
  /// `username` is the name in a certificate that was checked against the CA: no password is needed
  /// and whatever CONNECT says does not count.
  bool by_certificate = false;
};

/// Who a client is, decided once at CONNECT.
///
/// Threads: called on I/O threads, several at a time. Must not block.
class Principal {
 public:
  virtual ~Principal() = default;
  virtual bool MayPublish(std::string_view topic) const = 0;
  virtual bool MaySubscribe(std::string_view filter) const = 0;
  /// The user name, as Broker::DisconnectUsers takes it.
  virtual std::string_view name() const = 0;
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  /// Decides whether a client may connect. Called on I/O threads, so it must be fast (in memory).
  ///
  /// Errors: kUnauthenticated: bad user name or password (MQTT 5 0x86, 3.1.1 code 4);
  ///         kPermissionDenied: known, but may not connect (0x87, 5);
  ///         kUnavailable and any other: cannot tell right now (0x88, 3).
  virtual base::Result<std::shared_ptr<const Principal>> Authenticate(const ConnectRequest&) = 0;
  /// The present rights of a client that is connected already, for Broker::RenewUsers. Nothing when
  /// they cannot be told: it keeps those it has. Called on I/O threads.
  virtual std::shared_ptr<const Principal> Renew(std::string_view /*username*/,
                                                 std::string_view /*client_id*/) {
    return nullptr;
  }
};

/// Where the acknowledgement of one PUBLISH goes. Opaque: only the broker reads it. A token of
/// QoS 0, or of a connection that is gone, is inert: completing it does nothing.
struct AckToken {
  uint32_t slot = 0;
  uint32_t generation = 0;
  uint32_t sequence = 0;
  uint16_t packet_id = 0;
  uint16_t io_thread = 0;

  bool inert() const { return packet_id == 0; }
};
static_assert(sizeof(AckToken) == 16);

/// What became of a PUBLISH, as MQTT 5 tells it to the client (PUBACK reason code). MQTT 3.1.1 has
/// no such codes: there kPayloadFormatInvalid is acknowledged (sending it again would not help) and
/// the other failures close the connection without an acknowledgement [MQTT-3.3.5-2].
enum class PublishResult : uint8_t {
  kSuccess,
  kNotAuthorized,
  kQuotaExceeded,
  kPayloadFormatInvalid,
  kImplementationError,
};

/// Takes what clients publish.
///
/// Threads: called on I/O threads, several at a time, but for one connection always on the same
/// one. Must not block.
class PublishHandler {
 public:
  enum class Disposition {
    kRoute,     ///< ordinary message: the broker routes it to subscribers and acknowledges at once
    kDeferred,  ///< the handler completes the token through Broker::Complete; routed all the same
  };
  struct Message {
    std::string_view topic;
    std::string_view payload;
    uint8_t qos = 0;
    bool retain = false;
    bool dup = false;
    const Principal* principal = nullptr;  ///< the publisher; valid during the call only
  };

  virtual ~PublishHandler() = default;
  /// One publish that the principal may make. The views are valid during the call only. The token
  /// of a QoS 0 publish is inert and may be completed or not.
  virtual Disposition OnPublish(unsigned io_thread, const Message& message,
                                const AckToken& token) = 0;
  /// All publishes that one socket read brought were handed over: flush what was collected.
  virtual void OnReadEnd(unsigned io_thread) = 0;
  /// True while the pipeline behind cannot take more: the broker stops reading sockets until
  /// Broker::ResumeReading is called, which must follow once this turns false again.
  virtual bool Saturated(unsigned io_thread) const = 0;
};

}  // namespace energy::mqtt
