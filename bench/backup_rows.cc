/// What a backup costs the devices that publish meanwhile: acknowledgements at half of the highest
/// rate, without a backup and while one follows the other.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

#include "bench.h"
#include "child_process.h"
#include "dataset.h"
#include "platform_server.h"

namespace energy::bench {
namespace {

constexpr unsigned kConnections = 50;
constexpr unsigned kWindow = 16;
constexpr double kTimes = 2;

class BackupBench {
 public:
  BackupBench(const BenchOptions& options, const std::filesystem::path& folder)
      : options_(options), folder_(folder) {}

  base::Status Execute(Verdicts& verdicts);

 private:
  base::Result<base::Json> Load(unsigned window, double rate) const;
  base::Result<double> P99UnderBackups(double rate);

  const BenchOptions& options_;
  const std::filesystem::path folder_;
  std::unique_ptr<PlatformServer> server_;
  unsigned backups_ = 0;
};

base::Result<base::Json> BackupBench::Load(unsigned window, double rate) const {
  return RunLoad(options_, folder_,
                 {"--port", std::to_string(server_->mqtt_port()), "--connections",
                  std::to_string(kConnections), "--window", std::to_string(window), "--rate",
                  std::to_string(rate), "--seconds", std::to_string(options_.seconds)});
}

base::Result<double> BackupBench::P99UnderBackups(double rate) {
  std::atomic<bool> stop = false;
  base::Status status;
  std::thread backups([&] {
    while (status.ok() && !stop) {
      const std::filesystem::path destination = folder_ / ("backup" + std::to_string(backups_));
      auto backup = ChildProcess::Start({options_.platform(), "backup", destination.string(),
                                         "--data-dir", (folder_ / "platform").string()},
                                        folder_ / "backup.log");
      status = backup.ok() ? backup->Finish(std::chrono::seconds(60)).status() : backup.status();
      ++backups_;
      std::filesystem::remove_all(destination);
    }
  });
  const auto run = Load(10 * kWindow, rate);
  stop = true;
  backups.join();
  ENERGY_RETURN_IF_ERROR(status);
  ENERGY_RETURN_IF_ERROR(run.status());
  return (*run)["p99_ms"].get<double>();
}

base::Status BackupBench::Execute(Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(server_,
                          PlatformServer::Start(options_.platform(), folder_ / "platform"));
  ENERGY_RETURN_IF_ERROR(server_->Furnish(kConnections, kConnections));
  // Something to back up.
  const DataSet data = DataSet::UpTo(base::SystemClock().Now(), kConnections, std::chrono::days(30),
                                     std::chrono::seconds(30));
  ENERGY_RETURN_IF_ERROR(PostAll(*server_, data, 2));
  std::vector<double> rates;
  std::vector<double> alone;
  std::vector<double> during;
  for (unsigned round = 0; round < options_.rounds; ++round) {
    ENERGY_ASSIGN_OR_RETURN(const base::Json fastest, Load(kWindow, 0));
    const double rate = fastest["rate"].get<double>() / 2;
    ENERGY_ASSIGN_OR_RETURN(const base::Json quiet, Load(10 * kWindow, rate));
    ENERGY_ASSIGN_OR_RETURN(during.emplace_back(), P99UnderBackups(rate));
    rates.push_back(rate);
    alone.push_back(quiet["p99_ms"]);
  }
  std::printf(
      "\n## Backup while ingesting\n\nAt %s readings/s, half of the highest rate: PUBACK p99 %.2f "
      "ms, "
      "and %.2f ms while %u backups were made.\n",
      Thousands(Median(rates)).c_str(), Median(alone), Median(during), backups_);
  verdicts.Within(
      {"PUBACK p99 during backups, at half speed", Median(during), "ms", Better::kLower},
      kTimes * Median(alone), "2 x the same without a backup");
  return {};
}

}  // namespace

base::Status BenchBackup(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options, "backup"));
  return BackupBench(options, scratch.path()).Execute(verdicts);
}

}  // namespace energy::bench
