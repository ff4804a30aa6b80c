/// Read-only SQL over the engine's readings beside DuckDB over a table of its own, and what runaway
/// statements cost the devices that publish meanwhile.

#include <cmath>
#include <cstdio>
#include <iostream>
#include <thread>

#include "base/time_text.h"
#include "bench.h"
#include "dataset.h"
#include "plain_duckdb.h"
#include "platform_server.h"
#include "socket.h"

namespace energy::bench {
namespace {

constexpr unsigned kDevices = 10;
constexpr std::chrono::days kDays{6};  // of a reading every 5 s: 1,036,800
constexpr unsigned kQueries = 20;
constexpr double kTolerance = 1e-9;  // relative; sums are added up in another order
constexpr double kTimesPlain = 2;
constexpr double kIngestShare = 0.8;
constexpr unsigned kRunaways = 2;  // as many as may run at a time
constexpr unsigned kConnections = 50;

struct Statement {
  const char* what;
  std::string sql;
  bool judged;  // is the one that the target is about
  std::vector<double> ours_ms;
  std::vector<double> plain_ms;
};

std::vector<Statement> Statements(const DataSet& data) {
  const std::string day = base::FormatTimestamp(data.start + std::chrono::hours(24));
  const std::string next = base::FormatTimestamp(data.start + std::chrono::hours(48));
  const auto make = [](const char* what, std::string sql, bool judged) {
    return Statement{what, std::move(sql), judged, {}, {}};
  };
  return {
      make("no table", "SELECT 1", false),
      make("mean of one field", "SELECT avg(power) FROM telemetry", false),
      make("mean and greatest by device",
           "SELECT device_id, avg(power), max(temperature), count(*) FROM telemetry GROUP BY "
           "device_id ORDER BY device_id",
           true),
      make("hourly mean by device",
           "SELECT device_id, epoch(time_bucket(INTERVAL 1 HOUR, time)) AS hour, avg(power) FROM "
           "telemetry GROUP BY ALL ORDER BY ALL",
           false),
      make("one device, one day",
           "SELECT avg(power), max(power) FROM telemetry WHERE device_id = 'D3' AND time >= '" +
               day + "' AND time < '" + next + "'",
           false),
  };
}

Recipe Ask(const PlatformServer& server, const std::string& sql) {
  return {http::Method::kPost,
          "/api/data/query",
          base::Json{{"sql", sql}}.dump(),
          {{"Authorization", server.authorization()}}};
}

// All values, as PlainDuckDb::Query gives them.
std::vector<double> ValuesOf(const std::string& answer) {
  std::vector<double> values;
  const base::Json rows = base::Json::parse(answer)["data"]["rows"];
  for (const base::Json& row : rows) {
    for (const base::Json& value : row) {
      values.push_back(value.is_string() ? static_cast<double>(value.get<std::string>().size())
                                         : value.get<double>());
    }
  }
  return values;
}

base::Status Compare(const Statement& statement, const std::vector<double>& ours,
                     const std::vector<double>& plain) {
  bool same = ours.size() == plain.size() && !ours.empty();
  for (size_t i = 0; same && i < ours.size(); ++i) {
    same = std::abs(ours[i] - plain[i]) <= kTolerance * std::abs(plain[i]);
  }
  if (same) return {};
  return base::Internal(std::string("the answers differ: ") + statement.what);
}

// Rounds in which both answer the same: the state of the machine is the same for both.
base::Status Measure(const PlatformServer& server, const PlainDuckDb& plain,
                     std::vector<Statement>& statements) {
  http::Client client("127.0.0.1", server.http_port(), std::chrono::seconds(60));
  ENERGY_RETURN_IF_ERROR(Cook(client, Ask(server, "SELECT 1")).status());
  for (unsigned i = 0; i < kQueries; ++i) {
    for (Statement& statement : statements) {
      const uint64_t begin = NowNs();
      ENERGY_ASSIGN_OR_RETURN(const std::string answer, Cook(client, Ask(server, statement.sql)));
      const uint64_t middle = NowNs();
      ENERGY_ASSIGN_OR_RETURN(const std::vector<double> theirs, plain.Query(statement.sql));
      const uint64_t end = NowNs();
      ENERGY_RETURN_IF_ERROR(Compare(statement, ValuesOf(answer), theirs));
      statement.ours_ms.push_back(static_cast<double>(middle - begin) / 1e6);
      statement.plain_ms.push_back(static_cast<double>(end - middle) / 1e6);
    }
  }
  return {};
}

base::Status Aggregates(PlatformServer& server, Verdicts& verdicts) {
  const DataSet data =
      DataSet::UpTo(base::SystemClock().Now(), kDevices, kDays, std::chrono::seconds(5));
  ENERGY_RETURN_IF_ERROR(PostAll(server, data, 2));
  PlainDuckDb plain;
  ENERGY_RETURN_IF_ERROR(plain.Load(data));
  server.process().AwaitIdle();
  std::vector<Statement> statements = Statements(data);
  ENERGY_RETURN_IF_ERROR(Measure(server, plain, statements));
  std::printf(
      "\n## SQL over %s readings of %u devices\n\n| statement | ours p50 ms | DuckDB p50 ms | "
      "ratio "
      "|\n| --- | ---: | ---: | ---: |\n",
      Thousands(static_cast<double>(data.readings())).c_str(), kDevices);
  for (const Statement& statement : statements) {
    const double ours = Median(statement.ours_ms);
    const double theirs = Median(statement.plain_ms);
    std::printf("| %s | %.1f | %.1f | %.2f |\n", statement.what, ours, theirs, ours / theirs);
    if (!statement.judged) continue;
    verdicts.Against({"SQL: " + std::string(statement.what) + " of 1 M readings, p50", ours, "ms",
                      Better::kLower},
                     "DuckDB on its own table", theirs, 1 / kTimesPlain);
  }
  return {};
}

base::Result<double> IngestRate(const BenchOptions& options, const PlatformServer& server,
                                const std::filesystem::path& folder) {
  ENERGY_ASSIGN_OR_RETURN(const base::Json run,
                          RunLoad(options, folder,
                                  {"--port", std::to_string(server.mqtt_port()), "--connections",
                                   std::to_string(kConnections), "--window", "16", "--seconds",
                                   std::to_string(options.seconds)}));
  return run["rate"].get<double>();
}

// Statements that end only because the client leaves, or by their limit.
base::Result<std::vector<Socket>> StartRunaways(const PlatformServer& server) {
  const Recipe recipe = Ask(server, "SELECT count(*) FROM range(1000000000000)");
  std::vector<Socket> sockets;
  for (unsigned i = 0; i < kRunaways; ++i) {
    ENERGY_ASSIGN_OR_RETURN(Socket socket, Socket::Connect(server.http_port()));
    ENERGY_RETURN_IF_ERROR(socket.SendAll(
        "POST " + recipe.target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json" +
        "\r\nAuthorization: " + server.authorization() +
        "\r\nContent-Length: " + std::to_string(recipe.body.size()) + "\r\n\r\n" + recipe.body));
    sockets.push_back(std::move(socket));
  }
  // They run for a while before the load begins, so that they have the priority they keep.
  std::this_thread::sleep_for(std::chrono::seconds(1));
  return sockets;
}

base::Status Runaways(const BenchOptions& options, PlatformServer& server,
                      const std::filesystem::path& folder, Verdicts& verdicts) {
  std::vector<double> alone;
  std::vector<double> beside;
  for (unsigned round = 0; round < options.rounds; ++round) {
    for (const bool first : {true, false}) {
      if (first == (round % 2 == 0)) {
        ENERGY_ASSIGN_OR_RETURN(alone.emplace_back(), IngestRate(options, server, folder));
      } else {
        ENERGY_ASSIGN_OR_RETURN(const std::vector<Socket> statements, StartRunaways(server));
        ENERGY_ASSIGN_OR_RETURN(beside.emplace_back(), IngestRate(options, server, folder));
      }
      server.process().AwaitIdle();
    }
  }
  std::printf(
      "\n## Ingest beside %u runaway statements\n\n%s readings/s alone, %s beside them; medians of "
      "%u rounds whose order turns.\n",
      kRunaways, Thousands(Median(alone)).c_str(), Thousands(Median(beside)).c_str(),
      options.rounds);
  verdicts.Against(
      {"QoS 1 ingest, 50 x 16, beside two runaway SQL statements", Median(beside), "/s"},
      "without them", Median(alone), kIngestShare);
  return {};
}

}  // namespace

base::Status BenchSql(const BenchOptions& options, Verdicts& verdicts) {
  ENERGY_ASSIGN_OR_RETURN(const Scratch scratch, Scratch::Make(options, "sql"));
  ENERGY_ASSIGN_OR_RETURN(const auto server,
                          PlatformServer::Start(options.platform(), scratch.path() / "platform",
                                                {{"ENERGY_SERIES__SEAL_AGE_S", "5"}}));
  ENERGY_RETURN_IF_ERROR(server->Furnish(kConnections, 0));
  ENERGY_RETURN_IF_ERROR(Aggregates(*server, verdicts));
  return Runaways(options, *server, scratch.path(), verdicts);
}

}  // namespace energy::bench
