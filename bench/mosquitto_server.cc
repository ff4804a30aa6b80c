#include "mosquitto_server.h"

#include <pwd.h>
#include <unistd.h>

#include <fstream>

#include "peer_program.h"

namespace energy::bench {
namespace {

std::string UserName() {
  const passwd* user = getpwuid(geteuid());
  return user == nullptr ? "root" : user->pw_name;
}

}  // namespace

base::Result<std::unique_ptr<MosquittoServer>> MosquittoServer::Start(
    const std::filesystem::path& folder) {
  ENERGY_ASSIGN_OR_RETURN(const PeerProgram program, FindPeer("mosquitto", "mosquitto"));
  ENERGY_ASSIGN_OR_RETURN(const uint16_t port, FreePort());
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
  ENERGY_ASSIGN_OR_RETURN(ChildProcess process,
                          ChildProcess::Start({program.path, "-c", config.string()},
                                              folder / "mosquitto.log", program.environment));
  ENERGY_RETURN_IF_ERROR(AwaitListening(process, port));
  return std::unique_ptr<MosquittoServer>(new MosquittoServer(std::move(process), port));
}

}  // namespace energy::bench
