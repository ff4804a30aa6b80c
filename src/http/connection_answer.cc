#include <sys/socket.h>

#include <cerrno>

#include <boost/asio/write.hpp>

#include "http/connection.h"

// What a connection writes.

namespace energy::http {
namespace {

// How long a refused request may go on to arrive before the connection is cut.
constexpr std::chrono::seconds kLingerTime(2);

}  // namespace

template <class Stream>
void HttpConnection<Stream>::Answer(Response response) {
  if (!open()) return;
  response_ = std::move(response);
  if (loop_.draining() || WantsClose(response_)) keep_alive_ = false;
  // HTTP/1.0 knows no chunks: the end of the connection is the end of the body.
  if (response_.more && http_minor_ == 0) keep_alive_ = false;
  head_ =
      SerializeHead(request_, response_, !keep_alive_, http_minor_, loop_.Date(core_.clock.Now()));
  state_ = State::kWriting;
  if (response_.more && SendsBody(request_, response_)) {
    streamed_.emplace(response_, http_minor_ > 0);
    sending_ = std::move(head_);
    return SendPiece();
  }
  const std::string& body = response_.Body();
  const std::array<asio::const_buffer, 2> buffers{
      asio::buffer(head_),
      asio::buffer(body.data(), SendsBody(request_, response_) ? body.size() : 0)};
  Write(buffers,
        [self = this->shared_from_this()](Error error, size_t) { self->OnWritten(error); });
}

template <class Stream>
template <class Buffers, class Then>
void HttpConnection<Stream>::Write(const Buffers& buffers, Then then) {
  deadline_ = After(core_.options.idle_timeout);
  asio::async_write(
      stream_, buffers,
      [this](Error error, size_t) {
        deadline_ = After(core_.options.idle_timeout);  // it made progress
        return error ? size_t{0} : size_t{64 << 10};
      },
      std::move(then));
}

template <class Stream>
void HttpConnection<Stream>::SendPiece() {
  Write(asio::buffer(sending_), [self = this->shared_from_this()](Error error, size_t) {
    self->sending_.clear();
    if (error) return self->EndStream(error);
    self->OnPiece();
  });
  if (more_pieces_) Produce();
}

template <class Stream>
void HttpConnection<Stream>::Produce() {
  starved_ = false;
  if (!open()) return EndStream(asio::error::connection_aborted);
  producing_ = OnWorker([this] { made_ = streamed_->Next(made_piece_); },
                        [this] {
                          producing_ = false;
                          if (sending_.empty()) OnPiece();
                        });
  if (producing_) return;
  // The pool is full; the sweep tries again.
  starved_ = true;
  alive_ = this->shared_from_this();
}

template <class Stream>
void HttpConnection<Stream>::RetryProduce() {
  if (alive_) asio::post(loop_.context(), [self = std::move(alive_)] { self->Produce(); });
}

template <class Stream>
void HttpConnection<Stream>::OnPiece() {
  deadline_ = kNever;  // the client does not hold this up
  if (producing_ || starved_) return;
  if (!open()) return EndStream(asio::error::connection_aborted);
  if (!made_.ok()) return BreakOff();
  if (!more_pieces_) return EndStream({});
  more_pieces_ = *made_;
  sending_ = std::exchange(made_piece_, {});
  if (!sending_.empty()) return SendPiece();
  // Data may be long in coming, and nothing else would tell that its reader has left.
  if (!more_pieces_) return EndStream({});
  if (PeerLeft()) return EndStream(asio::error::eof);
  Produce();
}

template <class Stream>
void HttpConnection<Stream>::BreakOff() {
  core_.log->error("{} {}: an answer broke off: {}; request {}", MethodName(request_.method),
                   request_.path, made_.status().message(), request_.id);
  // A reset tells the client, also over HTTP/1.0, that this was not all.
  Error ignored;
  beast::get_lowest_layer(stream_).set_option(asio::socket_base::linger(true, 0), ignored);
  EndStream(asio::error::operation_aborted);
}

template <class Stream>
void HttpConnection<Stream>::EndStream(Error error) {
  if (!streamed_) return;
  // While a worker uses the source its end comes here again.
  if (producing_) return Abort();
  streamed_.reset();
  sending_.clear();
  made_piece_.clear();
  made_ = true;
  starved_ = false;
  more_pieces_ = true;
  OnWritten(error);
}

template <class Stream>
bool HttpConnection<Stream>::PeerLeft() {
  char byte = 0;
  const ssize_t got =
      ::recv(beast::get_lowest_layer(stream_).native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

template <class Stream>
void HttpConnection<Stream>::OnWritten(Error error) {
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

template class HttpConnection<PlainSocket>;
template class HttpConnection<TlsSocket>;

}  // namespace energy::http
