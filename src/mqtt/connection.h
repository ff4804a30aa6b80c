#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "mqtt/ack_window.h"
#include "mqtt/admission.h"
#include "mqtt/client_info.h"
#include "mqtt/input_buffer.h"
#include "mqtt/packet_trace.h"
#include "mqtt/session.h"
#include "mqtt/stream.h"
#include "mqtt/topic_aliases.h"
#include "mqtt/will.h"
#include "mqtt/worker.h"

namespace energy::mqtt {

/// One client's connection: stream, handshake, packets, acknowledgements.
///
/// Operation: AwaitConnect -> Connected -> Closing (what is written leaves, then the write side is
/// shut and input is discarded until the peer closes, so that a reset does not destroy the last
/// packet) -> Closed.
///
/// Threads: only its worker's I/O thread, and there only within a turn.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// A connection that is not admitted is told so when it says CONNECT.
  Connection(Worker& worker, Stream stream, const ConnectionRef& ref, Admission::Verdict verdict);

  void Start();
  /// Finishes the publish that AckWindow::Push gave `sequence`.
  void CompletePublish(uint32_t sequence, PublishResult result);
  /// The session has messages, or too many.
  void OnWake();
  /// What the oldest reply held back waited for was stored, or could not be.
  void ReleaseReply(bool stored);
  /// Writes what waits, as far as the socket takes it.
  void Flush();
  /// Reading was paused and may go on.
  void Unpark();
  /// Ends the connection for a reason that is not the client's mistake. MQTT 5 clients are told.
  void Disconnect(ReasonCode reason, std::string_view text);
  /// Asks for the client's rights again and ends subscriptions that it may not have any more.
  void RenewRights();
  /// No more input; disconnects once nothing is unacknowledged.
  void BeginStop();
  /// Looks at the timeouts. `real_now` is the machine's clock, for what concerns the socket alone.
  void Sweep(TimePoint real_now);
  /// Closes the socket at once.
  void Close();

  const ConnectionRef& ref() const { return ref_; }
  bool connected() const { return state_ == State::kConnected; }
  const std::string& client_id() const { return client_id_; }
  std::string host() const { return stream_.RemoteHost(); }
  Admission::Verdict verdict() const { return verdict_; }
  ClientInfo Info() const;
  std::vector<ClientSubscription> Subscriptions() const;
  void StartTrace(PacketTracePtr trace);
  /// The principal's name; empty before CONNECT.
  std::string_view username() const { return principal_ ? principal_->name() : std::string_view(); }

 private:
  static constexpr size_t kStageBytes = 64 << 10;  // encoded ahead of the socket

  enum class State : uint8_t { kAwaitConnect, kConnected, kClosing, kClosed };

  // connection_io.cc: socket, input and output.
  void WaitReadable();
  void OnReadable(const boost::system::error_code& error);
  void OnStreamEnd();
  void ProcessInput(std::string_view data);
  size_t Consume(std::string_view data, size_t& expected);
  bool KeepInput(std::string_view rest, size_t expected);
  void ResumeInput();
  void DiscardInput();
  void WaitWritable();
  bool WriteSome();
  void Dirty();
  bool WindowFull() const;

  // connection.cc: how it ends.
  void BeginClose();
  void Detach();
  void NoteRefusal(std::string_view reason);
  void Refuse(const PacketError& error);
  void SendDisconnect(ReasonCode reason, std::string_view text);
  bool Open() const { return state_ == State::kAwaitConnect || state_ == State::kConnected; }

  // connection_operator.cc: what the operator sees, and limits that hold a client back.
  void NoteError(std::string_view error, std::string_view claimed_user = {});
  void TraceIn(std::string_view packet);
  void TraceOut();
  bool OverRate();
  bool DelayRefusal(ReasonCode reason);
  void RefuseLater(ReasonCode reason, std::chrono::milliseconds delay);

  // connection_connect.cc: the handshake.
  PacketError OnConnect(const Frame& frame);
  PacketError CheckConnect(const Connect& connect) const;
  bool Authenticate(const Connect& connect);
  void Accept(const Connect& connect, bool assigned);
  void Describe(const Connect& connect, bool assigned, Connack& connack);
  void DropForbiddenSubscriptions();
  bool TurnAway();
  bool ConnectsTooOften();
  void RefuseConnect(ReasonCode reason, std::string_view text);
  void SendRefusal(ReasonCode reason, std::string_view text);
  void KeepWill(const Connect& connect);
  Session::Limits SessionLimits() const;

  // connection_packets.cc: everything after it.
  PacketError Handle(const Frame& frame);
  PacketError OnPublish(const Frame& frame);
  PacketError CheckPublish(const Publish& publish) const;
  PacketError ResolveAlias(Publish& publish);
  void RefusePublish(const Publish& publish);
  PacketError OnPuback(const Frame& frame);
  PacketError OnQos2(const Frame& frame);
  PacketError OnDisconnect(const Frame& frame);
  void SendAcks();
  void SendAck(uint16_t packet_id, PublishResult result);

  // connection_subscribe.cc: subscriptions and what they bring.
  PacketError OnSubscribe(const Frame& frame);
  ReasonCode Subscribe(const SubscribeFilter& entry, uint32_t id, PacketError& error);
  PacketError OnUnsubscribe(const Frame& frame);
  bool Unsubscribe(std::string_view filter);
  void EnsureSession();
  void Store(Change change);
  void Reply(std::string bytes, bool stored);
  void QueueRetained(std::string_view filter, const SubscriptionOptions& options);
  bool FeedRetained();
  void FillFromSession();

  /// Retained messages that a new subscription is still to get.
  struct RetainedCursor {
    std::string filter;
    SubscriptionOptions options;
    std::optional<std::string> after;  // the topic that was last
  };

  /// What the operator sees of a connection.
  struct Account {
    base::Timestamp connected_at{};
    uint64_t messages_received = 0;
    uint64_t messages_sent = 0;
    uint64_t bytes_received = 0;
    uint64_t bytes_sent = 0;
    uint64_t messages_dropped = 0;
    uint16_t keep_alive_s = 0;
    bool clean_start = false;
    std::string last_error;
  };

  Worker& worker_;
  Stream stream_;
  const ConnectionRef ref_;
  const Admission::Verdict verdict_;
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
  uint32_t session_expiry_s_ = 0;
  TimePoint last_received_;
  TimePoint write_blocked_since_;
  TimePoint linger_until_;  // machine's clock
  std::chrono::milliseconds keep_alive_limit_{0};

  std::string client_id_;
  std::shared_ptr<const Principal> principal_;
  uint16_t client_receive_maximum_ = UINT16_MAX;
  uint32_t client_max_packet_ = UINT32_MAX;
  WillPtr will_;
  SessionPtr session_;  // none while nothing needs one
  std::unique_ptr<InboundAliases> inbound_aliases_;
  std::unique_ptr<OutboundAliases> outbound_aliases_;
  std::vector<RetainedCursor> retained_;
  std::vector<std::string> held_replies_;  // until their changes are stored, in order

  Account account_;
  PacketTracePtr trace_;               // none: not traced
  size_t traced_out_ = 0;              // bytes of out_ that were traced, or are from before
  std::unique_ptr<PublishRate> rate_;  // none: no limit
  ReasonCode held_refusal_ = ReasonCode::kSuccess;
  TimePoint refuse_at_;  // held_refusal_ is due

  InputBuffer input_;
  size_t accounted_input_ = 0;  // of input_.memory(), what the worker knows
  AckWindow acks_;
  std::string out_;
  size_t out_begin_ = 0;
};

}  // namespace energy::mqtt
