#include "http/router.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>

namespace energy::http {
namespace {

[[noreturn]] void Misuse(const char* what, std::string_view pattern) {
  std::fprintf(stderr, "http::Router: %s: '%.*s'\n", what, static_cast<int>(pattern.size()),
               pattern.data());
  std::abort();
}

// "/a//b/" -> {"a", "", "b"}; one trailing slash is not a segment.
std::vector<std::string_view> Split(std::string_view path) {
  std::vector<std::string_view> segments;
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  if (!path.empty() && path.back() == '/') path.remove_suffix(1);
  while (!path.empty()) {
    const size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
    if (path.empty()) segments.emplace_back();
  }
  return segments;
}

bool IsParameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace

// What answers at one pattern.
struct Router::Endpoint {
  struct Entry {
    Handler handler;
    Run run = Run::kWorker;
    size_t body_limit = 0;
  };
  std::string pattern;
  std::vector<std::string> param_names;
  std::array<std::optional<Entry>, kMethodCount> entries;
  std::optional<WebSocketHandler> websocket;

  const Entry* For(Method method) const {
    const auto* entry = &entries[static_cast<size_t>(method)];
    if (!*entry && method == Method::kHead) entry = &entries[static_cast<size_t>(Method::kGet)];
    return *entry ? &**entry : nullptr;
  }
};

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::optional<Endpoint> endpoint;

  // Calls `visit(endpoint, values)` for each endpoint that matches, the most literal first, until
  // it returns true.
  template <class Visit>
  bool Walk(const std::vector<std::string>& segments, size_t at, std::vector<std::string>& values,
            const Visit& visit) const {
    if (at == segments.size()) return endpoint && visit(*endpoint, values);
    const auto literal = literals.find(segments[at]);
    if (literal != literals.end() && literal->second->Walk(segments, at + 1, values, visit)) {
      return true;
    }
    if (!parameter || segments[at].empty()) return false;
    values.push_back(segments[at]);
    if (parameter->Walk(segments, at + 1, values, visit)) return true;
    values.pop_back();
    return false;
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

Router::Endpoint& Router::At(std::string_view pattern) {
  if (pattern.empty() || pattern.front() != '/') Misuse("a pattern starts with '/'", pattern);
  Node* node = root_.get();
  std::vector<std::string> names;
  for (const std::string_view segment : Split(pattern)) {
    if (segment.empty()) Misuse("a pattern has no empty segments", pattern);
    if (IsParameter(segment)) {
      names.emplace_back(segment.substr(1, segment.size() - 2));
      if (!node->parameter) node->parameter = std::make_unique<Node>();
      node = node->parameter.get();
      continue;
    }
    if (segment.find_first_of("{}") != std::string_view::npos) {
      Misuse("a parameter is a whole segment", pattern);
    }
    auto& next = node->literals[std::string(segment)];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  if (!node->endpoint) {
    node->endpoint.emplace();
    node->endpoint->pattern = pattern;
    node->endpoint->param_names = std::move(names);
  } else if (node->endpoint->param_names != names) {
    Misuse("the same path is known with other parameter names", pattern);
  }
  return *node->endpoint;
}

void Router::Add(Method method, std::string_view pattern, Handler handler, Run run,
                 size_t body_limit) {
  if (method == Method::kOther || !handler) Misuse("a route needs a method and a handler", pattern);
  auto& entry = At(pattern).entries[static_cast<size_t>(method)];
  if (entry) Misuse("the route has a handler already", pattern);
  entry = Endpoint::Entry{std::move(handler), run, body_limit};
  largest_body_limit_ = std::max(largest_body_limit_, body_limit);
  routes_.push_back({method, std::string(pattern), false});
}

void Router::AddWebSocket(std::string_view pattern, WebSocketHandler handler) {
  if (!handler.authorize) Misuse("a WebSocket route needs authorize", pattern);
  auto& websocket = At(pattern).websocket;
  if (websocket) Misuse("the WebSocket route has a handler already", pattern);
  websocket = std::move(handler);
  routes_.push_back({Method::kGet, std::string(pattern), true});
}

void Router::SetFallback(Handler handler, Run run) {
  fallback_ = std::move(handler);
  fallback_run_ = run;
}

void Router::Use(Middleware middleware) { middlewares_.push_back(std::move(middleware)); }
void Router::SetErrorBody(ErrorBody error_body) { error_body_ = std::move(error_body); }
void Router::SetObserver(Observer observer) { observer_ = std::move(observer); }

Router::Match Router::Find(Request& request, bool upgrade) const {
  Match match;
  std::array<bool, kMethodCount> allowed{};
  bool known = false;
  bool only_websocket = false;
  std::vector<std::string> segments;
  for (const std::string_view raw : Split(RawPath(request.target))) {
    auto decoded = PercentDecode(raw, false);
    segments.push_back(decoded.ok() ? std::move(decoded).value() : std::string(raw));
  }
  std::vector<std::string> values;
  const auto visit = [&](const Endpoint& endpoint, const std::vector<std::string>& found) {
    const auto* entry = endpoint.For(request.method);
    const bool websocket = upgrade && endpoint.websocket && request.method == Method::kGet;
    if (!entry && !websocket) {
      known = true;
      only_websocket = endpoint.websocket && request.method == Method::kGet;
      for (size_t i = 0; i < kMethodCount; ++i) {
        allowed[i] = allowed[i] || endpoint.For(static_cast<Method>(i)) != nullptr;
      }
      auto& get = allowed[static_cast<size_t>(Method::kGet)];
      get = get || endpoint.websocket.has_value();
      // What asks for a stream without an upgrade does not mean a parameter of that name.
      return only_websocket;
    }
    request.route = endpoint.pattern;
    for (size_t i = 0; i < found.size(); ++i) request.params[endpoint.param_names[i]] = found[i];
    if (websocket) {
      match.websocket = &*endpoint.websocket;
    } else {
      match.handler = &entry->handler;
      match.run = entry->run;
      match.body_limit = entry->body_limit;
    }
    return true;
  };
  if (root_->Walk(segments, 0, values, visit) && !only_websocket) return match;
  if (known) {
    match.error = only_websocket ? 426 : 405;
    for (size_t i = 0; i < kMethodCount; ++i) {
      if (!allowed[i]) continue;
      if (!match.allow.empty()) match.allow += ", ";
      match.allow += MethodName(static_cast<Method>(i));
    }
  } else if (fallback_) {
    match.handler = &fallback_;
    match.run = fallback_run_;
  } else {
    match.error = 404;
  }
  return match;
}

Response Router::InvokeFrom(size_t index, const Handler& handler, Request& request) const {
  if (index == middlewares_.size()) return handler(request);
  return middlewares_[index](request,
                             [&](Request& inner) { return InvokeFrom(index + 1, handler, inner); });
}

Response Router::Invoke(const Handler& handler, Request& request) const {
  return InvokeFrom(0, handler, request);
}

Response Router::Error(int status, std::string_view message,
                       const Request& request) const noexcept {
  try {
    if (error_body_) {
      Response response = error_body_(status, message, request);
      response.status = status;
      return response;
    }
  } catch (...) {
    // The plain form below says the same.
  }
  Response response;
  response.status = status;
  response.SetHeader("Content-Type", "text/plain; charset=utf-8");
  response.body = std::string(message) + "\n";
  return response;
}

void Router::Observe(const Request& request, const Response& response,
                     std::chrono::nanoseconds duration) const noexcept {
  try {
    if (observer_) observer_(request, response, duration);
  } catch (...) {
    // An access log that fails must not end the connection.
  }
}

}  // namespace energy::http
