#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/io_threads.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/service.h"
#include "mqtt/hooks.h"

namespace energy::mqtt {

struct BrokerOptions {
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6 literal to listen on
  uint16_t port = 1883;               ///< 0: any free port, see Broker::port()
  bool allow_anonymous = false;       ///< lets CONNECT without user name reach the Authenticator
  uint32_t max_packet_bytes = 1 << 20;
  uint32_t max_connections = 10000;
  std::chrono::seconds connect_timeout{10};  ///< from TCP accept to a complete CONNECT
  uint16_t max_keep_alive_s = 0;  ///< longer (or no) keep-alive is cut to this in MQTT 5; 0: no cut
  uint16_t receive_maximum = 1024;  ///< unacknowledged QoS 1 publishes a client may have, >= 1
  /// Bytes that may wait for one slow subscriber. Beyond, QoS 0 messages are dropped and counted; a
  /// QoS 1 message that does not fit disconnects it.
  size_t max_outbound_bytes = 1 << 20;
  size_t max_subscriptions_per_client = 1000;
  /// Bytes of packets not yet complete that one I/O thread keeps for all its connections.
  size_t max_partial_bytes_per_thread = 128 << 20;
  std::chrono::milliseconds stop_timeout{
      5000};  ///< how long Stop waits for deferred acknowledgements
};

struct BrokerStats {
  size_t connections = 0;    ///< clients whose CONNECT was accepted and that are still there
  size_t subscriptions = 0;  ///< of all clients
  uint64_t publishes_received = 0;
  uint64_t publishes_sent = 0;
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
/// Limitations: sessions end with their connection; no retained messages, shared subscriptions,
/// subscription identifiers, topic aliases or QoS 2. CONNACK of MQTT 5 announces that.
class Broker final : public base::Service {
 public:
  /// Everything passed by reference must outlive the broker.
  Broker(BrokerOptions options, base::IoThreads& io, Authenticator& authenticator,
         PublishHandler& handler, const base::Clock& clock, base::Logger logger,
         base::Metrics& metrics);
  ~Broker() override;

  std::string_view name() const override { return "mqtt"; }

  /// Listens. Errors: kInvalidArgument: not an address, bad limits; kUnavailable: cannot bind, with
  /// the address and the remedy.
  base::Status Start() override;

  /// Stops reading, waits at most `stop_timeout` for deferred acknowledgements and writes them,
  /// then disconnects everybody (MQTT 5: reason 0x8B) and closes. No hook is called after it
  /// returned.
  void Stop() override;

  /// The port listened on; 0 before Start.
  uint16_t port() const;

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

  /// Disconnects all clients whose Principal has this name (MQTT 5: reason 0x98).
  void DisconnectUser(std::string_view username);

  BrokerStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace energy::mqtt
