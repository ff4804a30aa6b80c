#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/json.h"

namespace energy::http {

/// For tests: tests/servers/smtp_server.py, a real SMTP server (aiosmtpd), as a child process on a
/// free port. It ends with this object. Threads: one.
class SmtpTestServer {
 public:
  explicit SmtpTestServer(std::vector<std::string> arguments = {}) {
    int in[2];
    int out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0)
      throw std::runtime_error("pipe");
    const auto [script, modules] = Places();
    arguments.insert(arguments.begin(), {"python3", script});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::setenv("PYTHONPATH", modules.c_str(), 1);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      // It tells of each client that breaks off.
      ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);
      ::execvp("python3", argv.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    input_ = in[1];
    output_ = out[0];
    const std::string line = NextLine();
    if (line.empty()) throw std::runtime_error("aiosmtpd does not start: ./dev setup unpacks it");
    port_ = static_cast<uint16_t>(std::stoi(line));
  }
  ~SmtpTestServer() {
    ::close(input_);
    ::close(output_);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  SmtpTestServer(const SmtpTestServer&) = delete;
  SmtpTestServer& operator=(const SmtpTestServer&) = delete;

  uint16_t port() const { return port_; }
  /// Waits for the next mail: {from, to, tls, user, data}. Throws when none comes.
  base::Json NextMail() {
    const std::string line = NextLine();
    if (line.empty()) throw std::runtime_error("no mail came");
    return base::Json::parse(line);
  }
  /// Whether a mail has come that was not asked for yet.
  bool HasMail() {
    pollfd poller{output_, POLLIN, 0};
    return !buffer_.empty() || ::poll(&poller, 1, 0) > 0;
  }

 private:
  static std::pair<std::string, std::string> Places() {
    namespace fs = std::filesystem;
    const fs::path self = fs::read_symlink("/proc/self/exe");
    std::string modules;
    for (fs::path folder = self.parent_path(); folder.has_relative_path();
         folder = folder.parent_path()) {
      const fs::path unpacked = folder / "tools/python3-aiosmtpd/usr/lib/python3/dist-packages";
      if (modules.empty() && fs::exists(unpacked)) modules = unpacked.string();
      const fs::path script = folder / "tests/servers/smtp_server.py";
      if (fs::exists(script)) return {script.string(), modules};
    }
    throw std::runtime_error("tests/servers/smtp_server.py is not there");
  }

  /// Empty when the server ends or says nothing for a minute.
  std::string NextLine() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (buffer_.find('\n') == std::string::npos) {
      pollfd poller{output_, POLLIN, 0};
      if (::poll(&poller, 1, 1000) > 0) {
        char data[65536];
        const ssize_t got = ::read(output_, data, sizeof(data));
        if (got <= 0) return {};
        buffer_.append(data, static_cast<size_t>(got));
      } else if (std::chrono::steady_clock::now() > until) {
        return {};
      }
    }
    const size_t end = buffer_.find('\n');
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    return line;
  }

  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  uint16_t port_ = 0;
  std::string buffer_;
};

}  // namespace energy::http
