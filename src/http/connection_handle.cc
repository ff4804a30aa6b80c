#include "http/connection.h"

// What is done with a request.

namespace energy::http {
namespace {

// Compressing this much takes about a millisecond, which other connections of the loop can wait.
constexpr size_t kInlineCompressLimit = 64 << 10;
// What a handler that takes either thread may have to read on the loop: a fraction of a
// millisecond.
constexpr size_t kInlineBodyLimit = 64 << 10;
constexpr size_t kWorkerCompressLimit = 64 << 20;

}  // namespace

template <class Stream>
void HttpConnection<Stream>::Dispatch() {
  state_ = State::kHandling;
  deadline_ = kNever;
  if (match_.error != 0) return Answer(RouteError(match_));
  if (match_.websocket != nullptr) return Authorize(*match_.websocket);
  if (RunsInline()) {
    Handle(kInlineCompressLimit);
    return Finish();
  }
  if (!OnWorker([this] { Handle(kWorkerCompressLimit); }, [this] { Finish(); })) AnswerBusy();
}

template <class Stream>
bool HttpConnection<Stream>::RunsInline() const {
  if (match_.run != Run::kBySize) return match_.run == Run::kInline;
  return request_.body.size() <= kInlineBodyLimit && request_.Header("Content-Encoding").empty();
}

template <class Stream>
void HttpConnection<Stream>::Handle(size_t compress_limit) {
  if (const auto fault = DecodeBody(request_, body_limit_)) {
    response_ = core_.router.Error(fault->status, fault->message, request_);
    return;
  }
  response_ = RunHandler(core_.router, *match_.handler, request_, core_.log);
  Compress(request_, response_, compress_limit);
}

template <class Stream>
void HttpConnection<Stream>::Finish() {
  const std::shared_ptr<LateAnswer> later = std::exchange(response_.later, nullptr);
  if (!later) return Answer(std::move(response_));
  awaited_ = later;
  later->OnComplete([self = this->shared_from_this()](Response answer) mutable {
    auto& context = self->loop_.context();
    asio::post(context, [self = std::move(self), answer = std::move(answer)]() mutable {
      self->awaited_.reset();
      for (const auto& [name, value] : self->response_.headers) {
        if (answer.Header(name).empty()) answer.AddHeader(name, value);
      }
      Compress(self->request_, answer, kInlineCompressLimit);
      self->Answer(std::move(answer));
    });
  });
}

template <class Stream>
Response HttpConnection<Stream>::RouteError(const Router::Match& match) {
  Response response;
  if (match.error == 405 && request_.method == Method::kOptions) {
    // As a handler, so that middlewares answer the questions of browsers.
    const Handler allow = [](Request&) {
      Response none;
      none.status = 204;
      return none;
    };
    response = RunHandler(core_.router, allow, request_, core_.log);
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

template <class Stream>
void HttpConnection<Stream>::AnswerBusy() {
  Response response =
      core_.router.Error(503, "too many requests are waiting: try again in a second", request_);
  response.SetHeader("Retry-After", "1");
  Answer(std::move(response));
}

template <class Stream>
void HttpConnection<Stream>::Authorize(const WebSocketHandler& handler) {
  const bool taken = OnWorker([this, &handler] { Decide(handler); },
                              [this, &handler] {
                                if (accept_.accept) {
                                  Upgrade(handler);
                                } else {
                                  Answer(std::move(response_));
                                }
                              });
  if (!taken) AnswerBusy();
}

template <class Stream>
void HttpConnection<Stream>::Decide(const WebSocketHandler& handler) {
  accept_ = WebSocketAccept();
  // As a handler, so that middlewares and exceptions are treated as everywhere else.
  const Handler authorize = [&](Request& request) {
    accept_ = handler.authorize(request);
    if (accept_.accept) return Response();  // not sent
    if (accept_.refusal.status != 200) return accept_.refusal;
    return core_.router.Error(accept_.refuse_status, ReasonPhrase(accept_.refuse_status), request);
  };
  response_ = RunHandler(core_.router, authorize, request_, core_.log);
  if (response_.status != 200) accept_.accept = false;
}

template <class Stream>
void HttpConnection<Stream>::Upgrade(const WebSocketHandler& handler) {
  if (!open() || loop_.draining()) return Abort();
  // RFC 6455 §4.1: the client waits for the answer before it sends more.
  if (buffer_.size() > 0) return Refuse(400, "data after the request for a WebSocket");
  loop_.Remove(this);
  ServeWebSocket(std::move(stream_), parser_->release(), origin_, std::move(place_),
                 std::move(request_), handler, std::move(accept_), arrived_);
}

template class HttpConnection<PlainSocket>;
template class HttpConnection<TlsSocket>;

}  // namespace energy::http
