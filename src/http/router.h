#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "http/websocket.h"

namespace energy::http {

enum class Run {
  kInline,  ///< on the I/O thread: must not block
  kWorker,  ///< on the worker pool
  /// On the I/O thread while the work is small, a body of at most 64 KiB and not compressed; else
  /// on the worker pool. Must not block either. Saves short requests two changes of thread.
  kBySize,
};

using Handler = std::function<Response(Request&)>;
/// Runs around handlers, the fallback and the authorization of WebSockets: calls `next` for the
/// answer or gives its own. An accepted WebSocket shows as 200; any other status refuses it.
using Middleware = std::function<Response(Request& request, const Handler& next)>;
using Observer =
    std::function<void(const Request&, const Response&, std::chrono::nanoseconds duration)>;
using ErrorBody = std::function<Response(int status, std::string_view message, const Request&)>;

/// Which handler answers which request. Patterns are paths whose segments are literal or `{name}`,
/// which matches one non-empty segment. A literal wins over a parameter; a trailing slash makes no
/// difference; segments are compared after percent-decoding, so that "%2F" is part of a segment.
///
/// Threads: filled first, then given to a Server and left alone; the const functions are safe
/// anywhere. Outlives the server and the tasks of its worker pool.
class Router {
 public:
  Router();
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// Aborts with a message on a malformed pattern and on a second handler for the same route.
  /// `body_limit`: bytes of a request's body, also once it is expanded; 0: the server's limit.
  void Add(Method method, std::string_view pattern, Handler handler, Run run = Run::kWorker,
           size_t body_limit = 0);
  void AddWebSocket(std::string_view pattern, WebSocketHandler handler);
  /// Answers what no pattern matches. Without it: 404.
  void SetFallback(Handler handler, Run run);
  /// Adds a middleware; the first added is the outermost. It runs where the handler runs.
  void Use(Middleware middleware);
  /// Makes the answers to errors that the protocol layer raises itself: 400 malformed, 404, 405,
  /// 408, 413, 414, 426, 431, 500 (a handler threw), 501, 503, 505. Must not block. The default is
  /// the message as plain text.
  void SetErrorBody(ErrorBody error_body);
  /// Called after each answer, on the I/O thread, for access log and metrics. Must not block.
  void SetObserver(Observer observer);

  struct Route {
    Method method;
    std::string pattern;
    bool websocket = false;
  };
  /// The largest body that any route takes; 0 when none has a limit of its own.
  size_t largest_body_limit() const { return largest_body_limit_; }

  /// All routes in the order they were added.
  std::vector<Route> routes() const { return routes_; }

  struct Match {
    const Handler* handler = nullptr;
    Run run = Run::kInline;
    size_t body_limit = 0;                        ///< of the route; 0: the server's
    const WebSocketHandler* websocket = nullptr;  ///< set instead of `handler`
    int error = 0;                                ///< set instead: 404, 405 or 426
    std::string allow;                            ///< for Allow, when the path is known
  };
  /// Finds who answers and fills `request.route` and `request.params`. `upgrade`: the request asks
  /// for a WebSocket. HEAD is answered by GET; OPTIONS without a handler is an error 405.
  Match Find(Request& request, bool upgrade) const;

  /// Runs a found handler inside the middlewares. Exceptions pass through.
  Response Invoke(const Handler& handler, Request& request) const;
  /// The answer to an error; never throws.
  Response Error(int status, std::string_view message, const Request& request) const noexcept;
  /// Calls the observer; never throws.
  void Observe(const Request& request, const Response& response,
               std::chrono::nanoseconds duration) const noexcept;

 private:
  struct Node;
  struct Endpoint;
  Endpoint& At(std::string_view pattern);
  Response InvokeFrom(size_t index, const Handler& handler, Request& request) const;

  std::unique_ptr<Node> root_;
  std::vector<Route> routes_;
  size_t largest_body_limit_ = 0;
  Handler fallback_;
  Run fallback_run_ = Run::kInline;
  std::vector<Middleware> middlewares_;
  ErrorBody error_body_;
  Observer observer_;
};

}  // namespace energy::http
