/// What the REST API costs: a single resource beside a plain server that answers the same bytes,
/// other requests while many log in, a page of many devices, and memory over many requests.

#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

#include "bench.h"
#include "latency_histogram.h"
#include "peer_program.h"
#include "plain_http_server.h"
#include "platform_server.h"
#include "socket.h"

namespace energy::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kConnections = 16;
constexpr unsigned kDevices = 10'000;
constexpr unsigned kLogins = 50;
constexpr unsigned kManyRequests = 1'000'000;
constexpr double kStormLimitMs = 20;
constexpr double kPageLimitMs = 10;
// What a heap may wander without growing.
constexpr double kFlatMiB = 8;

/// One request at a time on each of some connections.
class Caller {
 public:
  static base::Result<Caller> Connect(uint16_t port, std::string request, unsigned connections) {
    Caller caller(std::move(request));
    for (unsigned i = 0; i < connections; ++i) {
      ENERGY_ASSIGN_OR_RETURN(Socket socket, Socket::Connect(port));
      caller.sockets_.push_back(std::move(socket));
    }
    ENERGY_RETURN_IF_ERROR(caller.sockets_[0].SendAll(caller.request_));
    ENERGY_ASSIGN_OR_RETURN(caller.answer_, Receive(caller.sockets_[0]));
    if (!caller.answer_.starts_with("HTTP/1.1 200")) return base::Unavailable(caller.answer_);
    return caller;
  }

  const std::string& answer() const { return answer_; }

  base::Status Round() const {
    for (const Socket& socket : sockets_) ENERGY_RETURN_IF_ERROR(socket.SendAll(request_));
    for (const Socket& socket : sockets_) ENERGY_RETURN_IF_ERROR(Receive(socket).status());
    return {};
  }

  /// Answers a second.
  base::Result<double> Rate(double seconds) const {
    uint64_t rounds = 0;
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::duration<double>(seconds);
    for (; Clock::now() < end; ++rounds) ENERGY_RETURN_IF_ERROR(Round());
    const double took = std::chrono::duration<double>(Clock::now() - begin).count();
    return static_cast<double>(rounds * sockets_.size()) / took;
  }

 private:
  explicit Caller(std::string request) : request_(std::move(request)) {}

  static base::Result<std::string> Receive(const Socket& socket) {
    constexpr std::string_view kLength = "Content-Length: ";
    std::string answer;
    for (;;) {
      ENERGY_ASSIGN_OR_RETURN(const std::string more, socket.ReceiveSome());
      answer += more;
      const size_t body = answer.find("\r\n\r\n");
      const size_t length = answer.find(kLength);
      if (body == std::string::npos || length == std::string::npos) continue;
      if (answer.size() >= body + 4 + std::stoul(answer.substr(length + kLength.size(), 8))) {
        return answer;
      }
    }
  }

  std::string request_;
  std::vector<Socket> sockets_;
  std::string answer_;
};

std::string RequestOf(const PlatformServer& server, const std::string& target) {
  return "GET " + target +
         " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: " + server.authorization() + "\r\n\r\n";
}

base::Status ImportDevices(const PlatformServer& server) {
  std::string csv = "id,name,type\n";
  for (unsigned i = 1; i <= kDevices; ++i) {
    const std::string id = "D" + std::to_string(i);
    csv.append(id).append(",Bulb ").append(id).append(",bulb\n");
  }
  http::Client client("127.0.0.1", server.http_port(), std::chrono::seconds(120));
  ENERGY_ASSIGN_OR_RETURN(
      const http::Response answer,
      client.Post("/api/devices.csv", csv,
                  {{"Authorization", server.authorization()}, {"Content-Type", "text/csv"}}));
  return answer.status == 200 ? base::Status() : base::Unavailable(answer.body);
}

base::Status OneDevice(const BenchOptions& options, const PlatformServer& server,
                       Verdicts& verdicts) {
  const std::string request = RequestOf(server, "/api/devices/D1");
  ENERGY_ASSIGN_OR_RETURN(const Caller ours,
                          Caller::Connect(server.http_port(), request, kConnections));
  const PlainHttpServer plain(ours.answer());
  ENERGY_ASSIGN_OR_RETURN(const Caller peer, Caller::Connect(plain.port(), request, kConnections));
  std::vector<double> our_rates;
  std::vector<double> peer_rates;
  for (unsigned round = 0; round < options.rounds; ++round) {
    ENERGY_ASSIGN_OR_RETURN(our_rates.emplace_back(), ours.Rate(options.seconds));
    ENERGY_ASSIGN_OR_RETURN(peer_rates.emplace_back(), peer.Rate(options.seconds));
  }
  std::printf(
      "\n## GET /api/devices/D1 with a bearer token, %u connections\n\n%s /s; a plain Beast "
      "server %s /s.\n",
      kConnections, Thousands(Median(our_rates)).c_str(), Thousands(Median(peer_rates)).c_str());
  verdicts.Against({"GET /api/devices/D1", Median(our_rates), "/s"}, "plain Beast server",
                   Median(peer_rates), 0.5);
  return {};
}

