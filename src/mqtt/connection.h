#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "mqtt/ack_window.h"
#include "mqtt/input_buffer.h"
#include "mqtt/session.h"
#include "mqtt/worker.h"

namespace energy::mqtt {

/// One client's connection: socket, handshake, packets, acknowledgements.
///
/// Operation: AwaitConnect -> Connected -> Closing (what is written leaves, then the write side is
/// shut and input is discarded until the peer closes, so that a reset does not destroy the last
/// packet) -> Closed.
///
/// Threads: only its worker's I/O thread, and there only within a turn.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Connection(Worker& worker, boost::asio::ip::tcp::socket socket, const ConnectionRef& ref);

  void Start();
  /// Finishes the publish that AckWindow::Push gave `sequence`.
  void CompletePublish(uint32_t sequence, PublishResult result);
  /// Queues a message for the client.
  void Deliver(const MessagePtr& message, uint8_t qos, bool retain);
  /// Writes what waits, as far as the socket takes it.
  void Flush();
  /// Reading was paused and may go on.
  void Unpark();
  /// Ends the connection for a reason that is not the client's mistake. MQTT 5 clients are told.
  void Disconnect(ReasonCode reason, std::string_view text);
  /// No more input; disconnects once nothing is unacknowledged.
  void BeginStop();
  /// Looks at the timeouts. `real_now` is the machine's clock, for what concerns the socket alone.
  void Sweep(TimePoint real_now);
  /// Closes the socket at once.
  void Close();

  const ConnectionRef& ref() const { return ref_; }
  /// The principal's name; empty before CONNECT.
  std::string_view username() const { return principal_ ? principal_->name() : std::string_view(); }

 private:
  enum class State : uint8_t { kAwaitConnect, kConnected, kClosing, kClosed };

  // connection.cc: socket, input and output.
  void WaitReadable();
  void OnReadable(const boost::system::error_code& error);
  void ProcessInput(std::string_view data);
  size_t Consume(std::string_view data, size_t& expected);
  bool KeepInput(std::string_view rest, size_t expected);
  void ResumeInput();
  void DiscardInput();
  void WaitWritable();
  bool WriteSome();
  void BeginClose();
  void Detach();
  void Refuse(const PacketError& error);
  void SendDisconnect(ReasonCode reason, std::string_view text);
  void Dirty();
  bool Open() const { return state_ == State::kAwaitConnect || state_ == State::kConnected; }
  bool WindowFull() const;
  std::string RemoteAddress() const;

  // connection_connect.cc: the handshake.
  PacketError OnConnect(const Frame& frame);
  PacketError CheckConnect(const Connect& connect) const;
  bool Authenticate(const Connect& connect);
  void Accept(const Connect& connect, bool assigned);
  void RefuseConnect(ReasonCode reason, std::string_view text);
  void KeepWill(const Connect& connect);
  void PublishWill();

  // connection_packets.cc: everything after it.
  PacketError Handle(const Frame& frame);
  PacketError OnPublish(const Frame& frame);
  PacketError CheckPublish(const Publish& publish) const;
  void RefusePublish(const Publish& publish);
  PacketError OnSubscribe(const Frame& frame);
  ReasonCode Subscribe(const SubscribeFilter& entry, PacketError& error);
  PacketError OnUnsubscribe(const Frame& frame);
  PacketError OnPuback(const Frame& frame);
  PacketError OnQos2(const Frame& frame);
  PacketError OnDisconnect(const Frame& frame);
  void SendAcks();
  void SendAck(uint16_t packet_id, PublishResult result);
  Session& GetSession();

  struct StoredWill {
    std::string topic;
    std::string payload;
    std::string properties;  // encoded, with length
    uint8_t qos = 0;
    bool retain = false;
  };

  Worker& worker_;
  boost::asio::ip::tcp::socket socket_;
  const ConnectionRef ref_;
  State state_ = State::kAwaitConnect;
  Version version_ = Version::k311;
  bool read_waiting_ = false;
  bool write_waiting_ = false;
  bool dirty_ = false;
  bool parked_ = false;
  bool window_blocked_ = false;  // input waits until acknowledgements have left
  bool write_shut_ = false;
  bool stopping_ = false;
  bool session_expiry_requested_ = false;
  TimePoint last_received_;
  TimePoint write_blocked_since_;
  TimePoint linger_until_;  // machine's clock
  std::chrono::milliseconds keep_alive_limit_{0};

  std::string client_id_;
  std::shared_ptr<const Principal> principal_;
  uint16_t client_receive_maximum_ = UINT16_MAX;
  uint32_t client_max_packet_ = UINT32_MAX;
  std::unique_ptr<StoredWill> will_;
  std::unique_ptr<Session> session_;

  InputBuffer input_;
  size_t accounted_input_ = 0;  // of input_.memory(), what the worker knows
  AckWindow acks_;
  std::string out_;
  size_t out_begin_ = 0;
};

}  // namespace energy::mqtt
