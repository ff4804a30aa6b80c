#include "http/client_socket.h"

#include <vector>

#include <boost/asio/connect.hpp>

namespace energy::http {

bool RunUntil(asio::io_context& io, const bool& done, Deadline deadline) {
  while (!done) {
    io.restart();
    if (io.run_one_until(deadline) == 0 && !done) return false;
  }
  return true;
}

void Abandon(asio::io_context& io, Socket& socket, const bool& done) {
  Error ignored;
  socket.close(ignored);
  while (!done) {  // NOLINT(bugprone-infinite-loop): the handler sets it
    io.restart();
    io.run_one();
  }
}

Error ConnectSocket(asio::io_context& io, Socket& socket, const std::string& host, uint16_t port,
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

base::Status Failed(const std::string& host, uint16_t port, const Error& error) {
  return base::Unavailable(host + ":" + std::to_string(port) + ": " + error.message());
}

std::string HostHeader(const std::string& host, uint16_t port) {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return name + ":" + std::to_string(port);
}

}  // namespace energy::http
