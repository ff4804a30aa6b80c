#pragma once

/// What the blocking clients share: operations of a socket that end at a deadline. Seen only by
/// their sources.

#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/status.h"
#include "http/message.h"

namespace energy::http {
namespace asio = boost::asio;

using Error = boost::system::error_code;
using Milliseconds = std::chrono::milliseconds;
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using Deadline = std::chrono::steady_clock::time_point;

inline constexpr size_t kMaxAnswerBytes = 64 << 20;

inline Deadline After(Milliseconds timeout) { return std::chrono::steady_clock::now() + timeout; }

/// Runs the loop until `done` is set. False at the deadline; the operation is then still under way.
bool RunUntil(asio::io_context& io, const bool& done, Deadline deadline);

/// Closes the socket, which ends the operation under way, and waits for its handler to set `done`.
void Abandon(asio::io_context& io, Socket& socket, const bool& done);

/// Starts `operation(handler)` and waits for its end; closes the socket at the deadline.
template <class Operation>
Error Await(asio::io_context& io, Socket& socket, Deadline deadline, Operation operation) {
  bool done = false;
  Error result;
  operation([&](Error error, auto&&...) {
    result = error;
    done = true;
  });
  if (RunUntil(io, done, deadline)) return result;
  Abandon(io, socket, done);
  return asio::error::timed_out;
}

/// Connects, with Nagle's delay off. `host` is an address or a name.
Error ConnectSocket(asio::io_context& io, Socket& socket, const std::string& host, uint16_t port,
                    Deadline deadline);

/// kUnavailable, naming the server.
base::Status Failed(const std::string& host, uint16_t port, const Error& error);

std::string HostHeader(const std::string& host, uint16_t port);

/// The response in Beast's `message`, whose body is moved.
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

}  // namespace energy::http
