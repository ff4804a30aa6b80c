#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "verdicts.h"

/// The benches of platform_bench, one function a name of `./dev bench`. Each starts the servers it
/// needs on free ports and in a folder of its own, prints its tables and adds its verdicts.
namespace energy::bench {

struct BenchOptions {
  double seconds = 2;      ///< length of one run under load
  unsigned interval = 60;  ///< seconds between readings of a device of the fleet
  unsigned rounds = 3;     ///< runs of each kind; medians count
  std::filesystem::path folder = "build/bench-data";  ///< on the disk that is to be measured
  std::filesystem::path build = "build/release";      ///< where the programs are

  std::string platform() const { return (build / "energy-platform").string(); }
  std::string load() const { return (build / "bench/mqtt_load").string(); }
  std::string bridge() const { return (build / "bench/mqtt_bridge").string(); }
};

/// An empty folder, removed with the object.
class Scratch {
 public:
  /// Errors: kUnavailable.
  static base::Result<Scratch> Make(const BenchOptions& options, const std::string& name);
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit Scratch(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// One run of mqtt_load with these options; what it printed. Errors: kUnavailable, also when the
/// server lost a connection or did not acknowledge all.
base::Result<base::Json> RunLoad(const BenchOptions& options, const std::filesystem::path& folder,
                                 const std::vector<std::string>& arguments);

/// The result of one benchmark of a program, which --benchmark_filter=^`name` names. Errors:
/// kUnavailable.
base::Result<base::Json> RunBenchmark(const BenchOptions& options, const std::string& program,
                                      const std::string& name);

base::Status BenchIngest(const BenchOptions& options, Verdicts& verdicts);
base::Status BenchBatches(const BenchOptions& options, Verdicts& verdicts);
base::Status BenchLatency(const BenchOptions& options, Verdicts& verdicts);
base::Status BenchBackup(const BenchOptions& options, Verdicts& verdicts);
base::Status BenchStore(const BenchOptions& options, Verdicts& verdicts);
base::Status BenchYear(const BenchOptions& options, Verdicts& verdicts);
base::Status BenchFleet(const BenchOptions& options, Verdicts& verdicts);
base::Status BenchConnections(const BenchOptions& options, Verdicts& verdicts);
base::Status BenchReading(const BenchOptions& options, Verdicts& verdicts);
base::Status BenchApi(const BenchOptions& options, Verdicts& verdicts);
base::Status BenchSql(const BenchOptions& options, Verdicts& verdicts);
base::Status BenchStream(const BenchOptions& options, Verdicts& verdicts);
base::Status BenchScan(const BenchOptions& options, Verdicts& verdicts);
base::Status BenchRules(const BenchOptions& options, Verdicts& verdicts);

}  // namespace energy::bench
