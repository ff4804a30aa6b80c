#include "influx_server.h"

#include <fstream>

#include "base/json.h"
#include "peer_program.h"
#include "verdicts.h"

namespace energy::bench {
namespace {

std::string Nanoseconds(base::Timestamp time) {
  return std::to_string(time.time_since_epoch().count());
}

// Cold data is compacted after seconds, not hours: the bench waits for it.
void WriteConfig(const std::filesystem::path& folder, uint16_t port, uint16_t rpc_port) {
  std::ofstream(folder / "influxdb.conf")
      << "reporting-disabled = true\n"
      << "bind-address = \"127.0.0.1:" << rpc_port << "\"\n"
      << "[meta]\n  dir = \"" << (folder / "meta").string() << "\"\n"
      << "[data]\n  dir = \"" << (folder / "data").string() << "\"\n"
      << "  wal-dir = \"" << (folder / "wal").string() << "\"\n"
      << "  query-log-enabled = false\n"
         "  cache-snapshot-write-cold-duration = \"2s\"\n"
         "  compact-full-write-cold-duration = \"2s\"\n"
         "[monitor]\n  store-enabled = false\n"
         "[subscriber]\n  enabled = false\n"
         "[continuous_queries]\n  enabled = false\n"
         "[logging]\n  level = \"error\"\n"
      << "[http]\n  log-enabled = false\n  bind-address = \"127.0.0.1:" << port << "\"\n";
}

Recipe Query(const std::string& text) {
  return {http::Method::kGet, "/query?db=telemetry&epoch=ns&q=" + UrlEncode(text), "", {}};
}

std::string Where(const Span& span) {
  return " FROM telemetry WHERE device_id='" + span.device +
         "' AND time>=" + Nanoseconds(span.start) + " AND time<" + Nanoseconds(span.end);
}

base::Json Rows(const std::string& answer) {
  const auto json = base::Json::parse(answer);
  const base::Json& result = json["results"][0];
  return result.contains("series") ? result["series"][0]["values"] : base::Json::array();
}

}  // namespace

base::Result<std::unique_ptr<InfluxServer>> InfluxServer::Start(
    const std::filesystem::path& folder) {
  ENERGY_ASSIGN_OR_RETURN(const PeerProgram program, FindPeer("influxdb", "influxd"));
  ENERGY_ASSIGN_OR_RETURN(const uint16_t port, FreePort());
  ENERGY_ASSIGN_OR_RETURN(const uint16_t rpc_port, FreePort());
  const std::filesystem::path place = std::filesystem::absolute(folder);
  std::filesystem::create_directories(place);
  WriteConfig(place, port, rpc_port);
  auto environment = program.environment;
  environment.emplace_back("HOME", place.string());
  ENERGY_ASSIGN_OR_RETURN(
      ChildProcess process,
      ChildProcess::Start({program.path, "-config", (place / "influxdb.conf").string()},
                          folder / "log", environment));
  ENERGY_RETURN_IF_ERROR(AwaitListening(process, port));
  http::Client client("127.0.0.1", port);
  ENERGY_RETURN_IF_ERROR(
      Cook(client, {http::Method::kPost, "/query?q=CREATE%20DATABASE%20telemetry", "", {}})
          .status());
  return std::unique_ptr<InfluxServer>(new InfluxServer(std::move(process), port, place));
}

Recipe InfluxServer::Write() const {
  return {http::Method::kPost,
          "/write?db=telemetry&precision=ns",
          "",
          {{"Content-Type", "text/plain; charset=utf-8"}}};
}

Recipe InfluxServer::Raw(const Span& span) const {
  return Query("SELECT voltage,current,power,temperature" + Where(span));
}

size_t InfluxServer::CountReadings(const std::string& answer) const { return Rows(answer).size(); }

Recipe InfluxServer::HourlyMean(const Span& span, const std::string& field) const {
  return Query("SELECT mean(" + field + ")" + Where(span) + " GROUP BY time(1h)");
}

std::vector<double> InfluxServer::Means(const std::string& answer) const {
  std::vector<double> means;
  for (const base::Json& row : Rows(answer)) means.push_back(row[1].get<double>());
  return means;
}

std::vector<std::filesystem::path> InfluxServer::DataFolders() const {
  return {folder_ / "data", folder_ / "wal"};
}

}  // namespace energy::bench
