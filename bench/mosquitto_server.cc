#include "mosquitto_server.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "socket.h"

namespace energy::bench {
namespace {

constexpr std::chrono::seconds kStartLimit{10};

bool IsProgram(const std::string& path) { return access(path.c_str(), X_OK) == 0; }

std::string UserName() {
  const passwd* user = getpwuid(geteuid());
  return user == nullptr ? "root" : user->pw_name;
}

}  // namespace

base::Result<std::string> MosquittoServer::FindProgram() {
  if (const char* given = std::getenv("MOSQUITTO"); given != nullptr && *given != '\0') {
    if (IsProgram(given)) return std::string(given);
    return base::NotFound(std::string("MOSQUITTO names no program: ") + given);
  }
  std::istringstream folders(std::string(std::getenv("PATH") ? std::getenv("PATH") : "") +
                             ":build/tools/mosquitto/usr/sbin:/usr/sbin");
  std::string folder;
  while (std::getline(folders, folder, ':')) {
    if (IsProgram(folder + "/mosquitto")) return folder + "/mosquitto";
  }
  return base::NotFound(
      "the peer of this bench, Mosquitto, is not there: run ./dev bench ingest, which fetches it, "
      "or set MOSQUITTO to its program");
}

base::Result<std::unique_ptr<MosquittoServer>> MosquittoServer::Start(
    const std::string& program, const std::filesystem::path& folder) {
  uint16_t port = 0;
  // The port is free again when Mosquitto takes it.
  ENERGY_RETURN_IF_ERROR(Listen(port).status());
  const std::filesystem::path config = folder / "mosquitto.conf";
  std::ofstream(config) << "listener " << port << " 127.0.0.1\n"
                        << "user " << UserName() << "\n"
                        << "allow_anonymous true\n"
                           "persistence false\n"
                           "max_inflight_messages 0\n"
                           "max_queued_messages 0\n"
                           "set_tcp_nodelay true\n"
                           "log_type error\n"
                           "connection_messages false\n"
                           "sys_interval 0\n";
  ENERGY_ASSIGN_OR_RETURN(
      ChildProcess process,
      ChildProcess::Start({program, "-c", config.string()}, folder / "mosquitto.log"));
  const auto until = std::chrono::steady_clock::now() + kStartLimit;
  while (process.running() && std::chrono::steady_clock::now() < until) {
    if (Socket::Connect(port).ok()) {
      return std::unique_ptr<MosquittoServer>(new MosquittoServer(std::move(process), port));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return base::Unavailable("Mosquitto did not start: " + process.Output());
}

}  // namespace energy::bench
