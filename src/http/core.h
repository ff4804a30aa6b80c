#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_set>
#include <vector>

#include "base/metrics.h"
#include "base/random.h"
#include "http/router.h"
#include "http/server.h"

// Private to the module: what the connections of a server share.

namespace boost::asio {
class io_context;
}

namespace energy::http {

using SteadyTime = std::chrono::steady_clock::time_point;
inline constexpr SteadyTime kNever = SteadyTime::max();

/// A connection as the server sees it. Called on the connection's loop; never destroys it.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Regularly: ends what is past its deadline.
  virtual void Sweep(SteadyTime now) = 0;
  /// The server stops: end when nothing is in flight, and say so to the other side.
  virtual void Drain() = 0;
  /// End now.
  virtual void Abort() = 0;
};

/// Bytes of a generator, fetched many at a time: for ids of requests, which are no secrets.
/// Threads: one.
class BufferedRandom final : public base::Random {
 public:
  explicit BufferedRandom(base::Random& source) : source_(source) {}
  void Fill(std::span<unsigned char> out) override;

 private:
  base::Random& source_;
  std::array<unsigned char, 1024> bytes_{};
  size_t used_ = sizeof(bytes_);
};

/// One event loop and its connections. All but Add and Remove on the loop's thread.
class Loop {
 public:
  Loop(boost::asio::io_context& context, base::Random& random)
      : context_(context), random_(random) {}

  boost::asio::io_context& context() { return context_; }
  /// Threads: safe anywhere. Remove waits for a running sweep.
  void Add(Peer* peer);
  void Remove(Peer* peer);

  void Sweep(SteadyTime now);
  void Drain();
  void Abort();
  bool draining() const { return draining_; }
  base::Random& random() { return random_; }
  /// The Date header, formatted once a second.
  const std::string& Date(base::Timestamp now);

 private:
  boost::asio::io_context& context_;
  BufferedRandom random_;
  std::mutex mutex_;
  std::unordered_set<Peer*> peers_;  // guarded by mutex_
  bool draining_ = false;
  std::chrono::sys_seconds date_second_{};
  std::string date_;
};

/// Kept alive by the server, by connections and by tasks of the worker pool.
struct Core {
  Core(ServerOptions options, base::WorkerPool& workers, const Router& router,
       const base::Clock& clock, base::Random& random, base::Logger log, base::Metrics& metrics);

  const ServerOptions options;
  base::WorkerPool& workers;
  const Router& router;
  const base::Clock& clock;
  base::Random& random;
  const base::Logger log;

  prometheus::Histogram& duration;
  prometheus::Gauge& connection_gauge;
  prometheus::Gauge& websocket_gauge;
  prometheus::Counter& websocket_dropped;
  prometheus::Counter& refused_connections;
  std::array<std::array<prometheus::Counter*, 6>, kMethodCount> requests;  // by status / 100

  std::vector<std::unique_ptr<Loop>> loops;
  std::atomic<size_t> pending = 0;
  std::atomic<size_t> large_body_bytes = 0;  // held or expected by connections

  /// Counts an answer and tells the observer.
  void Answered(const Request& request, const Response& response, SteadyTime since);
  /// Places among the connections. False when all are taken.
  bool TakePlace();
  void GivePlace();
  /// True once no connection is left, false after `timeout`.
  bool WaitForNone(std::chrono::milliseconds timeout);

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  uint32_t connections_ = 0;  // guarded by mutex_
};

/// A connection's place, given back when it ends. Moves from HTTP to WebSocket.
class Place {
 public:
  explicit Place(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  Place(Place&&) = default;
  Place& operator=(Place&&) = delete;
  ~Place() { Release(); }
  void Release() {
    if (const auto core = std::exchange(core_, nullptr)) core->GivePlace();
  }

 private:
  std::shared_ptr<Core> core_;
};

/// Where a connection comes from.
struct Origin {
  std::shared_ptr<Core> core;
  Loop* loop;  ///< of `core`
  std::string remote_address;
};

/// Serves HTTP on an accepted stream until it ends. On the loop's thread. Defined for the stream
/// types that connection.cc instantiates; as a template it shows no third-party header here.
template <class Stream>
void ServeHttp(Stream stream, Origin origin, Place place);

/// Takes over a stream for a WebSocket: answers the upgrade `message` and serves until it ends.
/// Instantiated in websocket.cc.
template <class Stream, class Message>
void ServeWebSocket(Stream stream, Message message, Origin origin, Place place, Request request,
                    const WebSocketHandler& handler, WebSocketAccept accept, SteadyTime since);

}  // namespace energy::http
