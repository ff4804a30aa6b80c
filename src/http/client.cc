#include "http/client.h"

#include <algorithm>
#include <charconv>

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/client_socket.h"

namespace energy::http {
namespace beast = boost::beast;
namespace {

constexpr size_t kReadBytes = 256 << 10;

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
      Abandon(io, socket, done);
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
      const Error error = ConnectSocket(impl.io, impl.socket, impl.host, impl.port, deadline);
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

}  // namespace energy::http
