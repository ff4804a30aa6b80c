#include "victoria_server.h"

#include "base/json.h"
#include "peer_program.h"

namespace energy::bench {
namespace {

constexpr int64_t kHourS = 3600;

int64_t Seconds(base::Timestamp time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string From(const std::string& start, int64_t at, int64_t end) {
  return start + "&start=" + std::to_string(at) + "&end=" + std::to_string(end);
}

}  // namespace

base::Result<std::unique_ptr<VictoriaServer>> VictoriaServer::Start(
    const std::filesystem::path& folder) {
  ENERGY_ASSIGN_OR_RETURN(const PeerProgram program,
                          FindPeer("victoria-metrics", "victoria-metrics"));
  ENERGY_ASSIGN_OR_RETURN(const uint16_t port, FreePort());
  std::filesystem::create_directories(folder);
  ENERGY_ASSIGN_OR_RETURN(
      ChildProcess process,
      ChildProcess::Start(
          {program.path, "-storageDataPath", (folder / "data").string(), "-httpListenAddr",
           "127.0.0.1:" + std::to_string(port), "-retentionPeriod", "100y", "-loggerLevel", "WARN"},
          folder / "log", program.environment));
  ENERGY_RETURN_IF_ERROR(AwaitListening(process, port));
  return std::unique_ptr<VictoriaServer>(new VictoriaServer(std::move(process), port, folder));
}

Recipe VictoriaServer::Write() const {
  return {http::Method::kPost, "/write?precision=ns", "", {{"Content-Type", "text/plain"}}};
}

Recipe VictoriaServer::Raw(const Span& span) const {
  // Its ranges include their end.
  const std::string match = UrlEncode("{device_id=\"" + span.device + "\"}");
  return {http::Method::kGet,
          From("/api/v1/export?match[]=" + match, Seconds(span.start), Seconds(span.end) - 1),
          "",
          {}};
}

// One line a field: {"metric":{...},"values":[...],"timestamps":[...]}, perhaps several of a field.
size_t VictoriaServer::CountReadings(const std::string& answer) const {
  size_t values = 0;
  for (size_t at = 0; at < answer.size();) {
    const size_t end = std::min(answer.find('\n', at), answer.size());
    values += base::Json::parse(answer.substr(at, end - at))["values"].size();
    at = end + 1;
  }
  return values / 4;
}

Recipe VictoriaServer::HourlyMean(const Span& span, const std::string& field) const {
  // A point stands for the hour before it.
  const std::string query =
      UrlEncode("avg_over_time(telemetry_" + field + "{device_id=\"" + span.device + "\"}[1h])");
  return {http::Method::kGet,
          From("/api/v1/query_range?nocache=1&step=3600&query=" + query,
               Seconds(span.start) + kHourS, Seconds(span.end)),
          "",
          {}};
}

std::vector<double> VictoriaServer::Means(const std::string& answer) const {
  std::vector<double> means;
  const auto json = base::Json::parse(answer);
  if (json["data"]["result"].empty()) return means;
  for (const base::Json& point : json["data"]["result"][0]["values"]) {
    means.push_back(std::stod(point[1].get<std::string>()));
  }
  return means;
}

base::Status VictoriaServer::Settle() {
  http::Client client("127.0.0.1", port_, std::chrono::seconds(60));
  for (const char* target : {"/internal/force_flush", "/internal/force_merge"}) {
    ENERGY_RETURN_IF_ERROR(Cook(client, {http::Method::kGet, target, "", {}}).status());
  }
  return {};
}

// Its caches hold no readings.
std::vector<std::filesystem::path> VictoriaServer::DataFolders() const {
  return {folder_ / "data/data", folder_ / "data/indexdb"};
}

}  // namespace energy::bench
