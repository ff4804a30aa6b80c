#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace energy::bench {

/// How many connections, and how many publishes each may have unacknowledged.
struct Case {
  unsigned connections = 1;
  unsigned window = 1;
};

/// One run of the load generator against one server.
struct Run {
  double acknowledged = 0;
  double rate = 0;  ///< acknowledged publishes per second
  double p50_ms = 0;
  double p99_ms = 0;
  double generator_cpu_s = 0;
  double subscriber_cpu_s = 0;
  double server_cpu_s = 0;  ///< with all work that the run left behind
  // The platform only.
  double commits_per_s = 0;  ///< group commits, each with one fdatasync
  double readings_per_commit = 0;
  double disk_commits_per_s = 0;  ///< what the disk gave right after: the same bytes, synced
};

/// The runs of one case, in rounds.
struct CaseRuns {
  Case shape;
  std::vector<Run> ours;
  std::vector<Run> peer;        ///< Mosquitto with one subscriber
  std::vector<Run> peer_alone;  ///< Mosquitto without any
};

/// One row of the machine's limits.
struct Limit {
  std::string what;
  double per_second = 0;
};

/// The median of `member` over `runs`.
double Median(const std::vector<Run>& runs, double Run::*member);
/// The median of `amount` per million acknowledged publishes.
double PerMillion(const std::vector<Run>& runs, double Run::*amount);

/// The results as Markdown tables.
std::string ToMarkdown(const std::vector<CaseRuns>& cases, const std::vector<Limit>& limits);

}  // namespace energy::bench
