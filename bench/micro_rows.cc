/// Targets that a bench beside the modules measures: it is run here and its figure taken over.

#include <cstdio>

#include "base/json.h"
#include "bench.h"
#include "child_process.h"

namespace energy::bench {
namespace {

constexpr double kReadingLimitUs = 1.5;
constexpr double kScanTarget = 150;  // million values/s

}  // namespace

base::Result<base::Json> RunBenchmark(const BenchOptions& options, const std::string& program,
                                      const std::string& name) {
  ENERGY_ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options, "micro"));
  const std::filesystem::path out = scratch.path() / "out.json";
  ENERGY_ASSIGN_OR_RETURN(
      ChildProcess run,
      ChildProcess::Start({(options.build / program).string(), "--benchmark_filter=^" + name,
                           "--benchmark_out=" + out.string(), "--benchmark_out_format=json"},
                          scratch.path() / "log"));
  ENERGY_RETURN_IF_ERROR(run.Finish(std::chrono::seconds(120)).status());
  const auto results = base::Json::parse(ReadFile(out))["benchmarks"];
  if (results.empty() || results[0].value("error_occurred", false)) {
    return base::Unavailable(program + " measured nothing as " + name);
  }
  return results[0];
}

base::Status BenchReading(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const base::Json result,
                          RunBenchmark(options, "bench/pipeline_bench", "BM_Reading/"));
  const double us = 1e6 / result["items_per_second"].get<double>();
  std::printf(
      "\n## One reading behind the socket\n\nParse, validate, append, seal, ten rules: %.2f us of "
      "processor time.\n",
      us);
  verdicts.Within({"one reading behind the socket, 10 rules", us, "us", Better::kLower},
                  kReadingLimitUs);
  return {};
}

base::Status BenchScan(const BenchOptions& options, Verdicts& verdicts) {
  // Four fields of sealed readings, summed, on one thread.
  ENERGY_ASSIGN_OR_RETURN(const base::Json result,
                          RunBenchmark(options, "src/series/series_bench", "ScanAndAggregate/4"));
  const double millions = result["values/s"].get<double>() / 1e6;
  std::printf("\n## Scan of raw readings\n\n%.0f million values/s on one core.\n", millions);
  verdicts.Within({"scan aggregating raw readings", millions, "M values/s"}, kScanTarget);
  return {};
}

}  // namespace energy::bench
