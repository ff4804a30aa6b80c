#include "report.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace energy::bench {
namespace {

[[gnu::format(printf, 2, 3)]] void Print(std::string& out, const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  out += text;
}

std::string Thousands(double value) {
  const std::string digits = std::to_string(static_cast<long long>(value + 0.5));
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

// The median over the runs of `amount` per million acknowledged publishes.
double PerMillion(const std::vector<Run>& runs, double Run::*amount) {
  std::vector<Run> scaled = runs;
  for (Run& run : scaled) run.*amount *= 1e6 / std::max(run.acknowledged, 1.0);
  return Median(scaled, amount);
}

void PrintThroughput(std::string& out, const std::vector<CaseRuns>& cases) {
  out +=
      "| connections x window | ours msg/s | Mosquitto + subscriber msg/s | ratio "
      "| Mosquitto alone msg/s | ours p50 / p99 ms | Mosquitto + subscriber p50 / p99 ms |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  for (const CaseRuns& runs : cases) {
    const double ours = Median(runs.ours, &Run::rate);
    const double peer = Median(runs.peer, &Run::rate);
    Print(out, "| %u x %u | %s | %s | %.2f | %s | %.2f / %.2f | %.2f / %.2f |\n",
          runs.shape.connections, runs.shape.window, Thousands(ours).c_str(),
          Thousands(peer).c_str(), ours / std::max(peer, 1.0),
          Thousands(Median(runs.peer_alone, &Run::rate)).c_str(), Median(runs.ours, &Run::p50_ms),
          Median(runs.ours, &Run::p99_ms), Median(runs.peer, &Run::p50_ms),
          Median(runs.peer, &Run::p99_ms));
  }
}

void PrintCost(std::string& out, const std::vector<CaseRuns>& cases) {
  out +=
      "\nProcessor seconds per million acknowledged publishes:\n\n"
      "| connections x window | our server | Mosquitto | generator at ours "
      "| generator at Mosquitto | its subscriber |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: |\n";
  for (const CaseRuns& runs : cases) {
    Print(out, "| %u x %u | %.2f | %.2f | %.2f | %.2f | %.2f |\n", runs.shape.connections,
          runs.shape.window, PerMillion(runs.ours, &Run::server_cpu_s),
          PerMillion(runs.peer, &Run::server_cpu_s), PerMillion(runs.ours, &Run::generator_cpu_s),
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
    Print(out, "| %u x %u | %.0f | %s | %s |\n", runs.shape.connections, runs.shape.window,
          Median(runs.ours, &Run::readings_per_commit),
          Thousands(Median(runs.ours, &Run::commits_per_s)).c_str(),
          Thousands(Median(runs.ours, &Run::disk_commits_per_s)).c_str());
  }
}

}  // namespace

double Median(const std::vector<Run>& runs, double Run::*member) {
  if (runs.empty()) return 0;
  std::vector<double> values;
  for (const Run& run : runs) values.push_back(run.*member);
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::string ToMarkdown(const std::vector<CaseRuns>& cases, const std::vector<Limit>& limits) {
  std::string out;
  PrintThroughput(out, cases);
  PrintCost(out, cases);
  PrintCommits(out, cases);
  out += "\nWhat the loopback gives at most:\n\n| limit | per second |\n";
  out += "| --- | ---: |\n";
  for (const Limit& limit : limits) {
    Print(out, "| %s | %s |\n", limit.what.c_str(), Thousands(limit.per_second).c_str());
  }
  return out;
}

}  // namespace energy::bench
