#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/io_threads.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/service.h"
#include "mqtt/admission.h"
#include "mqtt/client_info.h"
#include "mqtt/hooks.h"
#include "mqtt/packet_trace.h"
#include "mqtt/tls.h"
#include "mqtt/transport.h"

namespace energy::mqtt {

struct BrokerOptions {
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6 literal to listen on
  uint16_t port = 1883;               ///< 0: any free port, see Broker::port()
  TlsOptions tls;                     ///< enabled: listens on `tls_port` too
  uint16_t tls_port = 8883;
  bool web_socket = false;  ///< listens on `web_socket_port`, and on the other one with TLS
  uint16_t web_socket_port = 8083;
  uint16_t web_socket_tls_port = 8084;
  bool allow_anonymous = false;  ///< lets CONNECT without user name reach the Authenticator
  uint32_t max_packet_bytes = 1 << 20;
  AdmissionOptions admission;
  /// What one client may publish in a second; beyond, it is read later. 0: no limit.
  uint32_t max_messages_per_second = 0;
  uint64_t max_bytes_per_second = 0;
  /// What all clients together may publish, and send, in a second; beyond, nobody is read for a
  /// moment. 0: no limit.
  uint32_t max_total_messages_per_second = 0;
  uint64_t max_total_bytes_per_second = 0;
  std::chrono::seconds connect_timeout{10};  ///< from TCP accept to a complete CONNECT
  uint16_t max_keep_alive_s = 0;  ///< longer (or no) keep-alive is cut to this in MQTT 5; 0: no cut
  uint16_t receive_maximum = 1024;    ///< unacknowledged QoS 1 publishes a client may have, >= 1
  uint16_t topic_alias_maximum = 16;  ///< topic aliases a client may set on its connection
  /// Bytes that may wait for one subscriber, and as many more that it has not acknowledged. While
  /// it is connected QoS 0 messages beyond that are dropped, and a QoS 1 message that does not fit
  /// disconnects it; while it is not, the oldest messages give way. Whatever is dropped is counted.
  size_t max_outbound_bytes = 4 << 20;
  size_t max_queued_messages = 10'000;          ///< the same in number
  size_t max_queued_total_bytes = 256 << 20;    ///< the same for all sessions together
  size_t max_sessions = 20'000;                 ///< that outlive their connection
  uint32_t max_session_expiry_s = 30 * 86'400;  ///< longer wishes are cut to this; UINT32_MAX: not
  size_t max_retained_messages = 100'000;
  size_t max_retained_bytes = 64 << 20;
  /// Where sessions, subscriptions, queued and retained messages are kept across restarts; empty:
  /// nowhere.
  std::filesystem::path session_folder;
  size_t max_subscriptions_per_client = 1000;
  std::string version;                    ///< of the program, for $SYS
  std::chrono::seconds sys_interval{10};  ///< between two publications of $SYS topics
  /// Bytes of packets not yet complete that one I/O thread keeps for all its connections.
  size_t max_partial_bytes_per_thread = 128 << 20;
  std::chrono::milliseconds stop_timeout{
      5000};  ///< how long Stop waits for deferred acknowledgements
};

struct BrokerStats {
  size_t connections = 0;    ///< clients whose CONNECT was accepted and that are still there
  size_t clients = 0;        ///< connected, or with a session that outlived their connection
  size_t sessions = 0;       ///< that outlive their connection, of clients connected or not
  size_t subscriptions = 0;  ///< of all clients
  size_t retained_messages = 0;
  size_t queued_bytes = 0;  ///< of messages waiting or unacknowledged in all sessions
  uint64_t publishes_received = 0;
  uint64_t publishes_sent = 0;
  uint64_t bytes_received = 0;
  uint64_t bytes_sent = 0;
  uint64_t messages_dropped = 0;
  uint64_t protocol_errors = 0;
};

/// MQTT 3.1.1 and 5.0 broker (OASIS standards) for QoS 0 and 1.
///
/// Operation: a connection lives on one I/O thread. What a client publishes goes to the
/// PublishHandler and to the subscribers. Acknowledgements leave in the order of the publishes of
/// the connection [MQTT-4.6.0-2], however they are completed.
///
/// Threads: every method from any thread except an I/O thread for Start and Stop.
///
/// What must survive is on the disk before it is acknowledged: subscriptions of sessions that
/// outlive their connection, QoS 1 messages for them, and QoS 1 retained messages. Everything else
/// that is kept (that a client came or left, what it has received, wills that wait for their delay)
/// is within a second. See SessionStore.
///
/// Limitations: no QoS 2 and no enhanced authentication; CONNACK of MQTT 5 announces the former. No
/// will is published because the broker itself stops. Retained messages that a new subscription is
/// still to get are forgotten when its client disconnects.
class Broker final : public base::Service {
 public:
  /// Everything passed by reference must outlive the broker.
  Broker(BrokerOptions options, base::IoThreads& io, Authenticator& authenticator,
         PublishHandler& handler, const base::Clock& clock, base::Logger logger,
         base::Metrics& metrics);
  ~Broker() override;

