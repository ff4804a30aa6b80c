#include "http/connection.h"

// Beast's own definitions; once in the module (BOOST_BEAST_SEPARATE_COMPILATION).
#include <boost/beast/src.hpp>

// The life of a connection.

namespace energy::http {
namespace {

// After a refused request, what its sender may still write before the connection is cut.
// A client that sends the largest body of any route and a byte hears that it is too large.
constexpr size_t kLingerBytes = 48 << 20;

}  // namespace

template <class Stream>
void HttpConnection<Stream>::Sweep(SteadyTime now) {
  RetryProduce();
  if (const auto awaited = awaited_.lock(); awaited && PeerLeft()) awaited->Abandon();
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

template <class Stream>
void HttpConnection<Stream>::Drain() {
  if (state_ == State::kIdle || state_ == State::kLingering) Abort();
}

template <class Stream>
void HttpConnection<Stream>::Abort() {
  Error ignored;
  beast::get_lowest_layer(stream_).close(ignored);
  RetryProduce();
}

template <class Stream>
void HttpConnection<Stream>::NextRequest() {
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(core_.options.header_limit));
  // Which route it is for, and so the limit, is known after the header.
  parser_->body_limit(std::max(core_.options.body_limit, core_.router.largest_body_limit()));
  body_limit_ = core_.options.body_limit;
  GiveBudget();
  if (buffer_.size() == 0 && buffer_.capacity() > kBodyReadBytes) buffer_.shrink_to_fit();
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

template <class Stream>
void HttpConnection<Stream>::Read() {
  const size_t most = state_ == State::kReadingBody ? kBodyReadBytes : kReadBytes;
  stream_.async_read_some(buffer_.prepare(most),
                          [self = this->shared_from_this()](Error error, size_t bytes) {
                            self->buffer_.commit(bytes);
                            self->OnRead(error);
                          });
}

template <class Stream>
void HttpConnection<Stream>::OnRead(Error error) {
  if (timed_out_) return Refuse(408, "the request did not arrive in time");
  if (error) return;  // gone; the last reference ends the connection
  if (state_ == State::kIdle) {
    state_ = State::kReadingHeader;
    deadline_ = After(core_.options.header_timeout);
  }
  Parse();
}

template <class Stream>
void HttpConnection<Stream>::Linger() {
  stream_.async_read_some(buffer_.prepare(kReadBytes),
                          [self = this->shared_from_this()](Error error, size_t bytes) {
                            self->lingered_ += bytes;
                            if (error || self->lingered_ > kLingerBytes) return self->Abort();
                            self->Linger();
                          });
}

template <class Stream>
void ServeHttp(Stream stream, Origin origin, Place place) {
  std::make_shared<HttpConnection<Stream>>(std::move(stream), std::move(origin), std::move(place))
      ->Serve();
}

template class HttpConnection<PlainSocket>;
template class HttpConnection<TlsSocket>;
template void ServeHttp(PlainSocket stream, Origin origin, Place place);
template void ServeHttp(TlsSocket stream, Origin origin, Place place);

}  // namespace energy::http
