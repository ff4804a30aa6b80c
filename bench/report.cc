#include "report.h"

#include <algorithm>

#include "verdicts.h"

namespace energy::bench {
namespace {

void PrintThroughput(std::string& out, const std::vector<CaseRuns>& cases) {
  out +=
      "| connections x window | ours msg/s | Mosquitto + subscriber msg/s | ratio "
      "| Mosquitto alone msg/s | ours p50 / p99 ms | Mosquitto + subscriber p50 / p99 ms |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  for (const CaseRuns& runs : cases) {
    const double ours = Median(runs.ours, &Run::rate);
    const double peer = Median(runs.peer, &Run::rate);
    out += Format("| %u x %u | %s | %s | %.2f | %s | %.2f / %.2f | %.2f / %.2f |\n",
                  runs.shape.connections, runs.shape.window, Thousands(ours).c_str(),
                  Thousands(peer).c_str(), ours / std::max(peer, 1.0),
                  Thousands(Median(runs.peer_alone, &Run::rate)).c_str(),
                  Median(runs.ours, &Run::p50_ms), Median(runs.ours, &Run::p99_ms),
                  Median(runs.peer, &Run::p50_ms), Median(runs.peer, &Run::p99_ms));
  }
}

void PrintCost(std::string& out, const std::vector<CaseRuns>& cases) {
  out +=
      "\nProcessor seconds per million acknowledged publishes:\n\n"
      "| connections x window | our server | Mosquitto | generator at ours "
      "| generator at Mosquitto | its subscriber |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: |\n";
  for (const CaseRuns& runs : cases) {
    out += Format("| %u x %u | %.2f | %.2f | %.2f | %.2f | %.2f |\n", runs.shape.connections,
                  runs.shape.window, PerMillion(runs.ours, &Run::server_cpu_s),
                  PerMillion(runs.peer, &Run::server_cpu_s),
                  PerMillion(runs.ours, &Run::generator_cpu_s),
                  PerMillion(runs.peer, &Run::generator_cpu_s),
                  PerMillion(runs.peer, &Run::subscriber_cpu_s));
  }
}

void PrintCommits(std::string& out, const std::vector<CaseRuns>& cases) {
  out +=
      "\nOur group commits, one fdatasync each, beside what the disk gave right after for the same "
      "bytes:\n\n"
      "| connections x window | readings per commit | our commits/s | the disk's fdatasync/s |\n"
      "| --- | ---: | ---: | ---: |\n";
  for (const CaseRuns& runs : cases) {
    out += Format("| %u x %u | %.0f | %s | %s |\n", runs.shape.connections, runs.shape.window,
                  Median(runs.ours, &Run::readings_per_commit),
                  Thousands(Median(runs.ours, &Run::commits_per_s)).c_str(),
                  Thousands(Median(runs.ours, &Run::disk_commits_per_s)).c_str());
  }
}

}  // namespace

double PerMillion(const std::vector<Run>& runs, double Run::*amount) {
  std::vector<Run> scaled = runs;
  for (Run& run : scaled) run.*amount *= 1e6 / std::max(run.acknowledged, 1.0);
  return Median(scaled, amount);
}

double Median(const std::vector<Run>& runs, double Run::*member) {
  std::vector<double> values;
  for (const Run& run : runs) values.push_back(run.*member);
  return Median(std::move(values));
}

std::string ToMarkdown(const std::vector<CaseRuns>& cases, const std::vector<Limit>& limits) {
  std::string out;
  PrintThroughput(out, cases);
  PrintCost(out, cases);
  PrintCommits(out, cases);
  out += "\nWhat the loopback gives at most:\n\n| limit | per second |\n";
  out += "| --- | ---: |\n";
  for (const Limit& limit : limits) {
    out += Format("| %s | %s |\n", limit.what.c_str(), Thousands(limit.per_second).c_str());
  }
  return out;
}

}  // namespace energy::bench
