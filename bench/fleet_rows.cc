/// A whole plant: 1,000 devices with 30 days of readings. Memory while they are loaded and after a
/// restart, and how long a start takes after the process was killed.

#include <cstdio>

#include "bench.h"
#include "dataset.h"
#include "platform_server.h"
#include "socket.h"

namespace energy::bench {
namespace {

constexpr unsigned kDevices = 1'000;
constexpr unsigned kConnections = 2;
constexpr double kMemoryLimitMib = 400e6 / (1 << 20);
constexpr double kStartLimitS = 3;

}  // namespace

base::Status BenchFleet(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options, "fleet"));
  const std::filesystem::path folder = scratch.path() / "platform";
  const DataSet data = DataSet::UpTo(base::SystemClock().Now(), kDevices, std::chrono::days(30),
                                     std::chrono::seconds(options.interval));
  ENERGY_ASSIGN_OR_RETURN(auto server, PlatformServer::Start(options.platform(), folder));
  ENERGY_RETURN_IF_ERROR(server->Furnish(kDevices, 0));
  const uint64_t start = NowNs();
  ENERGY_RETURN_IF_ERROR(PostAll(*server, data, kConnections));
  const double load_s = static_cast<double>(NowNs() - start) / 1e9;
  const double load_mib = server->process().PeakMebibytes();
  server->process().Kill();
  server.reset();

  const uint64_t begin = NowNs();
  ENERGY_ASSIGN_OR_RETURN(server, PlatformServer::Start(options.platform(), folder));
  const double start_s = static_cast<double>(NowNs() - begin) / 1e9;
  server->process().AwaitIdle();
  const double idle_mib = server->process().PeakMebibytes();
  std::printf(
      "\n## %u devices, 30 days, a reading every %lld s: %s readings\n\nLoaded in %.0f s, peak "
      "memory "
      "%.0f MiB. Killed with SIGKILL; ready again (log replayed, logged in) after %.2f s, peak "
      "memory "
      "%.0f MiB.\n",
      kDevices, static_cast<long long>(data.interval.count()),
      Thousands(static_cast<double>(data.readings())).c_str(), load_s, load_mib, start_s, idle_mib);
  verdicts.Within({"memory, 1,000 devices x 30 days loaded", std::max(load_mib, idle_mib), "MiB",
                   Better::kLower},
                  kMemoryLimitMib, "400 MB");
  verdicts.Within({"start after a kill, the same", start_s, "s", Better::kLower}, kStartLimitS);
  return {};
}

}  // namespace energy::bench
