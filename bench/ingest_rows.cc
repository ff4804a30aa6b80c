/// Durable QoS 1 ingest of the platform beside Mosquitto, which acknowledges without storing, on
/// the same machine at the same time with the same load. See README.md.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <thread>

#include "base/json.h"
#include "bench.h"
#include "influx_server.h"
#include "mosquitto_server.h"
#include "packet_stream.h"
#include "platform_server.h"
#include "raw_limits.h"
#include "report.h"

namespace energy::bench {
namespace {

constexpr unsigned kDevicesWithRules = 50;  // all that the runs of up to 50 connections use
constexpr size_t kPubackBytes = 4;
constexpr unsigned kBridgeMessages = 200'000;
constexpr Case kUsual{50, 16};
const std::vector<Case> kCases{{1, 1}, {1, 100}, {50, 16}, {1000, 4}};

class IngestBench {
 public:
  IngestBench(const BenchOptions& options, std::filesystem::path folder)
      : options_(options), folder_(std::move(folder)) {}

  base::Status Execute(Verdicts& verdicts);

 private:
  base::Status StartServers();
  base::Status RunRound(CaseRuns& runs, unsigned round);
  base::Result<Run> RunOurs(const Case& shape);
  base::Result<Run> RunPeer(const Case& shape, bool with_subscriber);
  base::Result<Run> Generate(const Case& shape, uint16_t port, const ChildProcess& server);
  base::Result<ChildProcess> StartSubscriber();
  base::Result<double> RunBridge(const Case& shape);
  void Judge(const std::vector<CaseRuns>& cases, double bridge_rate, Verdicts& verdicts) const;
  base::Status CheckNothingLost(const std::vector<CaseRuns>& cases);

