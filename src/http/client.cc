#include "http/client.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace energy::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace {

using Error = boost::system::error_code;
using Milliseconds = std::chrono::milliseconds;
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using Deadline = std::chrono::steady_clock::time_point;

constexpr size_t kMaxAnswerBytes = 64 << 20;
constexpr size_t kReadBytes = 16 << 10;

Deadline After(Milliseconds timeout) { return std::chrono::steady_clock::now() + timeout; }

// Runs the loop until `done` is set. False at the deadline; the operation is then still under way.
bool RunUntil(asio::io_context& io, const bool& done, Deadline deadline) {
  while (!done) {
    io.restart();
    if (io.run_one_until(deadline) == 0 && !done) return false;
  }
  return true;
}

// Starts `operation(handler)` and waits for its end; closes the socket at the deadline.
template <class Operation>
Error Await(asio::io_context& io, Socket& socket, Deadline deadline, Operation operation) {
  bool done = false;
  Error result;
  operation([&](Error error, auto&&...) {
    result = error;
    done = true;
  });
  if (RunUntil(io, done, deadline)) return result;
  Error ignored;
  socket.close(ignored);
  // The closed socket ends the operation, whose handler sets `done` in this frame.
  while (!done) {  // NOLINT(bugprone-infinite-loop)
    io.restart();
    io.run_one();
  }
  return asio::error::timed_out;
}

base::Status Failed(const std::string& host, uint16_t port, const Error& error) {
  return base::Unavailable(host + ":" + std::to_string(port) + ": " + error.message());
}

Error Connect(asio::io_context& io, Socket& socket, const std::string& host, uint16_t port,
              Deadline deadline) {
  Error error;
  std::vector<asio::ip::tcp::endpoint> endpoints;
  const auto address = asio::ip::make_address(host, error);
  if (!error) {
    endpoints.emplace_back(address, port);
  } else {
    asio::ip::tcp::resolver resolver(io);
    for (const auto& entry : resolver.resolve(host, std::to_string(port), error)) {
      endpoints.push_back(entry.endpoint());
    }
    if (error) return error;
  }
  error = Await(io, socket, deadline,
                [&](auto handler) { asio::async_connect(socket, endpoints, handler); });
  if (!error) {
    Error ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  }
  return error;
}

std::string HostHeader(const std::string& host, uint16_t port) {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return name + ":" + std::to_string(port);
}

template <class Message>
Response FromMessage(Message& message) {
  Response response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    const auto name = field.name_string();
    const auto value = field.value();
    response.headers.emplace_back(std::string(name.data(), name.size()),
                                  std::string(value.data(), value.size()));
  }
  response.body = std::move(message.body());
  return response;
}

struct Url {
  std::string host;
  uint16_t port = 80;
  std::string target;
};

base::Result<Url> ParseUrl(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  const base::Status bad =
      base::InvalidArgument("expected a URL such as http://127.0.0.1:8080/health");
  if (!text.starts_with(kScheme)) return bad;
  text.remove_prefix(kScheme.size());
  const size_t slash = std::min(text.find_first_of("/?"), text.size());
  std::string_view authority = text.substr(0, slash);
  Url url;
  url.target = std::string(text.substr(slash));
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  const size_t colon = authority.rfind(':');
  const size_t bracket = authority.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || bracket < colon)) {
    const std::string_view port = authority.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc() || end != port.data() + port.size()) return bad;
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  if (authority.empty()) return bad;
  url.host = std::string(authority);
  return url;
}

base::Status Refusal(const Response& answer) {
  const std::string message = "the server refused the WebSocket with " +
                              std::to_string(answer.status) + ": " + answer.body.substr(0, 200);
  switch (answer.status) {
    case 401:
      return base::Unauthenticated(message);
    case 403:
      return base::PermissionDenied(message);
    case 404:
      return base::NotFound(message);
    default:
      return base::Unavailable(message);
  }
}

}  // namespace

struct Client::Impl {
  Impl(std::string server, uint16_t server_port, Milliseconds limit)
      : host(std::move(server)), port(server_port), timeout(limit) {}

  base::Result<Response> Exchange(const std::string& request, bool head, Deadline deadline,
                                  bool& any_answer);

  const std::string host;
  const uint16_t port;
  const Milliseconds timeout;
  asio::io_context io{1};
  Socket socket{io};
  beast::flat_buffer buffer;
};