  std::string_view name() const override { return "mqtt"; }

  /// Brings back what was stored and listens. The TLS files are read; while the broker runs,
  /// changed ones are noticed within three seconds and used for new connections. Errors:
  /// kInvalidArgument: not an address, bad limits, bad TLS files; kUnavailable: cannot bind, with
  /// the address and the remedy; the folder cannot be used.
  base::Status Start() override;

  /// Stops reading, waits at most `stop_timeout` for deferred acknowledgements and writes them,
  /// then disconnects everybody (MQTT 5: reason 0x8B) and closes. No hook is called after it
  /// returned.
  void Stop() override;

  /// The port listened on; 0 before Start and where nothing listens.
  uint16_t port(Transport transport = Transport::kTcp) const;

  /// Finishes deferred publishes. All acknowledgements of a connection in `tokens` leave in one
  /// write.
  void Complete(std::span<const AckToken> tokens, PublishResult result);

  /// Stops reading all sockets, so that TCP holds the clients back. Packets already read are
  /// handled.
  void StopReading();
  /// Ends StopReading and the pause that PublishHandler::Saturated caused.
  void ResumeReading();

  /// Sends a message of the program itself to the subscribers of `topic`. The PublishHandler does
  /// not see it. Errors: kInvalidArgument: not a topic name, or QoS above 1.
  base::Status Publish(std::string_view topic, std::string_view payload, uint8_t qos);

  /// Disconnects all clients whose Principal has one of these names, sorted (MQTT 5: reason 0x98).
  void DisconnectUsers(const std::vector<std::string>& usernames);

  /// Asks the Authenticator for the rights of the clients of these users, sorted, again.
  /// Subscriptions that they may not have any more are ended; MQTT has no word to tell them.
  void RenewUsers(const std::vector<std::string>& usernames);

  BrokerStats stats() const;

  /// kUnavailable, with the reason, while sessions cannot be stored: what would need that is not
  /// acknowledged. Cheap.
  base::Status health() const;

  // For the operator. These wait for the I/O threads, which answer between two reads; a thread that
  // does not answer within two seconds is left out.

  /// The connected clients, in no order. Cost: about a microsecond of its I/O thread a client.
  std::vector<ClientInfo> Clients() const;
  /// Nothing when no such client is connected.
  std::optional<ClientInfo> Client(std::string_view client_id,
                                   std::vector<ClientSubscription>& subscriptions) const;
  /// False when no such client is connected (MQTT 5: reason 0x98).
  bool DisconnectClient(std::string_view client_id);
  /// Who was refused or ended badly lately, newest first.
  std::vector<ClientError> Errors() const;

  /// Notes the packets of a client, connected or not, for a time. A new trace replaces the one
  /// before. Errors: kRateLimited when too many clients are traced.
  base::Status StartTrace(std::string_view client_id, std::chrono::seconds duration,
                          bool with_payload);
  /// The last trace of a client; nothing when there is none.
  PacketTracePtr Trace(std::string_view client_id) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace energy::mqtt
