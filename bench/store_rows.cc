/// What the platform, InfluxDB and VictoriaMetrics make of the same readings: bulk load over HTTP,
/// bytes on disk, and the time of queries.

#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>

#include "bench.h"
#include "dataset.h"
#include "influx_server.h"
#include "platform_server.h"
#include "socket.h"
#include "victoria_server.h"

namespace energy::bench {
namespace {

constexpr unsigned kConnections = 2;
constexpr unsigned kQueries = 30;
constexpr std::chrono::hours kDay{24};
constexpr std::chrono::seconds kSettled{10};  // without a change; longer than what kArchive waits
constexpr double kMeanTolerance = 0.01;       // relative; the peers cut hours at different readings
const char* const kField = "voltage";
// Raw readings of a year are kept, and sealed soon after the load so that their size is known.
const ChildProcess::Environment kArchive{{"ENERGY_SERIES__SEAL_AGE_S", "5"},
                                         {"ENERGY_SERIES__RETENTION_DAYS", "0"},
                                         {"ENERGY_SERIES__HOURLY_RETENTION_DAYS", "0"},
                                         {"ENERGY_SERIES__DAILY_RETENTION_DAYS", "0"}};

// One server and what was measured of it.
struct Subject {
  std::unique_ptr<TimeSeriesServer> server;
  double load_rate = 0;    // readings/s
  double load_cpu_us = 0;  // of the server's processor time, a reading
  double bytes = 0;        // on disk, a reading
  double peak_mib = 0;     // while loading
  std::vector<double> raw_ms;
  std::vector<double> mean_ms;
  std::vector<double> means;  // of the last query
};

using Subjects = std::vector<Subject>;  // the platform first

base::Result<Subjects> StartAll(const BenchOptions& options, const std::filesystem::path& folder,
                                const DataSet& data) {
  Subjects subjects(3);
  ENERGY_ASSIGN_OR_RETURN(auto ours,
                          PlatformServer::Start(options.platform(), folder / "platform", kArchive));
  ENERGY_RETURN_IF_ERROR(ours->Furnish(data.devices, 0));
  subjects[0].server = std::move(ours);
  ENERGY_ASSIGN_OR_RETURN(subjects[1].server, VictoriaServer::Start(folder / "victoria"));
  ENERGY_ASSIGN_OR_RETURN(subjects[2].server, InfluxServer::Start(folder / "influx"));
  return subjects;
}

// The bodies for each connection; a device stays on one.
std::vector<std::vector<std::string>> Bodies(const DataSet& data) {
  std::vector<std::vector<std::string>> bodies;
  const unsigned connections = std::min(kConnections, data.devices);
  for (unsigned i = 0; i < connections; ++i) {
    LineStream lines(data, data.devices * i / connections + 1,
                     data.devices * (i + 1) / connections);
    bodies.emplace_back();
    for (std::string body; lines.Next(body);) bodies.back().push_back(body);
  }
  return bodies;
}

base::Status Load(Subject& subject, const DataSet& data,
                  const std::vector<std::vector<std::string>>& bodies) {
  const double cpu = subject.server->process().CpuSeconds();
  const uint64_t start = NowNs();
  ENERGY_RETURN_IF_ERROR(WriteOver(*subject.server, static_cast<unsigned>(bodies.size()),
                                   [&](unsigned connection, const PostLines& post) {
                                     base::Status status;
                                     for (const std::string& body : bodies[connection]) {
                                       if (status = post(body); !status.ok()) break;
                                     }
                                     return status;
                                   }));
  const double seconds = static_cast<double>(NowNs() - start) / 1e9;
  const auto readings = static_cast<double>(data.readings());
  subject.load_rate = readings / seconds;
  subject.server->process().AwaitIdle();
  subject.load_cpu_us = (subject.server->process().CpuSeconds() - cpu) / readings * 1e6;
  subject.peak_mib = subject.server->process().PeakMebibytes();
  ENERGY_ASSIGN_OR_RETURN(const double bytes, SettledBytes(*subject.server, kSettled));
  subject.bytes = bytes / readings;
  std::cerr << subject.server->name() << ": " << Thousands(subject.load_rate) << " readings/s, "
            << Format("%.2f bytes a reading\n", subject.bytes);
  return {};
}

base::Status LoadAll(Subjects& subjects, const DataSet& data) {
  std::cerr << "making " << Thousands(static_cast<double>(data.readings())) << " readings\n";
  const auto bodies = Bodies(data);
  for (Subject& subject : subjects) ENERGY_RETURN_IF_ERROR(Load(subject, data, bodies));
  return {};
}

base::Result<std::string> Timed(http::Client& client, Recipe recipe, std::vector<double>& times) {
  const uint64_t start = NowNs();
  auto answer = Cook(client, std::move(recipe));
  times.push_back(static_cast<double>(NowNs() - start) / 1e6);
  return answer;
}

base::Status QueryRaw(Subject& subject, http::Client& client, const Span& span, size_t expected) {
  ENERGY_ASSIGN_OR_RETURN(const std::string answer,
                          Timed(client, subject.server->Raw(span), subject.raw_ms));
  const size_t count = subject.server->CountReadings(answer);
  if (count == expected) return {};
  return base::Internal(subject.server->name() + " has " + std::to_string(count) + " of " +
                        std::to_string(expected) + " readings");
}

base::Status QueryMeans(Subject& subject, http::Client& client, const Span& span) {
  ENERGY_ASSIGN_OR_RETURN(const std::string answer,
                          Timed(client, subject.server->HourlyMean(span, kField), subject.mean_ms));
  subject.means = subject.server->Means(answer);
  return {};
}

// The answers mean nothing when they differ.
base::Status CompareMeans(const Subjects& subjects, size_t hours) {
  for (const Subject& subject : subjects) {
    const std::vector<double>& means = subject.means;
    if (means.size() != hours) {
      return base::Internal(subject.server->name() + " answered " + std::to_string(means.size()) +
                            " of " + std::to_string(hours) + " hours");
    }
    for (size_t i = 0; i < hours; ++i) {
      if (std::abs(means[i] / subjects[0].means[i] - 1) > kMeanTolerance) {
        return base::Internal(subject.server->name() +
                              Format(" has %f as mean, we %f", means[i], subjects[0].means[i]));
      }
    }
  }
  return {};
}

// Rounds in which every server answers the same: the state of the machine is the same for all.
base::Status QueryAll(Subjects& subjects, const DataSet& data, unsigned queries, bool raw) {
  std::vector<http::Client> clients;
  for (const Subject& subject : subjects) {
    clients.emplace_back("127.0.0.1", subject.server->http_port(), std::chrono::seconds(60));
  }
  const auto days = static_cast<unsigned>((data.end - data.start) / kDay);
  for (unsigned i = 0; i < queries; ++i) {
    const std::string device = data.prefix + std::to_string(i % data.devices + 1);
    const base::Timestamp day = data.start + kDay * (i * 7 % days);
    for (size_t s = 0; s < subjects.size(); ++s) {
      if (raw) {
        ENERGY_RETURN_IF_ERROR(QueryRaw(subjects[s], clients[s], {device, day, day + kDay},
                                        static_cast<size_t>(kDay / data.interval)));
      }
      ENERGY_RETURN_IF_ERROR(QueryMeans(subjects[s], clients[s], {device, data.start, data.end}));
    }
    ENERGY_RETURN_IF_ERROR(CompareMeans(subjects, size_t{days} * 24));
  }
  return {};
}

void PrintTable(const char* title, const Subjects& subjects) {
  std::printf(
      "\n## %s\n\n| | readings/s loaded | processor us a reading | bytes a reading | 24 h raw p50 "
      "ms "
      "| hourly mean p50 ms | peak MiB, loading |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: "
      "|\n",
      title);
  for (const Subject& subject : subjects) {
    std::printf("| %s | %s | %.2f | %.2f | %.1f | %.2f | %.0f |\n", subject.server->name().c_str(),
                Thousands(subject.load_rate).c_str(), subject.load_cpu_us, subject.bytes,
                Median(subject.raw_ms), Median(subject.mean_ms), subject.peak_mib);
  }
}

void JudgeMeans(const Subjects& subjects, const std::string& what, double limit_ms,
                Verdicts& verdicts) {
  const Figure figure{"hourly mean, " + what + ", p50", Median(subjects[0].mean_ms), "ms",
                      Better::kLower};
  verdicts.Within(figure, limit_ms);
  for (size_t s = 1; s < subjects.size(); ++s) {
    verdicts.Against(figure, subjects[s].server->name(), Median(subjects[s].mean_ms), 1);
  }
}

void JudgeStore(const Subjects& subjects, Verdicts& verdicts) {
  const Subject& ours = subjects[0];
  const Subject& victoria = subjects[1];
  const Subject& influx = subjects[2];
  const Figure load{"bulk load, 5,000 lines a request", ours.load_rate, "/s"};
  verdicts.Against(load, victoria.server->name(), victoria.load_rate, 2);
  verdicts.Against(load, influx.server->name(), influx.load_rate, 1);
  const Figure bytes{"bytes on disk a reading", ours.bytes, "", Better::kLower};
  verdicts.Within(bytes, 6.0, "the entropy is near 5");
  verdicts.Against(bytes, victoria.server->name(), victoria.bytes, 1);
  verdicts.Against(bytes, influx.server->name(), influx.bytes, 1);
  const Figure raw{"24 h raw, four fields, p50", Median(ours.raw_ms), "ms", Better::kLower};
  verdicts.Within(raw, 5);
  verdicts.Against(raw, victoria.server->name(), Median(victoria.raw_ms), 2);
  verdicts.Against(raw, influx.server->name(), Median(influx.raw_ms), 7);
  JudgeMeans(subjects, "30 days", 2, verdicts);
}

}  // namespace

base::Status BenchStore(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options, "store"));
  const DataSet data =
      DataSet::UpTo(base::SystemClock().Now(), 10, std::chrono::days(30), std::chrono::seconds(5));
  ENERGY_ASSIGN_OR_RETURN(Subjects subjects, StartAll(options, scratch.path(), data));
  ENERGY_RETURN_IF_ERROR(LoadAll(subjects, data));
  ENERGY_RETURN_IF_ERROR(QueryAll(subjects, data, kQueries, /*raw=*/true));
  PrintTable("10 devices, 30 days, a reading every 5 s", subjects);
  JudgeStore(subjects, verdicts);
  return {};
}

base::Status BenchYear(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options, "year"));
  const DataSet data =
      DataSet::UpTo(base::SystemClock().Now(), 1, std::chrono::days(365), std::chrono::seconds(5));
  ENERGY_ASSIGN_OR_RETURN(Subjects subjects, StartAll(options, scratch.path(), data));
  ENERGY_RETURN_IF_ERROR(LoadAll(subjects, data));
  ENERGY_RETURN_IF_ERROR(QueryAll(subjects, data, kQueries / 2, /*raw=*/true));
  PrintTable("1 device, one year, a reading every 5 s", subjects);
  JudgeMeans(subjects, "one year", 5, verdicts);
  return {};
}

}  // namespace energy::bench
