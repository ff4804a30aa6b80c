#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>

#include "base/io_threads.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/worker_pool.h"
#include "http/client.h"
#include "http/server.h"
#include "http/websocket_client.h"

// For the tests of this module.

namespace energy::http {

/// A server on a free port with what it needs. Add routes, then Start. Declare it after what its
/// handlers use: they may run until its end.
class TestServer {
 public:
  explicit TestServer(ServerOptions options = {}, unsigned workers = 2, size_t worker_queue = 64)
      : workers_("test", workers, worker_queue),
        server_(std::make_unique<Server>(std::move(options), io_, workers_, router, clock_, random_,
                                         base::NullLogger(), metrics)) {}
  ~TestServer() {
    server_->Stop();
    workers_.Stop();
    io_.Stop();
  }

  TestServer& Start() {
    EXPECT_TRUE(io_.Start().ok());
    EXPECT_TRUE(workers_.Start().ok());
    const base::Status started = server_->Start();
    EXPECT_TRUE(started.ok()) << started.ToString();
    return *this;
  }
  void Stop() { server_->Stop(); }
  uint16_t port() const { return server_->port(); }
  Client NewClient() const { return Client("127.0.0.1", port()); }
  WebSocketOptions WebSocketAt(std::string target) const {
    WebSocketOptions options;
    options.port = port();
    options.target = std::move(target);
    return options;
  }

  Router router;
  base::Metrics metrics;

 private:
  base::SystemClock clock_;
  base::SystemRandom random_;
  base::IoThreads io_{2};
  base::WorkerPool workers_;
  std::unique_ptr<Server> server_;
};

/// Bytes over TCP, for what a proper client would not send.
class RawConnection {
 public:
  explicit RawConnection(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  ~RawConnection() { ::close(fd_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  /// False if the server hung up before it had taken all.
  bool Send(std::string_view data) {
    while (!data.empty()) {
      const ssize_t sent = ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      data.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  /// What arrives until `end` has, or the server hangs up, or 10 s without a byte pass.
  std::string ReadUntil(std::string_view end) {
    while (input_.find(end) == std::string::npos && Read()) {
    }
    const size_t found = input_.find(end);
    const size_t size = found == std::string::npos ? input_.size() : found + end.size();
    std::string out = input_.substr(0, size);
    input_.erase(0, size);
    return out;
  }
  /// All that arrives until the server hangs up; sets `closed`.
  std::string ReadAll() {
    while (Read()) {
    }
    return std::exchange(input_, {});
  }
  bool closed() const { return closed_; }

 private:
  bool Read() {
    pollfd poller{fd_, POLLIN, 0};
    if (::poll(&poller, 1, 10'000) <= 0) return false;
    char data[4096];
    const ssize_t got = ::recv(fd_, data, sizeof(data), 0);
    closed_ = got <= 0;
    if (got > 0) input_.append(data, static_cast<size_t>(got));
    return got > 0;
  }

  int fd_;
  std::string input_;
  bool closed_ = false;
};

inline Response Text(std::string body) {
  Response response;
  response.SetHeader("Content-Type", "text/plain");
  response.body = std::move(body);
  return response;
}

inline Handler Says(std::string body) {
  return [body = std::move(body)](Request&) { return Text(body); };
}

/// The status line's code of a raw answer.
inline std::string StatusOf(const std::string& answer) {
  return answer.size() < 12 ? "no answer: '" + answer + "'" : answer.substr(9, 3);
}

/// POST /echo answers its body.
inline void AddEcho(TestServer& server) {
  server.router.Add(Method::kPost, "/echo", [](Request& request) { return Text(request.body); });
}

}  // namespace energy::http
