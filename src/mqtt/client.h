#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace boost::asio {
class io_context;
}

namespace energy::mqtt {

struct ClientOptions {
  std::string client_id;                ///< empty: the broker assigns one
  std::optional<std::string> username;  ///< none: anonymous
  std::optional<std::string> password;
  int version = 4;  ///< 4: MQTT 3.1.1; 5: MQTT 5.0
  uint16_t keep_alive_s = 60;
  bool clean = true;
  std::chrono::milliseconds connect_timeout{10'000};  ///< from the start of the attempt to CONNACK
  uint16_t max_in_flight =
      1024;  ///< QoS 1 publishes sent and not acknowledged; the broker may lower it
  size_t max_queued = 100'000;  ///< publishes waiting or in flight; beyond, Publish refuses
  uint32_t max_packet_bytes = 1 << 20;
  bool reconnect = true;  ///< after a connection that was accepted was lost
  std::chrono::milliseconds min_backoff{100};
  std::chrono::milliseconds max_backoff{30'000};
  uint64_t jitter_seed = 0;  ///< 0: different in each client
};

/// A message that a subscription brought. The views are valid during the callback only.
struct ClientMessage {
  std::string_view topic;
  std::string_view payload;
  uint8_t qos = 0;
  bool retain = false;
};

struct ClientStats {
  bool connected = false;
  size_t pending = 0;  ///< publishes waiting or in flight
  uint64_t acknowledged = 0;
  uint64_t resent = 0;
  uint64_t reconnects = 0;
};

class ClientCore;

/// MQTT 3.1.1 and 5.0 client for QoS 0 and 1.
///
/// Operation: QoS 1 publishes are kept until the broker acknowledged them. A lost connection is
/// made again with exponential backoff and jitter; what was not acknowledged is sent again with
/// DUP, and subscriptions are made again.
///
/// Threads: every method from any thread, the blocking ones not from a callback. Callbacks run on
/// the thread of the io_context and must not block it.
class Client {
 public:
  using Done = std::function<void(const base::Status&)>;

  /// With a thread of its own.
  explicit Client(ClientOptions options);
  /// On an event loop of the caller, which one thread runs. The loop must outlive the client;
  /// callbacks can still run until the loop has seen the destruction. For many clients on few
  /// threads.
  Client(ClientOptions options, boost::asio::io_context& io);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Before Connect.
  void OnMessage(std::function<void(const ClientMessage&)> callback);
  /// Told of every change: connected, or lost with the reason. Before Connect.
  void OnConnection(std::function<void(bool connected, const base::Status&)> callback);

  /// Connects and waits for the broker's answer.
  ///
  /// Errors: kUnauthenticated, kPermissionDenied: refused, with the broker's reason;
  ///         kUnavailable: no such host, no answer, or the broker cannot now;
  ///         kInvalidArgument: bad options; kConflict: connected already.
  base::Status Connect(const std::string& host, uint16_t port);
  /// The same without waiting.
  void StartConnect(const std::string& host, uint16_t port, Done done);

  /// Sends a message; `done` is called when the broker acknowledged or refused it (QoS 1), or when
  /// it was handed to the socket (QoS 0). Returns at once.
  ///
  /// Errors: kInvalidArgument: topic or QoS; kTooLarge; kRateLimited: `max_queued` reached;
  ///         kUnavailable: not connected (QoS 0) or closed. `done` is not called then.
  base::Status Publish(std::string_view topic, std::string_view payload, uint8_t qos,
                       Done done = {});

  /// Subscribes and waits for the broker's answer. Errors: kPermissionDenied, kInvalidArgument and
  /// the others of Connect.
  base::Status Subscribe(const std::string& filter, uint8_t qos);
  void StartSubscribe(const std::string& filter, uint8_t qos, Done done);
  base::Status Unsubscribe(const std::string& filter);

  /// Waits until nothing is pending and every `done` was called. kUnavailable after `timeout`,
  /// saying how much is.
  base::Status Flush(std::chrono::milliseconds timeout);

  /// Flushes, says goodbye and closes. The client cannot be used again afterwards. Errors as Flush;
  /// it is closed all the same.
  base::Status Disconnect(std::chrono::milliseconds timeout = std::chrono::seconds(5));

  ClientStats stats() const;

 private:
  struct Loop;

  std::unique_ptr<Loop> loop_;  // null on a loop of the caller
  std::shared_ptr<ClientCore> core_;
};

}  // namespace energy::mqtt
