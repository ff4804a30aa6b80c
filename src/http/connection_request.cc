#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include "base/random.h"
#include "http/connection.h"

// What a connection reads.

namespace energy::http {
namespace {

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

template <class Stream>
void HttpConnection<Stream>::Parse() {
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

template <class Stream>
base::Status HttpConnection<Stream>::ReadHeader() {
  const auto& header = parser_->get();
  http_minor_ = header.version() == 10 ? 0 : 1;
  request_.method = MethodFrom(View(header.method_string()));
  for (const auto& field : header) {
    request_.headers.emplace_back(View(field.name_string()), View(field.value()));
  }
  request_.secure = !core_.options.tls_certificate.empty();
  if (const TrustedProxies& proxies = core_.options.trusted_proxies; !proxies.empty()) {
    request_.remote_address = proxies.ClientOf(origin_.remote_address, request_.headers);
    request_.secure |= proxies.SaysSecure(origin_.remote_address, request_.headers);
  }
  const std::string_view id = request_.Header("X-Request-Id");
  request_.id = IsSaneRequestId(id) ? std::string(id) : NewUuid(loop_.random(), core_.clock);
  return SetTarget(View(header.target()), request_);
}

template <class Stream>
bool HttpConnection<Stream>::OnHeader() {
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
  const bool upgrade =
      EqualsIgnoreCase(request_.Header("Upgrade"), "websocket") && parser_->get().version() == 11;
  match_ = core_.router.Find(request_, upgrade);
  if (!AdmitBody()) return false;
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

template <class Stream>
bool HttpConnection<Stream>::AdmitBody() {
  const size_t usual = core_.options.body_limit;
  if (match_.body_limit != 0) body_limit_ = match_.body_limit;
  parser_->body_limit(body_limit_);
  const auto length = parser_->content_length();
  if (length && *length > body_limit_) {
    RefuseLargeBody();
    return false;
  }
  const bool grows = parser_->chunked() || !request_.Header("Content-Encoding").empty();
  const size_t expected = grows ? body_limit_ : static_cast<size_t>(length.value_or(0));
  if (expected <= usual) return true;
  budget_taken_ = expected;
  if ((core_.large_body_bytes += expected) <= core_.options.large_body_budget) return true;
  GiveBudget();
  Refuse(503, "too many large requests are under way: try again in a second");
  return false;
}

template <class Stream>
void HttpConnection<Stream>::RefuseParse(Error error) {
  using Code = beast::http::error;
  // The parser takes the request line only whole.
  const bool has_line = !parser_->get().target().empty();
  // For the log; what is wrong with the target matters less than what is wrong here.
  if (has_line) (void)ReadHeader();
  if (error == Code::body_limit) return RefuseLargeBody();
  if (error == Code::header_limit) {
    return has_line ? Refuse(431, "the headers are too large")
                    : Refuse(414, "the address is too long");
  }
  if (error == Code::bad_version) return Refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  Refuse(400, "malformed request: " + error.message());
}

template <class Stream>
void HttpConnection<Stream>::Refuse(int status, std::string_view message) {
  timed_out_ = false;
  refused_ = true;
  keep_alive_ = false;
  arrived_ = core_.clock.Steady();
  Response response = core_.router.Error(status, message, request_);
  if (status == 503) response.SetHeader("Retry-After", "1");
  Answer(std::move(response));
}

template class HttpConnection<PlainSocket>;
template class HttpConnection<TlsSocket>;

}  // namespace energy::http