base::Status FlatMemory(PlatformServer& server, Verdicts& verdicts) {
  const std::string request = RequestOf(server, "/api/devices/D1");
  ENERGY_ASSIGN_OR_RETURN(const Caller caller,
                          Caller::Connect(server.http_port(), request, kConnections));
  const auto ask = [&](unsigned count) -> base::Status {
    for (unsigned i = 0; i < count; i += kConnections) ENERGY_RETURN_IF_ERROR(caller.Round());
    return {};
  };
  ENERGY_RETURN_IF_ERROR(ask(kManyRequests / 10));
  const double before = server.process().Mebibytes();
  ENERGY_RETURN_IF_ERROR(ask(kManyRequests));
  const double after = server.process().Mebibytes();
  std::printf("\n## Memory over a million requests\n\n%.1f MiB before, %.1f MiB after.\n", before,
              after);
  verdicts.Within({"memory grown over 1,000,000 requests", after - before, "MiB", Better::kLower},
                  kFlatMiB, "flat");
  return {};
}

base::Status LoginStorm(const PlatformServer& server, const base::Json& credentials,
                        Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(
      const Caller other,
      Caller::Connect(server.http_port(), RequestOf(server, "/api/devices/D1"), 1));
  std::atomic<unsigned> done = 0;
  std::atomic<unsigned> failed = 0;
  std::vector<std::jthread> logins;
  logins.reserve(kLogins);
  for (unsigned i = 0; i < kLogins; ++i) {
    logins.emplace_back([&] {
      http::Client client("127.0.0.1", server.http_port(), std::chrono::seconds(60));
      const auto answer = client.Post("/api/auth/login", credentials.dump());
      if (!answer.ok() || answer->status != 200) ++failed;
      ++done;
    });
  }
  LatencyHistogram latency;
  while (done < kLogins) {
    const auto begin = Clock::now();
    ENERGY_RETURN_IF_ERROR(other.Round());
    latency.Add(static_cast<uint64_t>((Clock::now() - begin) / std::chrono::nanoseconds(1)));
  }
  logins.clear();
  if (failed > 0) return base::Unavailable(std::to_string(failed) + " logins failed");
  const double p99 = static_cast<double>(latency.Percentile(0.99)) / 1e6;
  std::printf("\n## Other requests while %u log in\n\np50 %.2f ms, p99 %.2f ms, slowest %.1f ms.\n",
              kLogins, static_cast<double>(latency.Percentile(0.5)) / 1e6, p99,
              static_cast<double>(latency.max()) / 1e6);
  verdicts.Within({"another request while 50 log in, p99", p99, "ms", Better::kLower},
                  kStormLimitMs);
  return {};
}

base::Status Pages(const PlatformServer& server, const std::string& database, Verdicts& verdicts) {
  std::printf("\n## Pages of %s devices, %s\n\n| page | p50 ms |\n| --- | ---: |\n",
              Thousands(kDevices).c_str(), database.c_str());
  for (const std::string target :
       {"/api/devices?page_size=50", "/api/devices?page_size=50&page=150",
        "/api/devices?page_size=50&sort=name", "/api/devices?page_size=50&search=bulb%20d77"}) {
    std::vector<double> times;
    for (int i = 0; i < 20; ++i) {
      http::Client client("127.0.0.1", server.http_port());
      const auto begin = Clock::now();
      const auto answer = client.Get(target, {{"Authorization", server.authorization()}});
      times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
      ENERGY_RETURN_IF_ERROR(answer.status());
      if (answer->status != 200) return base::Unavailable(target + ": " + answer->body);
    }
    std::printf("| %s | %.2f |\n", target.c_str(), Median(times));
    verdicts.Within({target + ", " + database, Median(times), "ms", Better::kLower}, kPageLimitMs);
  }
  return {};
}

base::Status AwaitReady(ChildProcess& postgresql, const std::filesystem::path& data) {
  const auto until = Clock::now() + std::chrono::seconds(60);
  while (postgresql.running() && Clock::now() < until) {
    if (ReadFile(data / "data/postmaster.pid").find("ready") != std::string::npos) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return base::Unavailable("PostgreSQL does not start: " + postgresql.Output());
}

base::Status PagesOnPostgresql(const BenchOptions& options, const std::filesystem::path& folder,
                               Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const uint16_t port, FreePort());
  const auto data = std::filesystem::absolute(folder / "postgresql");
  // It ends last: the platform is one of its clients.
  ENERGY_ASSIGN_OR_RETURN(
      ChildProcess postgresql,
      ChildProcess::Start({"scripts/start-postgresql.sh", data.string(), std::to_string(port)},
                          folder / "postgresql.log"));
  ENERGY_RETURN_IF_ERROR(AwaitReady(postgresql, data));
  ENERGY_ASSIGN_OR_RETURN(
      const auto server,
      PlatformServer::Start(
          options.platform(), folder / "on-postgresql",
          {{"ENERGY_STORAGE__SQL__URL",
            "postgresql://energy@127.0.0.1:" + std::to_string(port) + "/postgres"}}));
  ENERGY_RETURN_IF_ERROR(ImportDevices(*server));
  return Pages(*server, "PostgreSQL", verdicts);
}

}  // namespace

base::Status BenchApi(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options, "api"));
  const auto folder = scratch.path() / "platform";
  ENERGY_ASSIGN_OR_RETURN(const auto server, PlatformServer::Start(options.platform(), folder));
  ENERGY_RETURN_IF_ERROR(ImportDevices(*server));
  ENERGY_RETURN_IF_ERROR(OneDevice(options, *server, verdicts));
  ENERGY_RETURN_IF_ERROR(Pages(*server, "SQLite", verdicts));
  ENERGY_RETURN_IF_ERROR(LoginStorm(
      *server, base::Json::parse(ReadFile(folder / "admin-credentials.json")), verdicts));
  ENERGY_RETURN_IF_ERROR(FlatMemory(*server, verdicts));
  return PagesOnPostgresql(options, scratch.path(), verdicts);
}

}  // namespace energy::bench
