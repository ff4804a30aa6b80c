#include "http/websocket.h"

#include <exception>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "http/core.h"
#include "http/queued_session.h"

namespace energy::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace {

using Error = boost::system::error_code;
using PlainSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using TlsSocket = asio::ssl::stream<PlainSocket>;

constexpr std::chrono::seconds kHandshakeTime(10);
constexpr std::chrono::seconds kCloseTime(5);

// The connection behind a QueuedSession. Everything runs on the loop's thread.
template <class Stream>
class WebSocketConnection final : public Peer,
                                  public std::enable_shared_from_this<WebSocketConnection<Stream>> {
 public:
  WebSocketConnection(Stream stream, Origin origin, Place place, Request request,
                      const WebSocketHandler& handler, SteadyTime since)
      : core_(*origin.core),
        loop_(*origin.loop),
        origin_(std::move(origin)),
        place_(std::move(place)),
        request_(std::move(request)),
        handler_(handler),
        since_(since),
        stream_(std::move(stream)) {
    loop_.Add(this);
  }
  ~WebSocketConnection() override { End(); }

  template <class Message>
  void Serve(const Message& message, WebSocketAccept accept) {
    auto wake = [weak = this->weak_from_this(), &context = loop_.context()] {
      // A weak reference taken in the handler, so that the connection always ends on its loop.
      asio::post(context, [weak] {
        if (const auto self = weak.lock()) self->Flush();
      });
    };
    session_ = std::make_shared<QueuedSession>(core_.options.websocket_queue_limit,
                                               std::move(accept.missed_message), std::move(wake),
                                               &core_.websocket_dropped);
    beast::websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = kHandshakeTime;
    timeout.idle_timeout = core_.options.websocket_ping_interval * 2;
    timeout.keep_alive_pings = true;  // after half the idle timeout
    stream_.set_option(timeout);
    stream_.read_message_max(core_.options.websocket_message_limit);
    stream_.auto_fragment(false);
    stream_.text(true);
    stream_.set_option(beast::websocket::stream_base::decorator(
        [subprotocol = accept.subprotocol,
         id = request_.id](beast::websocket::response_type& answer) {
          // Beast would tell its name and version.
          answer.set(beast::http::field::server, "energy");
          answer.set("X-Request-Id", id);
          if (IsSafeHeader("Sec-WebSocket-Protocol", subprotocol) && !subprotocol.empty()) {
            answer.set(beast::http::field::sec_websocket_protocol, subprotocol);
          }
        }));
    stream_.async_accept(
        message, [self = this->shared_from_this()](Error error) { self->OnAccepted(error); });
  }

  void Sweep(SteadyTime now) override {
    if (now >= deadline_) Abort();
  }
  void Drain() override { session_->Close(1001, "the server stops"); }
  void Abort() override {
    Error ignored;
    beast::get_lowest_layer(stream_).close(ignored);
  }

 private:
  void OnAccepted(Error error) {
    Response answer;
    answer.status = error ? 400 : 101;
    core_.Answered(request_, answer, since_);
    if (error) return Abort();
    accepted_ = true;
    core_.websocket_gauge.Increment();
    Guarded([&] {
      if (handler_.on_open) handler_.on_open(request_, session_);
    });
    Read();
    Flush();
  }

  void Read() {
    stream_.async_read(
        input_, [self = this->shared_from_this()](Error error, size_t) { self->OnRead(error); });
  }

  void OnRead(Error error) {
    if (error) {
      Abort();
      return End();
    }
    if (!stream_.got_text()) {
      session_->Close(1003, "text messages only");
    } else if (handler_.on_message && session_->open()) {
      const auto data = input_.cdata();
      Guarded([&] {
        handler_.on_message(session_, {static_cast<const char*>(data.data()), data.size()});
      });
    }
    input_.clear();
    Read();
  }

  // Callbacks are foreign code: what they throw must not end the loop.
  template <class Callback>
  void Guarded(Callback callback) {
    try {
      callback();
    } catch (const std::exception& error) {
      core_.log->error("WebSocket {}: a callback threw: {}; request {}", request_.path,
                       error.what(), request_.id);
      session_->Close(1011, "internal error");
    } catch (...) {
      core_.log->error("WebSocket {}: a callback threw; request {}", request_.path, request_.id);
      session_->Close(1011, "internal error");
    }
  }

  void Flush() {
    if (session_->closing() && deadline_ == kNever) deadline_ = core_.clock.Steady() + kCloseTime;
    if (!accepted_ || writing_ || close_sent_ || ended_) return;
    QueuedSession::Next next = session_->Take();
    if (next.close_code) {
      close_sent_ = true;
      const beast::websocket::close_reason reason(
          static_cast<beast::websocket::close_code>(*next.close_code), next.close_reason);
      stream_.async_close(reason, [self = this->shared_from_this()](Error) {});
      return;
    }
    if (!next.text) return;
    writing_ = std::move(next.text);
    stream_.async_write(asio::buffer(*writing_),
                        [self = this->shared_from_this()](Error error, size_t) {
                          self->writing_.reset();
                          if (error) return self->Abort();
                          self->Flush();
                        });
  }

  void End() {
    if (std::exchange(ended_, true)) return;
    if (session_) session_->Detach();
    loop_.Remove(this);
    if (accepted_) {
      core_.websocket_gauge.Decrement();
      Guarded([&] {
        if (handler_.on_close) handler_.on_close(session_);
      });
    }
    place_.Release();
  }

  Core& core_;
  Loop& loop_;
  Origin origin_;
  Place place_;
  const Request request_;
  const WebSocketHandler& handler_;
  const SteadyTime since_;
  // Without permessage-deflate: it costs up to 300 KB a connection.
  beast::websocket::stream<Stream, false> stream_;
  std::shared_ptr<QueuedSession> session_;
  beast::flat_buffer input_;
  std::shared_ptr<const std::string> writing_;
  SteadyTime deadline_ = kNever;
  bool accepted_ = false;
  bool close_sent_ = false;
  bool ended_ = false;
};

}  // namespace

template <class Stream, class Message>
void ServeWebSocket(Stream stream, Message message, Origin origin, Place place, Request request,
                    const WebSocketHandler& handler, WebSocketAccept accept, SteadyTime since) {
  std::make_shared<WebSocketConnection<Stream>>(
      std::move(stream), std::move(origin), std::move(place), std::move(request), handler, since)
      ->Serve(message, std::move(accept));
}

template void ServeWebSocket(PlainSocket stream,
                             beast::http::request<beast::http::string_body> message, Origin origin,
                             Place place, Request request, const WebSocketHandler& handler,
                             WebSocketAccept accept, SteadyTime since);
template void ServeWebSocket(TlsSocket stream,
                             beast::http::request<beast::http::string_body> message, Origin origin,
                             Place place, Request request, const WebSocketHandler& handler,
                             WebSocketAccept accept, SteadyTime since);

}  // namespace energy::http
