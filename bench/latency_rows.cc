/// How long a device waits for its acknowledgement at a moderate rate, beside the disk's own
/// fdatasync.

#include <cstdio>

#include "base/json.h"
#include "bench.h"
#include "platform_server.h"
#include "raw_limits.h"

namespace energy::bench {
namespace {

constexpr unsigned kConnections = 50;
constexpr double kRate = 10'000;
constexpr double kSeconds = 5;
// What a group commit holds at this rate; the size hardly changes the time of a sync.
constexpr size_t kReadingsASync = 4;
constexpr double kSyncs = 3;
constexpr double kAllowanceMs = 2;

struct Latency {
  double p50_ms = 0;
  double p99_ms = 0;
  double sync_p50_ms = 0;
  double sync_p99_ms = 0;
};

base::Result<Latency> MeasureOnce(const BenchOptions& options, const PlatformServer& server,
                                  const std::filesystem::path& folder) {
  const size_t bytes = LogRecordBytes(kReadingsASync);
  ENERGY_ASSIGN_OR_RETURN(const Syncs before, MeasureSyncs(folder, bytes));
  ENERGY_ASSIGN_OR_RETURN(const base::Json run,
                          RunLoad(options, folder,
                                  {"--port", std::to_string(server.mqtt_port()), "--connections",
                                   std::to_string(kConnections), "--window", "1000", "--rate",
                                   std::to_string(kRate), "--seconds", std::to_string(kSeconds)}));
  ENERGY_ASSIGN_OR_RETURN(const Syncs after, MeasureSyncs(folder, bytes));
  return Latency{run["p50_ms"], run["p99_ms"], (before.p50_ms + after.p50_ms) / 2,
                 (before.p99_ms + after.p99_ms) / 2};
}

}  // namespace

base::Status BenchLatency(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options, "latency"));
  ENERGY_ASSIGN_OR_RETURN(const auto server,
                          PlatformServer::Start(options.platform(), scratch.path() / "platform"));
  ENERGY_RETURN_IF_ERROR(server->Furnish(kConnections, kConnections));
  std::vector<Latency> runs;
  for (unsigned round = 0; round < options.rounds; ++round) {
    ENERGY_ASSIGN_OR_RETURN(runs.emplace_back(), MeasureOnce(options, *server, scratch.path()));
  }
  std::printf(
      "\n## PUBACK at %s readings/s, %u connections\n\n| round | PUBACK p50 / p99 ms | fdatasync "
      "p50 "
      "/ p99 ms, before and after |\n| --- | ---: | ---: |\n",
      Thousands(kRate).c_str(), kConnections);
  std::vector<double> ours;
  std::vector<double> syncs;
  for (const Latency& run : runs) {
    std::printf("| %zu | %.2f / %.2f | %.2f / %.2f |\n", ours.size() + 1, run.p50_ms, run.p99_ms,
                run.sync_p50_ms, run.sync_p99_ms);
    ours.push_back(run.p99_ms);
    syncs.push_back(run.sync_p99_ms);
  }
  verdicts.Within({"PUBACK at 10,000 readings/s, p99", Median(ours), "ms", Better::kLower},
                  kSyncs * Median(syncs) + kAllowanceMs, "3 x fdatasync's p99 + 2 ms");
  return {};
}

}  // namespace energy::bench