base::Result<Response> Client::Impl::Exchange(const std::string& request, bool head,
                                              Deadline deadline, bool& any_answer) {
  Error error = Await(io, socket, deadline, [&](auto handler) {
    asio::async_write(socket, asio::buffer(request), handler);
  });
  // A server that refuses early stops reading and still answers; the answer decides.
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(kMaxAnswerBytes);
  parser.skip(head);
  parser.eager(true);
  Error read_error;
  while (!parser.is_done()) {
    if (buffer.size() > 0) {
      any_answer = true;
      Error parse_error;
      buffer.consume(parser.put(buffer.data(), parse_error));
      if (parse_error && parse_error != beast::http::error::need_more) {
        return Failed(host, port, parse_error);
      }
      if (parser.is_done()) break;
    }
    size_t got = 0;
    bool done = false;
    socket.async_read_some(buffer.prepare(kReadBytes), [&](Error e, size_t bytes) {
      read_error = e;
      got = bytes;
      done = true;
    });
    if (!RunUntil(io, done, deadline)) {
      Error ignored;
      socket.close(ignored);
      while (!done) {
        io.restart();
        io.run_one();
      }
      return Failed(host, port, asio::error::timed_out);
    }
    buffer.commit(got);
    if (read_error == asio::error::eof && parser.got_some()) {
      parser.put_eof(error);
      if (error) return Failed(host, port, error);
      break;
    }
    if (read_error) return Failed(host, port, read_error);
  }
  const bool keep = parser.keep_alive() && !read_error;
  Response response = FromMessage(parser.get());
  if (!keep) {
    Error ignored;
    socket.close(ignored);
    buffer.clear();
  }
  return response;
}

