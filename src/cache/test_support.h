#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "cache/redis_connection.h"
#include "cache/tls_test_support.h"

namespace energy::cache::test {

/// Asks until `condition` holds. False after ten seconds.
inline bool Eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // between two looks
  }
  return true;
}

/// A port of 127.0.0.1 that was free a moment ago.
inline uint16_t FreePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const general = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(socket, general, size) == 0;
  const bool named = ::getsockname(socket, general, &size) == 0;
  ::close(socket);
  if (!bound || !named) throw std::runtime_error("there is no free port");
  return ntohs(address.sin_port);
}

/// A real Redis server without persistence, in memory, on a free port; it ends with this object and
/// with the thread that started it. The program is where `./dev` unpacks it (packages.txt), above
/// the folder of the test's program, or the system's. Throws when it cannot be started.
class RedisServer {
 public:
  explicit RedisServer(std::string password = {})
      : password_(std::move(password)), port_(FreePort()) {
    Start();
  }
  /// With TLS alone, by the certificate `server` of `certificates`, which outlive this.
  /// `asks_clients`: they must show one as well.
  RedisServer(std::string password, const Certificates& certificates, bool asks_clients = false)
      : password_(std::move(password)),
        port_(FreePort()),
        certificates_(&certificates),
        asks_clients_(asks_clients) {
    Start();
  }
  ~RedisServer() { Kill(); }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  /// Starts it, empty, on the same port and waits until it answers.
  void Start() {
    const std::string program = Program();
    const std::string port = std::to_string(port_);
    std::vector<const char*> arguments{
        program.c_str(), "--bind",  "127.0.0.1", "--save", "",      "--appendonly", "no",
        "--loglevel",    "warning", "--dir",     "/",      "--port"};
    std::vector<std::string> files;
    std::shared_ptr<const TlsClient> tls;
    if (certificates_ == nullptr) {
      arguments.push_back(port.c_str());
    } else {
      for (const char* name : {"server.crt", "server.key", "ca.crt"}) {
        files.push_back(certificates_->File(name));
      }
      arguments.insert(arguments.end(),
                       {"0", "--tls-port", port.c_str(), "--tls-cert-file", files[0].c_str(),
                        "--tls-key-file", files[1].c_str(), "--tls-ca-cert-file", files[2].c_str(),
                        "--tls-auth-clients", asks_clients_ ? "yes" : "no"});
      tls = certificates_->Client("ca", "server");
    }
    if (!password_.empty()) arguments.insert(arguments.end(), {"--requirepass", password_.c_str()});
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int nowhere = ::open("/dev/null", O_WRONLY);
      ::dup2(nowhere, STDOUT_FILENO);
      ::execv(program.c_str(), const_cast<char* const*>(arguments.data()));
      ::_exit(127);
    }
    const auto answers = [&] {
      auto opened = RedisConnection::Open(address(), std::chrono::milliseconds(500), tls.get());
      return opened.ok() && (*opened)->Run({"PING"}, std::chrono::milliseconds(500)).ok();
    };
    if (!Eventually(answers)) throw std::runtime_error("redis-server does not start: " + program);
  }
  void Kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  /// Stands still, like a machine behind a broken network.
  void Freeze() { ::kill(pid_, SIGSTOP); }
  void Thaw() { ::kill(pid_, SIGCONT); }

  uint16_t port() const { return port_; }
  RedisAddress address() const {
    return {"127.0.0.1", port_, "", password_, 0, certificates_ != nullptr};
  }
  std::string url() const {
    const std::string login = password_.empty() ? "" : ":" + password_ + "@";
    return (certificates_ == nullptr ? "redis://" : "rediss://") + login +
           "127.0.0.1:" + std::to_string(port_) + "/0";
  }

 private:
  static std::string Program() {
    namespace fs = std::filesystem;
    const fs::path self = fs::read_symlink("/proc/self/exe");
    for (fs::path folder = self.parent_path(); folder.has_relative_path();
         folder = folder.parent_path()) {
      const fs::path unpacked = folder / "tools/redis-server/usr";
      if (!fs::exists(unpacked / "bin/redis-server")) continue;
      const std::string libraries = (unpacked / "lib/x86_64-linux-gnu").string();
      ::setenv("LD_LIBRARY_PATH", libraries.c_str(), 1);
      return (unpacked / "bin/redis-server").string();
    }
    if (fs::exists("/usr/bin/redis-server")) return "/usr/bin/redis-server";
    throw std::runtime_error("redis-server is not there: ./dev setup unpacks it");
  }

  const std::string password_;
  const uint16_t port_;
  const Certificates* const certificates_ = nullptr;
  const bool asks_clients_ = false;
  pid_t pid_ = -1;
};

}  // namespace energy::cache::test
