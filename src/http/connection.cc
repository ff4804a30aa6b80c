// Beast's own definitions; once in the module (BOOST_BEAST_SEPARATE_COMPILATION).
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/src.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "base/random.h"
#include "base/worker_pool.h"
#include "http/core.h"
#include "http/exchange.h"

namespace energy::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace {

using Error = boost::system::error_code;
using PlainSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

constexpr size_t kReadBytes = 16 << 10;
// Compressing this much takes about a millisecond, which other connections of the loop can wait.
constexpr size_t kInlineCompressLimit = 64 << 10;
constexpr size_t kWorkerCompressLimit = 64 << 20;
// After a refused request, what its sender may still write before the connection is cut.
constexpr size_t kLingerBytes = 8 << 20;
constexpr std::chrono::seconds kLingerTime(2);

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

// One HTTP connection. Everything runs on the loop's thread, except that a handler on the worker
// pool owns request_ and response_ while the state is kHandling.
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
  ~HttpConnection() override { loop_.Remove(this); }

  void Serve() {
    NextRequest();
    // Who connects and says nothing gets less patience than who has sent a request before.
    deadline_ = After(core_.options.header_timeout);
  }

  void Sweep(SteadyTime now) override {
    if (now < deadline_) return;
    deadline_ = kNever;
    if (state_ == State::kReadingHeader || state_ == State::kReadingBody) {
      timed_out_ = true;
      Error ignored;
      beast::get_lowest_layer(stream_).cancel(ignored);
    } else {
      Abort();
    }
  }

  void Drain() override {
    if (state_ == State::kIdle || state_ == State::kLingering) Abort();
  }

  void Abort() override {
    Error ignored;
    beast::get_lowest_layer(stream_).close(ignored);
  }

 private:
  using Parser = beast::http::request_parser<beast::http::string_body>;
  enum class State { kIdle, kReadingHeader, kReadingBody, kHandling, kWriting, kLingering };

  SteadyTime After(std::chrono::milliseconds timeout) const {
    return core_.clock.Steady() + timeout;
  }
  bool open() const { return beast::get_lowest_layer(stream_).is_open(); }

  void NextRequest() {
    parser_.emplace();
    parser_->header_limit(static_cast<uint32_t>(core_.options.header_limit));
    parser_->body_limit(core_.options.body_limit);
    request_ = Request();
    request_.remote_address = origin_.remote_address;
    keep_alive_ = false;
    http_minor_ = 1;
    if (buffer_.size() > 0) {
      state_ = State::kReadingHeader;
      deadline_ = After(core_.options.header_timeout);
      Parse();
      return;
    }
    if (loop_.draining()) return Abort();
    state_ = State::kIdle;
    deadline_ = After(core_.options.idle_timeout);
    Read();
  }

