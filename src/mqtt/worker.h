#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "mqtt/broker_state.h"
#include "mqtt/distributor.h"
#include "mqtt/packets.h"
#include "mqtt/stream.h"

namespace energy::mqtt {

class Connection;

/// The broker's share of one I/O thread: its connections, the buffer they read into, the timer that
/// watches them, and the mailbox through which other threads reach them.
///
/// Operation: everything a connection does happens in a turn: one handler of the event loop,
/// between BeginTurn and EndTurn. Output collects during a turn and leaves at its end, one write a
/// connection; connections of other threads that got messages are told at its end, one post a
/// thread.
///
/// Threads: the public methods under "any thread" as said; all others on the worker's I/O thread.
class Worker : public std::enable_shared_from_this<Worker>, private Waker {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Completion {
    AckToken token;
    PublishResult result;
    bool reply = false;  ///< a reply that the connection holds back, not a publish
  };
  /// What a turn counted; added to the metrics at its end.
  struct Counts {
    uint64_t publishes_received = 0;
    uint64_t publishes_sent = 0;
    uint64_t bytes_received = 0;
    uint64_t bytes_sent = 0;
    uint64_t dropped_slow = 0;
    uint64_t dropped_expired = 0;
    uint64_t dropped_too_large = 0;
    uint64_t dropped_not_authorized = 0;
  };

  Worker(unsigned index, boost::asio::io_context& context, std::shared_ptr<BrokerState> state);
  ~Worker() override;

  // Any thread.
  void Start();
  /// Takes over an accepted stream that belongs to this worker's context.
  void Adopt(Stream stream, Admission::Verdict verdict);
  void PostCompletions(std::span<const AckToken> tokens, PublishResult result);
  /// The store has written, or could not.
  void PostWritten(std::span<const SessionStore::Waiter> waiters, bool safe);
  /// These connections, of this worker, have messages to write.
  void PostWakes(std::span<const ConnectionRef> connections);
  void PostResume();
  using Names = std::shared_ptr<const std::vector<std::string>>;  // sorted
  void PostDisconnectUsers(const Names& names);
  void PostRenewUsers(const Names& names);
  /// Calls `visit` on the I/O thread for each connected client, then `done`.
  void PostVisit(std::function<void(Connection&)> visit, std::function<void()> done);
  /// `on_stopped` runs on the I/O thread once no connection is left.
  void PostStop(std::chrono::milliseconds timeout, std::function<void()> on_stopped);
  boost::asio::io_context& context() { return context_; }

  /// Before Start: the workers of all threads, this one included; index = thread.
  void SetPeers(std::vector<Worker*> peers) { peers_ = std::move(peers); }

  // For connections.
  BrokerState& state() { return *state_; }
  unsigned index() const { return index_; }
  TimePoint now() const { return now_; }
  Counts& counts() { return counts_; }
  std::span<char> read_buffer() { return {read_buffer_.get(), kReadBufferBytes}; }
  Publish& scratch_publish() { return scratch_publish_; }
  bool reading_paused() const;
  void BeginTurn();
  void EndTurn();
  void MarkDirty(std::shared_ptr<Connection> connection);
  void MarkReadEnd() { read_end_due_ = true; }
  void Park(std::shared_ptr<Connection> connection);
  void Release(Connection& connection);
  /// Sends a message to all its subscribers.
  Distributed Route(const Outgoing& publish) {
    if (!publish.retain && state_->router.size() == 0) return {};
    return Distribute(*state_, publish, scratch_targets_, *this);
  }
  /// Ends a session that is no longer in the registry.
  void EndSession(const SessionPtr& session) { mqtt::EndSession(*state_, session, *this); }
  /// Publishes a will if its principal may. `publisher`: the session, for no local.
  void PublishWill(const StoredWill& will, const Session* publisher);
  /// Ends the connection that another one took the client id from.
  void TakeOver(const ConnectionRef& connection);
  /// Adjusts the bytes of incomplete packets kept; false when there would be too many.
  bool AccountPartial(size_t before, size_t after);
  /// At most some lines a second, so that a hostile peer cannot fill the log.
  bool MayLog();

 private:
  struct Slot {
    std::shared_ptr<Connection> connection;
    uint32_t generation = 0;
  };
  struct Mailbox {
    std::vector<Completion> completions;
    std::vector<ConnectionRef> wakes;
    bool posted = false;
  };

  template <class Function>
  void Post(Function function) {
    boost::asio::post(context_, [self = shared_from_this(), function = std::move(function)] {
      self->BeginTurn();
      function(*self);
      self->EndTurn();
    });
  }
  Connection* Find(const ConnectionRef& ref);
  template <class Function>
  void ForUsers(const std::vector<std::string>& names, Function function);
  void PostDrain(bool needed);
  void Drain();
  void Wake(const ConnectionRef& connection) override;
  void AddCounts();
  void ResumeParked();
  void ExpireSessions();
  void ArmSweep();
  void Sweep();
  void BeginStop(std::chrono::milliseconds timeout);
  void CheckStopped();

  static constexpr size_t kReadBufferBytes = 256 << 10;

  const unsigned index_;
  boost::asio::io_context& context_;
  const std::shared_ptr<BrokerState> state_;
  std::vector<Worker*> peers_;

  std::unique_ptr<char[]> read_buffer_;
  Publish scratch_publish_;
  std::vector<Target> scratch_targets_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_slots_;
  size_t open_ = 0;
  std::vector<std::shared_ptr<Connection>> dirty_;
  std::vector<std::shared_ptr<Connection>> parked_;
  std::vector<std::shared_ptr<Connection>> closed_;   // kept until the turn ends
  std::vector<std::vector<ConnectionRef>> outboxes_;  // to wake, per thread
  bool outboxes_due_ = false;
  bool read_end_due_ = false;
  Counts counts_;
  TimePoint now_{};
  size_t partial_bytes_ = 0;
  TimePoint log_second_{};
  unsigned log_lines_ = 0;

  std::unique_ptr<boost::asio::steady_timer> sweep_timer_;
  bool stopping_ = false;
  TimePoint stop_deadline_{};
  std::function<void()> on_stopped_;

  std::atomic<bool> resume_posted_{false};
  std::mutex mailbox_mutex_;
  Mailbox mailbox_;          // guarded by mailbox_mutex_
  Mailbox drained_mailbox_;  // the I/O thread's; swapped so that both keep their memory
};

}  // namespace energy::mqtt
