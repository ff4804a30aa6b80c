#include "integration/postgresql_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "integration/waiting.h"

namespace energy::integration {
namespace {

uint16_t FreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const bool bound = bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(listener);
  if (!bound) throw std::runtime_error("there is no free port");
  return ntohs(address.sin_port);
}

}  // namespace

PostgresqlServer::PostgresqlServer() : port_(FreePort()) {
  // The server's user must get to its folder, whose own folder is private.
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
  Start();
}

PostgresqlServer::~PostgresqlServer() {
  if (pid_ < 0) return;
  SignalAll(SIGCONT);
  kill(pid_, SIGQUIT);
  waitpid(pid_, nullptr, 0);
}

std::string PostgresqlServer::url() const {
  return "postgresql://energy@127.0.0.1:" + std::to_string(port_) + "/postgres";
}

void PostgresqlServer::Start() {
  const std::filesystem::path folder = folder_.path() / "server";
  std::vector<std::string> texts{ENERGY_START_POSTGRESQL, folder.string(), std::to_string(port_)};
  std::vector<char*> argv;
  for (std::string& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    execv(argv[0], argv.data());
    _exit(127);
  }
  const bool serves = WaitUntil([&] {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
    return pid_ < 0 || ReadFile(folder / "data/postmaster.pid").find("ready") != std::string::npos;
  });
  if (serves && pid_ > 0) return;
  throw std::runtime_error("PostgreSQL does not start:\n" + ReadFile(folder / "log"));
}

void PostgresqlServer::Stop() {
  kill(pid_, SIGINT);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void PostgresqlServer::SignalAll(int signal) const {
  const std::string self = std::to_string(pid_);
  std::istringstream children(ReadFile("/proc/" + self + "/task/" + self + "/children"));
  // The one that starts others first.
  kill(pid_, signal);
  for (pid_t child = 0; children >> child;) kill(child, signal);
}

void PostgresqlServer::Freeze() { SignalAll(SIGSTOP); }
void PostgresqlServer::Thaw() { SignalAll(SIGCONT); }

}  // namespace energy::integration
