#pragma once

#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/worker_pool.h"
#include "http/core.h"
#include "http/exchange.h"
#include "http/late_answer.h"
#include "http/streamed_body.h"

// Private to the files connection*.cc, of which each defines a part: the life of a connection, its
// requests, their handling, the answers. Each instantiates what it defines for the streams below.

namespace energy::http {
namespace asio = boost::asio;
namespace beast = boost::beast;

using Error = boost::system::error_code;
using PlainSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using TlsSocket = asio::ssl::stream<PlainSocket>;

inline constexpr size_t kReadBytes = 16 << 10;
inline constexpr size_t kBodyReadBytes = 64 << 10;

/// One HTTP connection. Everything runs on the loop's thread, except that a handler on the worker
/// pool owns request_ and response_ while the state is kHandling, and a source of pieces what is
/// marked so while producing_.
template <class Stream>
class HttpConnection final : public Peer,
                             public std::enable_shared_from_this<HttpConnection<Stream>> {
 public:
  HttpConnection(Stream stream, Origin origin, Place place)
      : core_(*origin.core),
        loop_(*origin.loop),
        origin_(std::move(origin)),
        place_(std::move(place)),
        stream_(std::move(stream)) {
    loop_.Add(this);
  }
  ~HttpConnection() override {
    loop_.Remove(this);
    GiveBudget();
  }

  void Serve() {
    NextRequest();
    // Who connects and says nothing gets less patience than who has sent a request before.
    deadline_ = After(core_.options.header_timeout);
  }

  void Sweep(SteadyTime now) override;
  void Drain() override;
  void Abort() override;

 private:
  using Parser = beast::http::request_parser<beast::http::string_body>;
  enum class State { kIdle, kReadingHeader, kReadingBody, kHandling, kWriting, kLingering };

  SteadyTime After(std::chrono::milliseconds timeout) const {
    return core_.clock.Steady() + timeout;
  }
  bool open() const { return beast::get_lowest_layer(stream_).is_open(); }

  void NextRequest();
  void Read();
  void OnRead(Error error);
  void Parse();

  // Fills request_ from what the parser has. The Status is that of the target.
  base::Status ReadHeader();

  // False when the connection goes on elsewhere.
  bool OnHeader();

  // Sets the body's limit by its route. False when the body was refused.
  bool AdmitBody();

  void RefuseLargeBody() {
    Refuse(413, "the body is larger than " + std::to_string(body_limit_) + " bytes");
  }

  void GiveBudget() { core_.large_body_bytes -= std::exchange(budget_taken_, 0); }

  void RefuseParse(Error error);

  // Answers a request that was not read to its end; nothing after it can be understood.
  void Refuse(int status, std::string_view message);
  void Dispatch();
  bool RunsInline() const;

  // Runs the handler, on the loop or on the worker pool.
  void Handle(size_t compress_limit);

  // Answers with response_, or once the handler's work completes it.
  void Finish();
  Response RouteError(const Router::Match& match);

  // Runs `work` on the worker pool and `then` back on the loop. Both may use `this`. False, and
  // neither runs, when too much is waiting already.
  template <class Work, class Then>
  bool OnWorker(Work work, Then then) {
    // Counted down when the work is done, and also when the pool drops the task at its end.
    struct Pending {
      explicit Pending(std::shared_ptr<Core> counted) : core(std::move(counted)) {}
      Pending(const Pending&) = delete;
      Pending& operator=(const Pending&) = delete;
      ~Pending() { --core->pending; }
      std::shared_ptr<Core> core;
    };
    bool taken = ++core_.pending <= core_.options.max_pending_requests;
    auto pending = std::make_shared<Pending>(origin_.core);
    if (taken) {
      taken =
          core_.workers.Submit([self = this->shared_from_this(), work, then, pending]() mutable {
            work();
            pending.reset();
            // The last reference has to go on the loop, so it moves there.
            auto& context = self->loop_.context();
            asio::post(context, [self = std::move(self), then] { then(); });
          });
    }
    return taken;
  }

  void AnswerBusy();
  void Authorize(const WebSocketHandler& handler);

  // On the worker pool.
  void Decide(const WebSocketHandler& handler);
  void Upgrade(const WebSocketHandler& handler);
  void Answer(Response response);

  template <class Buffers, class Then>
  void Write(const Buffers& buffers, Then then);

  // An answer in pieces: while the client takes one the worker pool makes the next, and waits there
  // for nobody. Memory is that of two pieces.
  void SendPiece();
  void Produce();

  // From the sweep, where the connection may not end.
  void RetryProduce();

  // A piece is sent or made: goes on when both are.
  void OnPiece();
  void BreakOff();
  void EndStream(Error error);

  // The loop reads nothing while it answers, so the end of the peer's bytes shows only here. Who
  // has sent the next request already is still there.
  bool PeerLeft();
  void OnWritten(Error error);
  void Linger();

  Core& core_;
  Loop& loop_;
  Origin origin_;
  Place place_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  State state_ = State::kIdle;
  SteadyTime deadline_ = kNever;
  SteadyTime arrived_{};
  bool timed_out_ = false;
  bool keep_alive_ = false;
  bool refused_ = false;  // not read to its end
  int http_minor_ = 1;
  size_t lingered_ = 0;
  Router::Match match_;  // of request_, from the end of its header on
  size_t body_limit_ = 0;
  size_t budget_taken_ = 0;
  Request request_;
  Response response_;
  std::weak_ptr<LateAnswer> awaited_;
  WebSocketAccept accept_;
  std::string head_;

  // Of an answer in pieces; made_ and made_piece_ are the worker's while producing_.
  std::optional<StreamedBody> streamed_;
  std::string sending_;
  std::string made_piece_;
  base::Result<bool> made_ = true;
  bool producing_ = false;
  bool more_pieces_ = true;
  bool starved_ = false;                   // no place in the worker pool
  std::shared_ptr<HttpConnection> alive_;  // while starved_ and nothing else refers to it
};

}  // namespace energy::http
