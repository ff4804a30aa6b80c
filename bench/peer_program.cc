#include "peer_program.h"

#include <unistd.h>

#include <filesystem>
#include <thread>

#include "socket.h"

namespace energy::bench {
namespace {

constexpr std::chrono::seconds kStartLimit{10};

}  // namespace

base::Result<PeerProgram> FindPeer(const std::string& package, const std::string& program) {
  const std::string unpacked = std::filesystem::absolute("build/tools/" + package).string();
  const std::string libraries =
      unpacked + "/usr/lib/x86_64-linux-gnu:" + unpacked + "/lib/x86_64-linux-gnu";
  for (const std::string& folder : {unpacked + "/usr/sbin/", unpacked + "/usr/bin/",
                                    std::string("/usr/sbin/"), std::string("/usr/bin/")}) {
    const std::string path = folder + program;
    if (access(path.c_str(), X_OK) == 0) {
      return PeerProgram{path, {{"LD_LIBRARY_PATH", libraries}}};
    }
  }
  return base::NotFound("the peer " + package +
                        " is not there: run this through ./dev bench, which unpacks it");
}

base::Result<uint16_t> FreePort() {
  uint16_t port = 0;
  ENERGY_RETURN_IF_ERROR(Listen(port).status());
  return port;
}

base::Status AwaitListening(ChildProcess& process, uint16_t port) {
  const auto until = std::chrono::steady_clock::now() + kStartLimit;
  while (process.running() && std::chrono::steady_clock::now() < until) {
    if (Socket::Connect(port).ok()) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return base::Unavailable("a peer did not start: " + process.Output());
}

}  // namespace energy::bench