Client::Client(std::string host, uint16_t port, Milliseconds timeout)
    : impl_(std::make_unique<Impl>(std::move(host), port, timeout)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

base::Result<Response> Client::Get(std::string_view target, const Headers& headers) {
  return Send(Method::kGet, target, {}, headers);
}
base::Result<Response> Client::Head(std::string_view target, const Headers& headers) {
  return Send(Method::kHead, target, {}, headers);
}
base::Result<Response> Client::Post(std::string_view target, std::string body,
                                    const Headers& headers) {
  return Send(Method::kPost, target, std::move(body), headers);
}
base::Result<Response> Client::Put(std::string_view target, std::string body,
                                   const Headers& headers) {
  return Send(Method::kPut, target, std::move(body), headers);
}
base::Result<Response> Client::Patch(std::string_view target, std::string body,
                                     const Headers& headers) {
  return Send(Method::kPatch, target, std::move(body), headers);
}
base::Result<Response> Client::Delete(std::string_view target, const Headers& headers) {
  return Send(Method::kDelete, target, {}, headers);
}

base::Result<Response> Client::Send(Method method, std::string_view target, std::string body,
                                    const Headers& headers) {
  Impl& impl = *impl_;
  std::string request(MethodName(method));
  request.append(" ").append(target).append(" HTTP/1.1\r\n");
  Headers all{{"Host", HostHeader(impl.host, impl.port)}};
  all.insert(all.end(), headers.begin(), headers.end());
  const bool typed = std::any_of(headers.begin(), headers.end(), [](const auto& header) {
    return EqualsIgnoreCase(header.first, "Content-Type");
  });
  if (!body.empty() && !typed) all.emplace_back("Content-Type", "application/json");
  if (!body.empty() || method == Method::kPost || method == Method::kPut ||
      method == Method::kPatch) {
    all.emplace_back("Content-Length", std::to_string(body.size()));
  }
  for (const auto& [name, value] : all) {
    if (!IsSafeHeader(name, value)) return base::InvalidArgument("malformed header " + name);
    request.append(name).append(": ").append(value).append("\r\n");
  }
  request.append("\r\n").append(body);
  const Deadline deadline = After(impl.timeout);
  while (true) {
    const bool reused = impl.socket.is_open();
    if (!reused) {
      impl.buffer.clear();
      const Error error = Connect(impl.io, impl.socket, impl.host, impl.port, deadline);
      if (error) {
        Error ignored;
        impl.socket.close(ignored);
        return Failed(impl.host, impl.port, error);
      }
    }
    bool any_answer = false;
    auto result = impl.Exchange(request, method == Method::kHead, deadline, any_answer);
    if (result.ok()) return result;
    Error ignored;
    impl.socket.close(ignored);
    // The server may have closed a kept connection in the meantime. Repeating is safe only where
    // doing it twice is doing it once (RFC 9110 §9.2.2).
    const bool repeatable = method != Method::kPost && method != Method::kPatch;
    const bool stale =
        reused && repeatable && !any_answer && std::chrono::steady_clock::now() < deadline;
    if (!stale) return result;
  }
}

base::Result<Response> Fetch(Method method, std::string_view url, std::string body,
                             const Headers& headers, Milliseconds timeout) {
  ENERGY_ASSIGN_OR_RETURN(const Url parsed, ParseUrl(url));
  return Client(parsed.host, parsed.port, timeout)
      .Send(method, parsed.target, std::move(body), headers);
}

base::Result<Response> Get(std::string_view url, const Headers& headers) {
  return Fetch(Method::kGet, url, {}, headers);
}

base::Result<Response> Post(std::string_view url, std::string body, const Headers& headers) {
  return Fetch(Method::kPost, url, std::move(body), headers);
}

struct WebSocketClient::Impl {
  using Stream = beast::websocket::stream<Socket, false>;

  void StartRead();
  base::Status Write(std::string_view data, bool text);
  void Ended();

  asio::io_context io{1};
  Stream stream{io};
  Milliseconds timeout{};
  beast::flat_buffer buffer;
  bool reading = false;  // an async_read is under way
  bool read_done = false;
  Error read_error;
  std::string subprotocol;
  uint16_t close_code = 0;
  std::string close_reason;
  uint64_t pings = 0;

  // Its handlers refer to the members above, so they go first.
  ~Impl() {
    Error ignored;
    stream.next_layer().close(ignored);
    io.restart();
    io.poll();
  }
};

void WebSocketClient::Impl::StartRead() {
  if (reading || close_code != 0) return;
  reading = true;
  read_done = false;
  buffer.clear();
  stream.async_read(buffer, [this](Error error, size_t) {
    read_error = error;
    read_done = true;
  });
}

void WebSocketClient::Impl::Ended() {
  const auto& reason = stream.reason();
  close_code = reason.code == 0 ? uint16_t{1006} : static_cast<uint16_t>(reason.code);
  close_reason.assign(reason.reason.data(), reason.reason.size());
}

base::Status WebSocketClient::Impl::Write(std::string_view data, bool text) {
  if (close_code != 0) return base::NotFound("the WebSocket is closed");
  stream.binary(!text);
  const Error error = Await(io, stream.next_layer(), After(timeout), [&](auto handler) {
    stream.async_write(asio::buffer(data.data(), data.size()), handler);
  });
  return error ? base::Unavailable("cannot send: " + error.message()) : base::Status();
}

WebSocketClient::WebSocketClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebSocketClient::~WebSocketClient() = default;
WebSocketClient::WebSocketClient(WebSocketClient&&) noexcept = default;
WebSocketClient& WebSocketClient::operator=(WebSocketClient&&) noexcept = default;

base::Result<WebSocketClient> WebSocketClient::Connect(const WebSocketOptions& options,
                                                       Response* answer) {
  auto impl = std::make_unique<Impl>();
  impl->timeout = options.timeout;
  const Deadline deadline = After(options.timeout);
  Error error =
      http::Connect(impl->io, impl->stream.next_layer(), options.host, options.port, deadline);
  if (error) return Failed(options.host, options.port, error);
  std::string offered;
  for (const auto& subprotocol : options.subprotocols) {
    if (!offered.empty()) offered += ", ";
    offered += subprotocol;
  }
  impl->stream.set_option(
      beast::websocket::stream_base::decorator([&](beast::websocket::request_type& request) {
        if (!offered.empty()) {
          request.set(beast::http::field::sec_websocket_protocol, offered);
        }
        for (const auto& [name, value] : options.headers) request.set(name, value);
      }));
  impl->stream.control_callback(
      [state = impl.get()](beast::websocket::frame_type kind, beast::string_view) {
        if (kind == beast::websocket::frame_type::ping) ++state->pings;
      });
  impl->stream.read_message_max(kMaxAnswerBytes);
  impl->stream.auto_fragment(false);
  beast::websocket::response_type message;
  error = Await(impl->io, impl->stream.next_layer(), deadline, [&](auto handler) {
    impl->stream.async_handshake(message, HostHeader(options.host, options.port), options.target,
                                 handler);
  });
  const auto chosen = message[beast::http::field::sec_websocket_protocol];
  impl->subprotocol.assign(chosen.data(), chosen.size());
  const Response response = FromMessage(message);
  if (answer != nullptr) *answer = response;
  if (error == beast::websocket::error::upgrade_declined) return Refusal(response);
  if (error) return Failed(options.host, options.port, error);
  return WebSocketClient(std::move(impl));
}

const std::string& WebSocketClient::subprotocol() const { return impl_->subprotocol; }
uint16_t WebSocketClient::close_code() const { return impl_->close_code; }
const std::string& WebSocketClient::close_reason() const { return impl_->close_reason; }
uint64_t WebSocketClient::pings() const { return impl_->pings; }

base::Result<std::string> WebSocketClient::Receive(Milliseconds timeout) {
  Impl& impl = *impl_;
  impl.StartRead();
  if (!impl.reading) return base::NotFound("the WebSocket is closed");
  if (!RunUntil(impl.io, impl.read_done, After(timeout))) {
    return base::Unavailable("no message within " + std::to_string(timeout.count()) + " ms");
  }
  impl.reading = false;
  if (impl.read_error) {
    impl.Ended();
    return base::NotFound("the WebSocket is closed: " + impl.read_error.message());
  }
  return beast::buffers_to_string(impl.buffer.data());
}

base::Status WebSocketClient::Send(std::string_view text) { return impl_->Write(text, true); }
base::Status WebSocketClient::SendBinary(std::string_view data) {
  return impl_->Write(data, false);
}

void WebSocketClient::Close(uint16_t code, std::string_view reason) {
  Impl& impl = *impl_;
  if (impl.close_code != 0) return;
  const beast::websocket::close_reason close(
      static_cast<beast::websocket::close_code>(code),
      beast::string_view(reason.data(), std::min<size_t>(reason.size(), 123)));
  (void)Await(impl.io, impl.stream.next_layer(), After(impl.timeout),
              [&](auto handler) { impl.stream.async_close(close, handler); });
  impl.Ended();
}

}  // namespace energy::http
