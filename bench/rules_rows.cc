/// What rules cost: a condition beside a plain loop over the same columns, a backtest beside the
/// scan of its column, ingest with 1000 rules beside ingest with none, and the time from a reading
/// to its stored alert.

#include <cstdio>
#include <vector>

#include "bench.h"
#include "platform_server.h"

namespace energy::bench {
namespace {

constexpr double kConditionTarget = 20;  // million conditions/s on a core
constexpr double kBacktestLimitMs = 300;
constexpr double kIngestShare = 0.9;
constexpr double kAlertLimitMs = 20;
constexpr unsigned kConnections = 500;
constexpr unsigned kWindow = 8;
constexpr unsigned kDevicesWithRules = 500;  // two rules each

base::Result<double> MillionsPerSecond(const BenchOptions& options, const std::string& name) {
  ENERGY_ASSIGN_OR_RETURN(const base::Json result,
                          RunBenchmark(options, "src/rules/rules_bench", name));
  return result["items_per_second"].get<double>() / 1e6;
}

base::Result<double> Milliseconds(const BenchOptions& options, const std::string& name) {
  ENERGY_ASSIGN_OR_RETURN(const base::Json result,
                          RunBenchmark(options, "src/rules/rules_bench", name));
  return result["real_time"].get<double>();
}

base::Status Conditions(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const double live, MillionsPerSecond(options, "BM_LiveConditions"));
  ENERGY_ASSIGN_OR_RETURN(const double one, MillionsPerSecond(options, "BM_ColumnConditions/1$"));
  ENERGY_ASSIGN_OR_RETURN(const double many,
                          MillionsPerSecond(options, "BM_ColumnConditions/250$"));
  ENERGY_ASSIGN_OR_RETURN(const double plain_one, MillionsPerSecond(options, "BM_PlainLoop/1$"));
  ENERGY_ASSIGN_OR_RETURN(const double plain_many, MillionsPerSecond(options, "BM_PlainLoop/250$"));
  std::printf(
      "\n## Conditions\n\nMillions a second on one core; none of them changes anything.\n\n"
      "| | conditions | plain loop over the columns |\n| --- | --- | --- |\n"
      "| batches of 1000 readings, four fields, 250 devices, a rule a field | %.0f | |\n"
      "| columns, four fields, a rule each | %.0f | %.0f |\n"
      "| columns, four fields, 250 rules each | %.0f | %.0f |\n",
      live, one, plain_one, many, plain_many);
  verdicts.Within({"conditions in live batches", live, "M/s"}, kConditionTarget);
  verdicts.Against({"conditions in columns, a rule a field", one, "M/s"}, "a plain loop", plain_one,
                   0.5);
  return {};
}

base::Status Backtest(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const double backtest, Milliseconds(options, "BM_Backtest90Days"));
  ENERGY_ASSIGN_OR_RETURN(const double scan, Milliseconds(options, "BM_Scan90Days"));
  std::printf(
      "\n## Backtest\n\n90 days at 5 s (1,555,200 readings), with its table of variants: %.0f ms; "
      "the scan of its column alone: %.0f ms.\n",
      backtest, scan);
  verdicts.Within({"backtest of 90 days at 5 s", backtest, "ms", Better::kLower}, kBacktestLimitMs);
  return {};
}

base::Result<double> Rate(const BenchOptions& options, PlatformServer& server,
                          const std::filesystem::path& folder) {
  server.process().AwaitIdle();
  ENERGY_ASSIGN_OR_RETURN(
      const base::Json json,
      RunLoad(options, folder,
              {"--port", std::to_string(server.mqtt_port()), "--connections",
               std::to_string(kConnections), "--window", std::to_string(kWindow), "--seconds",
               std::to_string(options.seconds)}));
  return json["rate"].get<double>();
}

base::Status Ingest(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options, "rules"));
  ENERGY_ASSIGN_OR_RETURN(const auto bare,
                          PlatformServer::Start(options.platform(), scratch.path() / "bare"));
  ENERGY_ASSIGN_OR_RETURN(const auto ruled,
                          PlatformServer::Start(options.platform(), scratch.path() / "ruled"));
  ENERGY_RETURN_IF_ERROR(bare->Furnish(kConnections, 0));
  ENERGY_RETURN_IF_ERROR(ruled->Furnish(kConnections, kDevicesWithRules));
  std::vector<double> without;
  std::vector<double> with;
  for (unsigned round = 0; round < options.rounds; ++round) {
    for (unsigned turn = 0; turn < 2; ++turn) {
      const bool rules = (round + turn) % 2 == 0;
      ENERGY_ASSIGN_OR_RETURN(const double rate,
                              Rate(options, rules ? *ruled : *bare, scratch.path()));
      (rules ? with : without).push_back(rate);
    }
  }
  std::printf(
      "\n## Ingest with rules\n\nQoS 1, %u x %u: %s readings/s with 1000 rules, %s with none.\n",
      kConnections, kWindow, Thousands(Median(with)).c_str(), Thousands(Median(without)).c_str());
  verdicts.Against({"ingest with 1000 rules", Median(with), "/s"}, "the same without rules",
                   Median(without), kIngestShare);
  return {};
}

base::Status Alerts(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const base::Json result, RunBenchmark(options, "src/alerts/alerts_bench",
                                                                "BM_PublishToStoredAlert"));
  const double p50 = result["p50_ms"];
  const double p99 = result["p99_ms"];
  std::printf(
      "\n## From a reading to its stored alert\n\n10,000 readings/s, 1000 rules, %.0f alerts: p50 "
      "%.1f ms, p99 %.1f ms from the hand-over to the committer until the alert is in SQLite.\n",
      result["alerts"].get<double>(), p50, p99);
  verdicts.Within({"reading to stored alert, p99", p99, "ms", Better::kLower}, kAlertLimitMs);
  return {};
}

}  // namespace

base::Status BenchRules(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_RETURN_IF_ERROR(Conditions(options, verdicts));
  ENERGY_RETURN_IF_ERROR(Backtest(options, verdicts));
  ENERGY_RETURN_IF_ERROR(Alerts(options, verdicts));
  return Ingest(options, verdicts);
}

}  // namespace energy::bench
