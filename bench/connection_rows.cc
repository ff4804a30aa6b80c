/// Many connections: what 10,000 idle ones cost, plain and through TLS; how long it takes until all
/// are back after they broke at once, with and without a login, and how long a device waits for its
/// acknowledgements meanwhile. Mosquitto does the same without login beside it.

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "bench.h"
#include "latency_histogram.h"
#include "mosquitto_server.h"
#include "packet_stream.h"
#include "platform_server.h"
#include "secure_crowd.h"
#include "socket.h"

namespace energy::bench {
namespace {

constexpr unsigned kConnections = 10'000;
// A peer whose queue of connections is full drops SYN; the last retry comes after 63 s.
constexpr uint64_t kLimitNs = 150'000'000'000;
constexpr double kMemoryLimitMib = 150e6 / (1 << 20);
constexpr double kStormPubackMs = 500;
constexpr std::string_view kAccepted{"\x20\x02\x00\x00", 4};

// Connections that are all asked for at once.
class Crowd {
 public:
  explicit Crowd(MqttLogin login = {}) : login_(std::move(login)) {}

  /// Seconds until all are accepted. Errors: kUnavailable.
  base::Result<double> Connect(uint16_t port);
  /// Breaks all of them without a DISCONNECT.
  void Break() { sockets_.clear(); }

 private:
  const MqttLogin login_;
  std::vector<Socket> sockets_;
};

// A device that publishes one reading after the other and measures how long each acknowledgement
// takes, in a thread of its own.
class Witness {
 public:
  explicit Witness(Socket socket)
      : socket_(std::move(socket)), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

  /// Ends it. Errors: kUnavailable when an acknowledgement did not come.
  base::Result<LatencyHistogram> Finish() {
    thread_.request_stop();
    thread_.join();
    if (!status_.ok()) return status_;
    return waits_;
  }

 private:
  void Run(const std::stop_token& stop) {
    const PayloadTails tails;
    PacketStream stream("D1", 1, 1, base::SystemClock().Now(), tails);
    std::string packet;
    while (!stop.stop_requested() && status_.ok()) {
      packet.clear();
      stream.Append(1, packet);
      const uint64_t start = NowNs();
      status_ = socket_.SendAll(packet);
      if (status_.ok()) status_ = socket_.Receive(4).status();
      waits_.Add(NowNs() - start);
    }
  }

  Socket socket_;
  base::Status status_;
  LatencyHistogram waits_;
  std::jthread thread_;
};

base::Result<double> Crowd::Connect(uint16_t port) {
  Socket poll(epoll_create1(EPOLL_CLOEXEC));
  const uint64_t start = NowNs();
  for (unsigned i = 0; i < kConnections; ++i) {
    ENERGY_ASSIGN_OR_RETURN(Socket socket, Socket::StartConnect(port));
    epoll_event event{};
    event.events = EPOLLOUT | EPOLLET | EPOLLIN;
    event.data.u32 = i;
    epoll_ctl(poll.fd(), EPOLL_CTL_ADD, socket.fd(), &event);
    sockets_.push_back(std::move(socket));
  }
  std::vector<bool> asked(kConnections);
  unsigned accepted = 0;
  std::array<epoll_event, 512> events{};
  while (accepted < kConnections) {
    if (NowNs() - start > kLimitNs) {
      return base::Unavailable("only " + std::to_string(accepted) +
                               " connections are accepted at port " + std::to_string(port));
    }
    const int count = epoll_wait(poll.fd(), events.data(), events.size(), 100);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<size_t>(i)];
      const Socket& socket = sockets_[event.data.u32];
      if (!asked[event.data.u32] && (event.events & EPOLLOUT) != 0) {
        ENERGY_RETURN_IF_ERROR(
            SendConnect(socket, "crowd-" + std::to_string(event.data.u32), login_));
        asked[event.data.u32] = true;
      }
      if ((event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) == 0) continue;
      std::array<char, 4> answer{};
      const ssize_t got = recv(socket.fd(), answer.data(), answer.size(), 0);
      if (got < 0 && errno == EAGAIN) continue;
      if (std::string_view(answer.data(), answer.size()) != kAccepted) {
        return base::Unavailable("the server refused a connection");
      }
      ++accepted;
    }
  }
  return static_cast<double>(NowNs() - start) / 1e9;
}

struct Crowded {
  double connect_s = 0;
  double storm_s = 0;
  double idle_mib = 0;  // memory of the whole server while all are connected
  double peak_mib = 0;
};

base::Result<Crowded> Measure(const ChildProcess& server, uint16_t port) {
  Crowd crowd;
  Crowded result;
  ENERGY_ASSIGN_OR_RETURN(result.connect_s, crowd.Connect(port));
  server.AwaitIdle();
  result.idle_mib = server.Mebibytes();
  crowd.Break();
  // At once: the server has yet to notice that the old ones are gone.
  ENERGY_ASSIGN_OR_RETURN(result.storm_s, crowd.Connect(port));
  result.peak_mib = server.PeakMebibytes();
  return result;
}

struct Storm {
  double seconds = 0;
  LatencyHistogram pubacks;  // of another client meanwhile
};