  void Read() {
    stream_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = this->shared_from_this()](Error error, size_t bytes) {
                              self->buffer_.commit(bytes);
                              self->OnRead(error);
                            });
  }

  void OnRead(Error error) {
    if (timed_out_) return Refuse(408, "the request did not arrive in time");
    if (error) return;  // gone; the last reference ends the connection
    if (state_ == State::kIdle) {
      state_ = State::kReadingHeader;
      deadline_ = After(core_.options.header_timeout);
    }
    Parse();
  }

  void Parse() {
    while (!parser_->is_done()) {
      Error error;
      if (buffer_.size() > 0) {
        const bool had_header = parser_->is_header_done();
        buffer_.consume(parser_->put(buffer_.data(), error));
        if (error && error != beast::http::error::need_more) return RefuseParse(error);
        if (!had_header && parser_->is_header_done()) {
          if (!OnHeader()) return;
          continue;
        }
        if (!error) continue;
      }
      // An unfinished chunk header has no limit of its own.
      if (buffer_.size() > core_.options.header_limit + kReadBytes) {
        return Refuse(400, "malformed chunk");
      }
      return Read();
    }
    request_.body = std::move(parser_->get().body());
    arrived_ = core_.clock.Steady();
    Dispatch();
  }

  // Fills request_ from what the parser has. The Status is that of the target.
  base::Status ReadHeader() {
    const auto& header = parser_->get();
    http_minor_ = header.version() == 10 ? 0 : 1;
    request_.method = MethodFrom(View(header.method_string()));
    for (const auto& field : header) {
      request_.headers.emplace_back(View(field.name_string()), View(field.value()));
    }
    const std::string_view id = request_.Header("X-Request-Id");
    request_.id = IsSaneRequestId(id) ? std::string(id) : NewUuid(core_.random, core_.clock);
    return SetTarget(View(header.target()), request_);
  }

  // False when the connection goes on elsewhere.
  bool OnHeader() {
    const base::Status target = ReadHeader();
    keep_alive_ = parser_->keep_alive();
    if (const auto fault = CheckHeader(request_, http_minor_)) {
      Refuse(fault->status, fault->message);
      return false;
    }
    if (!target.ok()) {
      Refuse(400, target.message());
      return false;
    }
    if (parser_->is_done()) return true;
    state_ = State::kReadingBody;
    deadline_ = After(core_.options.body_timeout);
    if (buffer_.size() > 0 || http_minor_ == 0 ||
        !EqualsIgnoreCase(request_.Header("Expect"), "100-continue")) {
      return true;
    }
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(kContinue),
                      [self = this->shared_from_this()](Error error, size_t) {
                        if (self->timed_out_) {
                          self->Refuse(408, "the request did not arrive in time");
                        } else if (!error) {
                          self->Parse();
                        }
                      });
    return false;
  }

  void RefuseParse(Error error) {
    using Code = beast::http::error;
    // The parser takes the request line only whole.
    const bool has_line = !parser_->get().target().empty();
    // For the log; what is wrong with the target matters less than what is wrong here.
    if (has_line) (void)ReadHeader();
    if (error == Code::body_limit) {
      return Refuse(
          413, "the body is larger than " + std::to_string(core_.options.body_limit) + " bytes");
    }
    if (error == Code::header_limit) {
      return has_line ? Refuse(431, "the headers are too large")
                      : Refuse(414, "the address is too long");
    }
    if (error == Code::bad_version)
      return Refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    Refuse(400, "malformed request: " + error.message());
  }

  // Answers a request that was not read to its end; nothing after it can be understood.
  void Refuse(int status, std::string_view message) {
    timed_out_ = false;
    refused_ = true;
    keep_alive_ = false;
    arrived_ = core_.clock.Steady();
    Answer(core_.router.Error(status, message, request_));
  }

  void Dispatch() {
    const bool upgrade =
        EqualsIgnoreCase(request_.Header("Upgrade"), "websocket") && parser_->get().version() == 11;
    const Router::Match match = core_.router.Find(request_, upgrade);
    state_ = State::kHandling;
    deadline_ = kNever;
    if (match.error != 0) return Answer(RouteError(match));
    if (match.websocket != nullptr) return Authorize(*match.websocket);
    if (match.run == Run::kInline) {
      Response response = RunHandler(core_.router, *match.handler, request_, core_.log);
      Compress(request_, response, kInlineCompressLimit);
      return Answer(std::move(response));
    }
    OnWorker(
        [this, handler = match.handler] {
          response_ = RunHandler(core_.router, *handler, request_, core_.log);
          Compress(request_, response_, kWorkerCompressLimit);
        },
        [this] { Answer(std::move(response_)); });
  }

  Response RouteError(const Router::Match& match) {
    Response response;
    if (match.error == 405 && request_.method == Method::kOptions) {
      response.status = 204;
    } else if (match.error == 404) {
      response = core_.router.Error(404, "nothing is at this address", request_);
    } else if (match.error == 426) {
      response = core_.router.Error(426, "this address speaks WebSocket", request_);
      response.SetHeader("Upgrade", "websocket");
    } else {
      response = core_.router.Error(405, "this address takes " + match.allow, request_);
    }
    if (!match.allow.empty()) response.SetHeader("Allow", match.allow);
    return response;
  }

  // Runs `work` on the worker pool and `then` back on the loop. Both may use `this`.
  template <class Work, class Then>
  void OnWorker(Work work, Then then) {
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
    if (taken) return;
    Response response =
        core_.router.Error(503, "too many requests are waiting: try again in a second", request_);
    response.SetHeader("Retry-After", "1");
    Answer(std::move(response));
  }

  void Authorize(const WebSocketHandler& handler) {
    OnWorker([this, &handler] { Decide(handler); },
             [this, &handler] {
               if (accept_.accept) {
                 Upgrade(handler);
               } else {
                 Answer(std::move(response_));
               }
             });
  }

  // On the worker pool.
  void Decide(const WebSocketHandler& handler) {
    accept_ = WebSocketAccept();
    // As a handler, so that middlewares and exceptions are treated as everywhere else.
    const Handler authorize = [&](Request& request) {
      accept_ = handler.authorize(request);
      if (accept_.accept) return Response();  // not sent
      if (accept_.refusal.status != 200) return accept_.refusal;
      return core_.router.Error(accept_.refuse_status, ReasonPhrase(accept_.refuse_status),
                                request);
    };
    response_ = RunHandler(core_.router, authorize, request_, core_.log);
    if (response_.status != 200) accept_.accept = false;
  }

  void Upgrade(const WebSocketHandler& handler) {
    if (!open() || loop_.draining()) return Abort();
    // RFC 6455 §4.1: the client waits for the answer before it sends more.
    if (buffer_.size() > 0) return Refuse(400, "data after the request for a WebSocket");
    loop_.Remove(this);
    ServeWebSocket(std::move(stream_), parser_->release(), origin_, std::move(place_),
                   std::move(request_), handler, std::move(accept_), arrived_);
  }

  void Answer(Response response) {
    if (!open()) return;
    response_ = std::move(response);
    if (loop_.draining() || WantsClose(response_)) keep_alive_ = false;
    head_ = SerializeHead(request_, response_, !keep_alive_, http_minor_,
                          loop_.Date(core_.clock.Now()));
    state_ = State::kWriting;
    deadline_ = After(core_.options.idle_timeout);
    const std::string& body = response_.Body();
    const std::array<asio::const_buffer, 2> buffers{
        asio::buffer(head_),
        asio::buffer(body.data(), SendsBody(request_, response_) ? body.size() : 0)};
    asio::async_write(
        stream_, buffers,
        [this](Error error, size_t) {
          deadline_ = After(core_.options.idle_timeout);  // it made progress
          return error ? size_t{0} : size_t{64 << 10};
        },
        [self = this->shared_from_this()](Error error, size_t) { self->OnWritten(error); });
  }

  void OnWritten(Error error) {
    core_.Answered(request_, response_, arrived_);
    response_ = Response();
    if (error) return Abort();
    if (keep_alive_) return NextRequest();
    if (!refused_) return Abort();
    // Closing with unread input would reset the connection and may destroy the answer on its way.
    state_ = State::kLingering;
    deadline_ = After(kLingerTime);
    Error ignored;
    beast::get_lowest_layer(stream_).shutdown(PlainSocket::shutdown_send, ignored);
    buffer_.clear();
    Linger();
  }

  void Linger() {
    stream_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = this->shared_from_this()](Error error, size_t bytes) {
                              self->lingered_ += bytes;
                              if (error || self->lingered_ > kLingerBytes) return self->Abort();
                              self->Linger();
                            });
  }

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
  Request request_;
  Response response_;
  WebSocketAccept accept_;
  std::string head_;
};

}  // namespace

template <class Stream>
void ServeHttp(Stream stream, Origin origin, Place place) {
  std::make_shared<HttpConnection<Stream>>(std::move(stream), std::move(origin), std::move(place))
      ->Serve();
}

template void ServeHttp(PlainSocket stream, Origin origin, Place place);

}  // namespace energy::http
