/// Readings sent 100 to a message: JSON arrays over MQTT, line protocol over HTTP.

#include <poll.h>

#include <cstdio>

#include "base/json.h"
#include "bench.h"
#include "platform_server.h"
#include "socket.h"

namespace energy::bench {
namespace {

constexpr unsigned kDevices = 10;
constexpr unsigned kWriters = 50;  // connections that post lines, a device each
constexpr unsigned kReadings = 100;
constexpr unsigned kWindow = 8;
constexpr double kTarget = 1e6;

base::Result<double> RunArrays(const BenchOptions& options, const PlatformServer& server,
                               const std::filesystem::path& folder) {
  ENERGY_ASSIGN_OR_RETURN(
      const base::Json run,
      RunLoad(options, folder,
              {"--port", std::to_string(server.mqtt_port()), "--connections",
               std::to_string(kDevices), "--window", std::to_string(kWindow), "--readings",
               std::to_string(kReadings), "--seconds", std::to_string(options.seconds)}));
  return run["rate"].get<double>() * kReadings;
}

// One line of a bulb up to its time.
std::string BulbLine(unsigned device, unsigned i) {
  return Format("telemetry,device_id=D%u voltage=%.2f,current=%.2f,power=%.2f,temperature=%.2f ",
                device, 225 + i * 0.1, 0.80 + i * 0.001, 180 + i * 0.3, 36 + i * 0.08);
}

// The same with ten fields.
std::string CompressorLine(unsigned device, unsigned i) {
  std::string line = Format("telemetry,device_id=K%u ", device);
  for (unsigned field = 0; field < 10; ++field) {
    line += Format("%sf%u=%.2f", field == 0 ? "" : ",", field, 20 * field + i * 0.13);
  }
  return line + " ";
}

using MakeLine = std::string (*)(unsigned device, unsigned i);

// The requests of one device: 100 lines one microsecond apart, whose times are written in place.
class LineRequests {
 public:
  LineRequests(const Recipe& recipe, MakeLine line, unsigned device, base::Timestamp first)
      : time_ns_(first.time_since_epoch().count()) {
    std::string body;
    std::vector<size_t> times;
    for (unsigned i = 0; i < kReadings; ++i) {
      body += line(device, i);
      times.push_back(body.size());
      body += std::to_string(time_ns_) + "\n";
    }
    request_ = "POST " + recipe.target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    for (const auto& [name, value] : recipe.headers) request_ += name + ": " + value + "\r\n";
    request_ += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    for (const size_t at : times) times_.push_back(request_.size() + at);
    request_ += body;
  }

  const std::string& Next() {
    for (const size_t at : times_) {
      time_ns_ += 1000;
      const std::string digits = std::to_string(time_ns_);
      request_.replace(at, digits.size(), digits);
    }
    return request_;
  }

 private:
  int64_t time_ns_;
  std::string request_;
  std::vector<size_t> times_;  // where they are in the request
};

// Errors: kUnavailable, also for an answer other than 204, which has no body.
base::Status AwaitNoContent(const Socket& socket) {
  std::string answer;
  while (answer.find("\r\n\r\n") == std::string::npos) {
    ENERGY_ASSIGN_OR_RETURN(const std::string more, socket.ReceiveSome());
    answer += more;
  }
  if (answer.starts_with("HTTP/1.1 204")) return {};
  return base::Unavailable("lines were refused: " + answer);
}

struct Writer {
  Socket socket;
  LineRequests requests;
};

// One thread for all connections, each of which has one request under way. Readings a second.
base::Result<double> RunLines(const BenchOptions& options, const PlatformServer& server,
                              MakeLine line, unsigned connections) {
  std::vector<Writer> writers;
  std::vector<pollfd> polled;
  const base::Timestamp now = base::SystemClock().Now();
  for (unsigned i = 1; i <= connections; ++i) {
    ENERGY_ASSIGN_OR_RETURN(Socket socket, Socket::Connect(server.http_port()));
    polled.push_back({socket.fd(), POLLIN, 0});
    writers.push_back({std::move(socket), LineRequests(server.Write(), line, i, now)});
  }
  const uint64_t start = NowNs();
  const uint64_t stop = start + static_cast<uint64_t>(options.seconds * 1e9);
  for (Writer& writer : writers) {
    ENERGY_RETURN_IF_ERROR(writer.socket.SendAll(writer.requests.Next()));
  }
  double readings = 0;
  for (unsigned waiting = connections; waiting > 0;) {
    if (::poll(polled.data(), polled.size(), 10'000) <= 0) {
      return base::Unavailable("no request is answered");
    }
    for (unsigned i = 0; i < connections; ++i) {
      if (polled[i].revents == 0) continue;
      ENERGY_RETURN_IF_ERROR(AwaitNoContent(writers[i].socket));
      readings += kReadings;
      if (NowNs() < stop) {
        ENERGY_RETURN_IF_ERROR(writers[i].socket.SendAll(writers[i].requests.Next()));
      } else {
        polled[i].fd = -1;
        --waiting;
      }
    }
  }
  return readings / (static_cast<double>(NowNs() - start) / 1e9);
}

}  // namespace

base::Status BenchBatches(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options, "batches"));
  ENERGY_ASSIGN_OR_RETURN(const auto server,
                          PlatformServer::Start(options.platform(), scratch.path() / "platform"));
  ENERGY_RETURN_IF_ERROR(server->Furnish(kWriters, kWriters));
  ENERGY_RETURN_IF_ERROR(server->FurnishCompressors(kWriters));
  std::vector<double> arrays;
  std::vector<double> few;
  std::vector<double> lines;
  std::vector<double> wide;
  for (unsigned round = 0; round < options.rounds; ++round) {
    ENERGY_ASSIGN_OR_RETURN(arrays.emplace_back(), RunArrays(options, *server, scratch.path()));
    ENERGY_ASSIGN_OR_RETURN(few.emplace_back(), RunLines(options, *server, BulbLine, kDevices));
    ENERGY_ASSIGN_OR_RETURN(lines.emplace_back(), RunLines(options, *server, BulbLine, kWriters));
    ENERGY_ASSIGN_OR_RETURN(wide.emplace_back(),
                            RunLines(options, *server, CompressorLine, kWriters));
  }
  std::printf(
      "\n## %u readings to a message\n\n| | readings/s, durable |\n| --- | ---: |\n| JSON arrays "
      "over MQTT, %u connections, window %u | %s |\n| line protocol over HTTP, %u connections | %s "
      "|\n| line protocol over HTTP, %u connections | %s |\n| the same, ten fields a line instead "
      "of "
      "four | %s |\n",
      kReadings, kDevices, kWindow, Thousands(Median(arrays)).c_str(), kDevices,
      Thousands(Median(few)).c_str(), kWriters, Thousands(Median(lines)).c_str(),
      Thousands(Median(wide)).c_str());
  verdicts.Within({"100 readings to an MQTT message", Median(arrays), "/s"}, kTarget);
  verdicts.Within({"100 readings to an HTTP request", Median(lines), "/s"}, kTarget);
  verdicts.Against({"values of readings with ten fields", 10 * Median(wide), "/s"},
                   "readings with four fields", 4 * Median(lines), 1);
  return {};
}

}  // namespace energy::bench