// All log in with a password, break at once and come back while a device publishes.
base::Result<Storm> MeasureStorm(PlatformServer& server) {
  ENERGY_RETURN_IF_ERROR(server.Furnish(1, 0));
  ENERGY_ASSIGN_OR_RETURN(const std::string password, server.AddMqttUser("crowd"));
  Crowd crowd({"crowd", password});
  ENERGY_RETURN_IF_ERROR(crowd.Connect(server.mqtt_port()).status());
  server.process().AwaitIdle();
  ENERGY_ASSIGN_OR_RETURN(Socket socket, Socket::Connect(server.mqtt_port()));
  ENERGY_RETURN_IF_ERROR(SendConnect(socket, "witness"));
  ENERGY_RETURN_IF_ERROR(AwaitConnack(socket));
  Witness witness(std::move(socket));
  crowd.Break();
  Storm storm;
  ENERGY_ASSIGN_OR_RETURN(storm.seconds, crowd.Connect(server.mqtt_port()));
  ENERGY_ASSIGN_OR_RETURN(storm.pubacks, witness.Finish());
  return storm;
}

struct Secure {
  double connect_s = 0;
  double idle_mib = 0;
};

base::Result<Secure> MeasureSecure(const BenchOptions& options, const Scratch& scratch) {
  ENERGY_ASSIGN_OR_RETURN(const TlsFilePair files, MakeTlsFiles(scratch.path()));
  ENERGY_ASSIGN_OR_RETURN(
      const auto server,
      PlatformServer::Start(options.platform(), scratch.path() / "secure",
                            {{"ENERGY_MQTT__MAX_CONNECTIONS", std::to_string(2 * kConnections)},
                             {"ENERGY_MQTT__TLS__CERTIFICATE", files.certificate},
                             {"ENERGY_MQTT__TLS__KEY", files.key},
                             {"ENERGY_MQTT__TLS__PORT", "0"}}));
  Secure result;
  SecureCrowd crowd;
  ENERGY_ASSIGN_OR_RETURN(result.connect_s, crowd.Connect(server->mqtts_port(), kConnections));
  server->process().AwaitIdle();
  result.idle_mib = server->process().Mebibytes();
  return result;
}

double Milliseconds(uint64_t ns) { return static_cast<double>(ns) / 1e6; }

void Print(const char* name, const Crowded& result) {
  std::printf("| %s | %.2f | %.0f | %.2f | %.0f |\n", name, result.connect_s, result.idle_mib,
              result.storm_s, result.peak_mib);
}

}  // namespace

base::Status BenchConnections(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options, "connections"));
  AllowSockets(kConnections);
  ENERGY_ASSIGN_OR_RETURN(
      const auto platform,
      PlatformServer::Start(options.platform(), scratch.path() / "platform",
                            {{"ENERGY_MQTT__MAX_CONNECTIONS", std::to_string(2 * kConnections)}}));
  ENERGY_ASSIGN_OR_RETURN(const auto mosquitto, MosquittoServer::Start(scratch.path()));
  ENERGY_ASSIGN_OR_RETURN(const Crowded ours, Measure(platform->process(), platform->mqtt_port()));
  ENERGY_ASSIGN_OR_RETURN(const Crowded theirs, Measure(mosquitto->process(), mosquitto->port()));
  std::printf(
      "\n## %s connections\n\n| | all connected s | memory MiB, idle | all back after a break s | "
      "peak memory MiB |\n| --- | ---: | ---: | ---: | ---: |\n",
      Thousands(kConnections).c_str());
  Print("ours", ours);
  Print("Mosquitto", theirs);
  ENERGY_ASSIGN_OR_RETURN(const Storm storm, MeasureStorm(*platform));
  std::printf(
      "\nWith a login each, while a device publishes: all back in %.2f s; its PUBACK p50 / p99 / "
      "slowest %.2f / %.2f / %.2f ms (%llu readings).\n",
      storm.seconds, Milliseconds(storm.pubacks.Percentile(0.5)),
      Milliseconds(storm.pubacks.Percentile(0.99)), Milliseconds(storm.pubacks.max()),
      static_cast<unsigned long long>(storm.pubacks.total()));  // NOLINT(google-runtime-int)
  ENERGY_ASSIGN_OR_RETURN(const Secure secure, MeasureSecure(options, scratch));
  std::printf("Through TLS: all connected in %.2f s, one after the other; memory %.0f MiB, idle.\n",
              secure.connect_s, secure.idle_mib);
  verdicts.Within({"memory with 10,000 idle connections", ours.idle_mib, "MiB", Better::kLower},
                  kMemoryLimitMib, "150 MB");
  verdicts.Against({"10,000 clients reconnect at once", ours.storm_s, "s", Better::kLower},
                   "Mosquitto", theirs.storm_s, 1);
  verdicts.Within({"10,000 clients with a login reconnect at once: PUBACK of another, p99",
                   Milliseconds(storm.pubacks.Percentile(0.99)), "ms", Better::kLower},
                  kStormPubackMs, "limit");
  return {};
}

}  // namespace energy::bench