  const BenchOptions& options_;
  const std::filesystem::path folder_;
  std::unique_ptr<PlatformServer> ours_;
  std::unique_ptr<MosquittoServer> peer_;
};

base::Status IngestBench::StartServers() {
  ENERGY_ASSIGN_OR_RETURN(peer_, MosquittoServer::Start(folder_));
  ENERGY_ASSIGN_OR_RETURN(ours_, PlatformServer::Start(options_.platform(), folder_ / "platform"));
  unsigned devices = 0;
  for (const Case& shape : kCases) devices = std::max(devices, shape.connections);
  std::cerr << "registering " << devices << " devices\n";
  return ours_->Furnish(devices, kDevicesWithRules);
}

base::Result<Run> IngestBench::Generate(const Case& shape, uint16_t port,
                                        const ChildProcess& server) {
  server.AwaitIdle();
  const double cpu_before = server.CpuSeconds();
  ENERGY_ASSIGN_OR_RETURN(
      const base::Json json,
      RunLoad(options_, folder_,
              {"--port", std::to_string(port), "--connections", std::to_string(shape.connections),
               "--window", std::to_string(shape.window), "--seconds",
               std::to_string(options_.seconds)}));
  server.AwaitIdle();
  Run run;
  run.acknowledged = json["acknowledged"];
  run.rate = json["rate"];
  run.p50_ms = json["p50_ms"];
  run.p99_ms = json["p99_ms"];
  run.generator_cpu_s = json["cpu_s"];
  run.server_cpu_s = server.CpuSeconds() - cpu_before;
  return run;
}

base::Result<Run> IngestBench::RunOurs(const Case& shape) {
  ENERGY_ASSIGN_OR_RETURN(const double before, ours_->Metric("telemetry_commits_total"));
  ENERGY_ASSIGN_OR_RETURN(Run run, Generate(shape, ours_->mqtt_port(), ours_->process()));
  ENERGY_ASSIGN_OR_RETURN(const double after, ours_->Metric("telemetry_commits_total"));
  const double commits = std::max(after - before, 1.0);
  run.readings_per_commit = run.acknowledged / commits;
  run.commits_per_s = commits * run.rate / run.acknowledged;
  const auto group = static_cast<size_t>(run.readings_per_commit + 0.5);
  ENERGY_ASSIGN_OR_RETURN(const Syncs syncs, MeasureSyncs(folder_, LogRecordBytes(group)));
  run.disk_commits_per_s = syncs.per_second;
  return run;
}

base::Status AwaitSubscribed(ChildProcess& subscriber) {
  while (subscriber.running()) {
    if (subscriber.Output().find("subscribed") != std::string::npos) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return base::Unavailable("the subscriber failed: " + subscriber.Output());
}

base::Result<ChildProcess> IngestBench::StartSubscriber() {
  ENERGY_ASSIGN_OR_RETURN(
      ChildProcess subscriber,
      ChildProcess::Start({options_.load(), "--port", std::to_string(peer_->port()), "--subscribe",
                           "devices/+/telemetry", "--seconds", "120"},
                          folder_ / "subscriber.json"));
  ENERGY_RETURN_IF_ERROR(AwaitSubscribed(subscriber));
  return subscriber;
}

base::Result<Run> IngestBench::RunPeer(const Case& shape, bool with_subscriber) {
  if (!with_subscriber) return Generate(shape, peer_->port(), peer_->process());
  ENERGY_ASSIGN_OR_RETURN(ChildProcess subscriber, StartSubscriber());
  ENERGY_ASSIGN_OR_RETURN(Run run, Generate(shape, peer_->port(), peer_->process()));
  ENERGY_ASSIGN_OR_RETURN(const std::string output, subscriber.Stop());
  const auto json = base::Json::parse(output.substr(output.find('\n') + 1));
  run.subscriber_cpu_s = json["cpu_s"];
  // A broker that dropped messages for its subscriber would have been measured too favourably.
  if (json["received"].get<double>() < run.acknowledged) {
    std::cerr << "note: Mosquitto delivered " << json["received"] << " of " << run.acknowledged
              << " messages\n";
  }
  return run;
}

// Readings per second that Mosquitto, a bridge and InfluxDB take together, until the last is
// stored.
base::Result<double> IngestBench::RunBridge(const Case& shape) {
  ENERGY_ASSIGN_OR_RETURN(const auto influx, InfluxServer::Start(folder_ / "influxdb"));
  const std::string messages = std::to_string(kBridgeMessages);
  ENERGY_ASSIGN_OR_RETURN(
      ChildProcess bridge,
      ChildProcess::Start({options_.bridge(), "--mqtt-port", std::to_string(peer_->port()),
                           "--http-port", std::to_string(influx->http_port()), "--target",
                           influx->Write().target, "--messages", messages},
                          folder_ / "bridge.json"));
  ENERGY_RETURN_IF_ERROR(AwaitSubscribed(bridge));
  ENERGY_RETURN_IF_ERROR(
      RunLoad(options_, folder_,
              {"--port", std::to_string(peer_->port()), "--connections",
               std::to_string(shape.connections), "--window", std::to_string(shape.window),
               "--messages", messages, "--seconds", "60"})
          .status());
  ENERGY_ASSIGN_OR_RETURN(const std::string output, bridge.Finish(std::chrono::seconds(90)));
  return base::Json::parse(output.substr(output.find('\n') + 1))["rate"].get<double>();
}

base::Status IngestBench::RunRound(CaseRuns& runs, unsigned round) {
  // Whoever comes first meets the machine in another state: the order turns with the rounds.
  for (unsigned turn = 0; turn < 3; ++turn) {
    const unsigned which = (turn + round) % 3;
    auto run = which == 0 ? RunOurs(runs.shape) : RunPeer(runs.shape, which == 1);
    if (!run.ok()) return run.status();
    (which == 0 ? runs.ours : which == 1 ? runs.peer : runs.peer_alone).push_back(*run);
    const char* name = which == 0 ? "ours" : which == 1 ? "mosquitto+subscriber" : "mosquitto";
    std::fprintf(stderr, "round %u, %u x %u, %s: %.0f msg/s\n", round + 1, runs.shape.connections,
                 runs.shape.window, name, run->rate);
  }
  return {};
}

// What the store has must be what was acknowledged: the numbers mean nothing otherwise.
base::Status IngestBench::CheckNothingLost(const std::vector<CaseRuns>& cases) {
  double acknowledged = 0;
  for (const CaseRuns& runs : cases) {
    for (const Run& run : runs.ours) acknowledged += run.acknowledged;
  }
  ENERGY_ASSIGN_OR_RETURN(const double stored, ours_->Metric("series_readings_appended_total"));
  ENERGY_ASSIGN_OR_RETURN(const int64_t dead, ours_->DeadLetters());
  if (stored == acknowledged && dead == 0) return {};
  return base::Internal("acknowledged " + std::to_string(acknowledged) + " readings, stored " +
                        std::to_string(stored) + ", refused " + std::to_string(dead));
}

base::Result<std::vector<Limit>> MeasureLimits() {
  std::vector<Limit> limits;
  const PayloadTails tails;
  const size_t packet = PacketStream("D1", 1, 1, base::SystemClock().Now(), tails).packet_bytes();
  ENERGY_ASSIGN_OR_RETURN(const double trips, RoundTripsPerSecond(packet, kPubackBytes));
  limits.push_back({"loopback round trips, " + std::to_string(packet) + " bytes one way and " +
                        std::to_string(kPubackBytes) + " back",
                    trips});
  ENERGY_ASSIGN_OR_RETURN(const double streamed, StreamedPerSecond(packet));
  limits.push_back(
      {"packets of " + std::to_string(packet) + " bytes through one loopback stream", streamed});
  return limits;
}

void IngestBench::Judge(const std::vector<CaseRuns>& cases, double bridge_rate,
                        Verdicts& verdicts) const {
  for (const CaseRuns& runs : cases) {
    if (runs.shape.window == 1) continue;
    const Figure rate{Format("QoS 1 ingest, %u x %u", runs.shape.connections, runs.shape.window),
                      Median(runs.ours, &Run::rate), "/s"};
    if (runs.shape.connections != kUsual.connections) {
      verdicts.Against(rate, "Mosquitto, nobody subscribed", Median(runs.peer_alone, &Run::rate),
                       1);
      continue;
    }
    verdicts.Against(rate, "Mosquitto + subscriber", Median(runs.peer, &Run::rate), 1.5);
    verdicts.Against({"processor time a reading, the same",
                      PerMillion(runs.ours, &Run::server_cpu_s), "us", Better::kLower},
                     "Mosquitto + subscriber", PerMillion(runs.peer, &Run::server_cpu_s), 2);
    verdicts.Against(rate, "Mosquitto + bridge + InfluxDB", bridge_rate, 10);
  }
}

base::Status IngestBench::Execute(Verdicts& verdicts) {
  ENERGY_RETURN_IF_ERROR(StartServers());
  std::vector<CaseRuns> cases;
  for (const Case& shape : kCases) cases.push_back({shape, {}, {}, {}});
  for (unsigned round = 0; round < options_.rounds; ++round) {
    for (CaseRuns& runs : cases) ENERGY_RETURN_IF_ERROR(RunRound(runs, round));
  }
  ENERGY_RETURN_IF_ERROR(CheckNothingLost(cases));
  ENERGY_ASSIGN_OR_RETURN(const double bridge_rate, RunBridge(kUsual));
  ENERGY_ASSIGN_OR_RETURN(const std::vector<Limit> limits, MeasureLimits());
  const PayloadTails tails;
  const PacketStream stream("D1", 1, 1, base::SystemClock().Now(), tails);
  std::printf(
      "\n## Durable QoS 1 ingest\n\nMedians of %u rounds of %.1f s, payload %zu bytes, MQTT 3.1.1, "
      "no TLS.\n\n%s\nMosquitto, bridge and InfluxDB together: %s readings/s.\nPeak memory: ours "
      "%.0f MiB, Mosquitto %.0f MiB.\n",
      options_.rounds, options_.seconds, stream.payload_bytes(), ToMarkdown(cases, limits).c_str(),
      Thousands(bridge_rate).c_str(), ours_->process().PeakMebibytes(),
      peer_->process().PeakMebibytes());
  Judge(cases, bridge_rate, verdicts);
  return {};
}

}  // namespace

base::Status BenchIngest(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options, "ingest"));
  return IngestBench(options, scratch.path()).Execute(verdicts);
}

}  // namespace energy::bench
