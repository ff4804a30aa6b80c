#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "mqtt/client.h"
#include "mqtt/packets.h"

namespace energy::mqtt {

/// The client's state machine. Lives on its event loop; kept alive by the loop's handlers.
///
/// Threads: the public methods from any thread; everything else on the loop's thread.
class ClientCore : public std::enable_shared_from_this<ClientCore> {
 public:
  using Done = Client::Done;

  ClientCore(ClientOptions options, boost::asio::io_context& io);

  void SetOnMessage(std::function<void(const ClientMessage&)> callback) {
    on_message_ = std::move(callback);
  }
  void SetOnConnection(std::function<void(bool, const base::Status&)> callback) {
    on_connection_ = std::move(callback);
  }
  void Connect(std::string host, uint16_t port, Done done);
  base::Status Publish(std::string_view topic, std::string_view payload, uint8_t qos, Done done);
  void Subscribe(std::string filter, uint8_t qos, Done done);
  void Unsubscribe(std::string filter, Done done);
  base::Status Flush(std::chrono::milliseconds timeout);
  /// Sends DISCONNECT if connected and closes. `done` runs on the loop.
  void Close(std::function<void()> done);
  ClientStats stats() const;

 private:
  enum class State : uint8_t { kIdle, kConnecting, kAwaitConnack, kConnected, kBackoff, kClosed };

  struct Request {
    std::string bytes;     // the packet; kept until acknowledged
    size_t id_offset = 0;  // where its packet id goes; 0: QoS 0
    PacketType answer{};   // PUBACK, SUBACK or UNSUBACK
    bool acknowledged = false;
    Done done;
  };

  // client_core.cc: connecting, losing, closing.
  void StartAttempt();
  void TryEndpoints(const boost::asio::ip::tcp::resolver::results_type& endpoints);
  void OnConnected();
  void OnConnack(const Frame& frame);
  void Established(const Connack& connack);
  void Resume(bool session_present);
  void Lose(const base::Status& reason);
  void ScheduleReconnect();
  void ArmKeepAlive();
  void CloseSocket();
  void FailAll(const base::Status& reason);
  void SetConnected(bool connected);

  // client_io.cc: requests, reading, writing, packets.
  void Enqueue(Request request);
  void Schedule();
  void Pump();
  void Write();
  void Read();
  bool Consume();
  bool OnFrame(const Frame& frame);
  void OnPublish(const Frame& frame);
  void OnAnswer(const Frame& frame);
  void Finish(uint16_t packet_id, PacketType answer, const base::Status& status);
  void Settle(size_t finished, size_t acknowledged);
  bool Broken(const PacketError& error);
  uint16_t PacketIdAt(size_t index) const;

  const ClientOptions options_;
  const Version version_;
  boost::asio::io_context& io_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;       // connect timeout, then backoff
  boost::asio::steady_timer keep_alive_;  // pings
  std::function<void(const ClientMessage&)> on_message_;
  std::function<void(bool, const base::Status&)> on_connection_;

  State state_ = State::kIdle;
  std::string host_;
  uint16_t port_ = 0;
  Done connect_done_;
  bool was_connected_ = false;
  unsigned attempts_ = 0;
  std::minstd_rand jitter_;
  uint64_t attempt_ = 0;  // tells a handler of an earlier connection from the present one
  std::map<std::string, uint8_t> subscriptions_;
  size_t window_ = 0;
  uint32_t max_send_bytes_ = UINT32_MAX;
  std::chrono::milliseconds ping_interval_{0};
  bool ping_outstanding_ = false;

  std::string in_;
  std::unique_ptr<char[]> read_buffer_;
  std::string out_;
  std::string writing_;
  bool write_active_ = false;
  // Packet ids are given out in order: element i has PacketIdAt(i).
  std::deque<Request> in_flight_;
  uint16_t first_id_ = 1;

  mutable std::mutex mutex_;
  std::condition_variable drained_;
  std::deque<Request> queue_;  // guarded by mutex_
  bool pump_posted_ = false;   // guarded by mutex_
  bool closed_ = false;        // guarded by mutex_
  ClientStats stats_;          // guarded by mutex_
};

}  // namespace energy::mqtt
