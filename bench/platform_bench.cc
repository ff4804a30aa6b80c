/// platform_bench: the whole platform beside its peers. See README.md; ./dev bench runs it.

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench.h"
#include "child_process.h"

namespace energy::bench {
namespace {

struct Named {
  std::string name;
  base::Status (*run)(const BenchOptions&, Verdicts&);
};

const std::vector<Named> kBenches{
    {"ingest", BenchIngest},   {"batches", BenchBatches},
    {"latency", BenchLatency}, {"backup", BenchBackup},
    {"store", BenchStore},     {"year", BenchYear},
    {"fleet", BenchFleet},     {"connections", BenchConnections},
    {"reading", BenchReading}, {"scan", BenchScan},
    {"api", BenchApi},         {"sql", BenchSql},
    {"stream", BenchStream},   {"rules", BenchRules},
};

bool Run(const Named& bench, const BenchOptions& options, Verdicts& verdicts) {
  std::cerr << "==> " << bench.name << "\n";
  const base::Status status = bench.run(options, verdicts);
  if (status.ok()) return true;
  std::cerr << "platform_bench: " << bench.name << ": " << status.message() << "\n";
  return false;
}

int Main(int argc, char** argv) {
  CLI::App app{"The platform beside its peers; run from the root of the repository"};
  BenchOptions options;
  std::vector<std::string> known;
  for (const Named& bench : kBenches) known.push_back(bench.name);
  std::vector<std::string> names;
  app.add_option("names", names, "which benches; all without a name")->check(CLI::IsMember(known));
  app.add_option("--seconds", options.seconds, "length of a run under load")
      ->check(CLI::Range(0.5, 60.0))
      ->capture_default_str();
  app.add_option(
         "--interval", options.interval,
         "seconds between the readings of a device of the fleet; at 5 there are 518 million")
      ->check(CLI::Range(1, 3'600))
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "runs of each kind; medians count")
      ->check(CLI::Range(1, 20))
      ->capture_default_str();
  app.add_option("--folder", options.folder, "on the disk that is to be measured")
      ->capture_default_str();
  app.add_option("--build", options.build, "where the programs are")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  bool ran = true;
  Verdicts verdicts;
  for (const Named& bench : kBenches) {
    if (!names.empty() && std::find(names.begin(), names.end(), bench.name) == names.end()) {
      continue;
    }
    ran = Run(bench, options, verdicts) && ran;
  }
  std::printf("\n## Targets\n\n%s", verdicts.ToMarkdown().c_str());
  // A target that is missed is a finding, not a failure of the bench.
  return ran ? 0 : 1;
}

}  // namespace

base::Result<Scratch> Scratch::Make(const BenchOptions& options, const std::string& name) {
  const std::filesystem::path path = options.folder / name;
  std::error_code error;
  std::filesystem::remove_all(path, error);
  std::filesystem::create_directories(path, error);
  if (error) return base::Unavailable("cannot write the folder " + path.string());
  return Scratch(path);
}

Scratch::~Scratch() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

base::Result<base::Json> RunLoad(const BenchOptions& options, const std::filesystem::path& folder,
                                 const std::vector<std::string>& arguments) {
  std::vector<std::string> command{options.load()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  ENERGY_ASSIGN_OR_RETURN(ChildProcess load, ChildProcess::Start(command, folder / "load.json"));
  ENERGY_ASSIGN_OR_RETURN(const std::string output, load.Finish(std::chrono::seconds(90)));
  return base::Json::parse(output);
}

}  // namespace energy::bench

int main(int argc, char** argv) { return energy::bench::Main(argc, argv); }
