#include "platform_server.h"

#include <thread>

namespace energy::bench {
namespace {

constexpr std::chrono::seconds kStartLimit{30};
constexpr std::chrono::seconds kSealLimit{60};

uint16_t PortOf(const std::string& endpoint) {
  return static_cast<uint16_t>(std::stoul(endpoint.substr(endpoint.rfind(':') + 1)));
}

base::Result<base::Json> AwaitEndpoints(ChildProcess& process,
                                        const std::filesystem::path& folder) {
  const auto until = std::chrono::steady_clock::now() + kStartLimit;
  while (process.running() && std::chrono::steady_clock::now() < until) {
    const std::string text = ReadFile(folder / "endpoints.json");
    if (!text.empty()) return base::Json::parse(text);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return base::Unavailable("the platform did not start: " + process.Output());
}

}  // namespace

base::Result<std::unique_ptr<PlatformServer>> PlatformServer::Start(
    const std::string& program, const std::filesystem::path& folder,
    const ChildProcess::Environment& settings) {
  std::unique_ptr<PlatformServer> server(new PlatformServer(program, folder, settings));
  ENERGY_RETURN_IF_ERROR(server->Launch());
  return server;
}

base::Status PlatformServer::Launch() {
  // What an earlier process left would be taken for an answer of this one.
  std::filesystem::remove(folder_ / "endpoints.json");
  ChildProcess::Environment environment{{"ENERGY_MQTT__ALLOW_ANONYMOUS", "true"},
                                        {"ENERGY_LIMITS__ENABLED", "false"}};
  environment.insert(environment.end(), settings_.begin(), settings_.end());
  ENERGY_ASSIGN_OR_RETURN(ChildProcess process,
                          ChildProcess::Start({program_, "serve", "--data-dir", folder_.string(),
                                               "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"},
                                              folder_.string() + ".log", environment));
  process_.emplace(std::move(process));
  ENERGY_ASSIGN_OR_RETURN(const base::Json endpoints, AwaitEndpoints(*process_, folder_));
  http_port_ = PortOf(endpoints["http"]);
  mqtt_port_ = PortOf(endpoints["mqtt"]);
  if (endpoints.contains("mqtts")) mqtts_port_ = PortOf(endpoints["mqtts"]);
  client_ = http::Client("127.0.0.1", http_port_, std::chrono::seconds(30));
  return LogIn();
}

base::Status PlatformServer::Settle() {
  const auto until = std::chrono::steady_clock::now() + kSealLimit;
  for (;;) {
    ENERGY_ASSIGN_OR_RETURN(const double waiting, Metric("series_head_bytes"));
    if (waiting == 0) break;
    if (std::chrono::steady_clock::now() > until) return base::Unavailable("nothing is sealed");
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  ENERGY_RETURN_IF_ERROR(process_->Stop().status());
  return Launch();
}

base::Status PlatformServer::LogIn() {
  const auto credentials = base::Json::parse(ReadFile(folder_ / "admin-credentials.json"));
  ENERGY_ASSIGN_OR_RETURN(const base::Json session,
                          Call(http::Method::kPost, "/api/auth/login", credentials));
  headers_ = {{"Authorization", "Bearer " + session["token"].get<std::string>()}};
  return {};
}

base::Result<base::Json> PlatformServer::Call(http::Method method, const std::string& target,
                                              const base::Json& body) {
  const std::string text = body.is_null() ? std::string() : body.dump();
  ENERGY_ASSIGN_OR_RETURN(const http::Response answer,
                          client_.Send(method, target, text, headers_));
  if (answer.status >= 300) {
    return base::Unavailable(target + " answered " + std::to_string(answer.status) + ": " +
                             answer.body);
  }
  return base::Json::parse(answer.body)["data"];
}

base::Status PlatformServer::Furnish(unsigned devices, unsigned with_rules) {
  for (unsigned i = 1; i <= devices; ++i) {
    const std::string id = "D" + std::to_string(i);
    const base::Json device{{"id", id}, {"name", "Bulb " + id}, {"type", "bulb"}};
    ENERGY_RETURN_IF_ERROR(Call(http::Method::kPost, "/api/devices", device).status());
    if (i > with_rules) continue;
    ENERGY_RETURN_IF_ERROR(AddRule(id, "temperature", 50));
    ENERGY_RETURN_IF_ERROR(AddRule(id, "voltage", 245));
  }
  return {};
}

base::Status PlatformServer::FurnishCompressors(unsigned devices) {
  base::Json fields = base::Json::array();
  for (int i = 0; i < 10; ++i) {
    fields.push_back(
        {{"name", "f" + std::to_string(i)}, {"required", true}, {"min", 0}, {"max", 1000}});
  }
  const base::Json profile{{"type", "compressor"}, {"fields", fields}};
  ENERGY_RETURN_IF_ERROR(Call(http::Method::kPost, "/api/profiles", profile).status());
  for (unsigned i = 1; i <= devices; ++i) {
    const std::string id = "K" + std::to_string(i);
    const base::Json device{{"id", id}, {"name", "Compressor " + id}, {"type", "compressor"}};
    ENERGY_RETURN_IF_ERROR(Call(http::Method::kPost, "/api/devices", device).status());
  }
  return {};
}

base::Status PlatformServer::AddRule(const std::string& device, const std::string& property,
                                     double threshold) {
  const base::Json rule{{"name", property + " of " + device},
                        {"device_id", device},
                        {"property", property},
                        {"operator", ">"},
                        {"threshold", threshold},
                        {"severity", "high"}};
  return Call(http::Method::kPost, "/api/rules", rule).status();
}

base::Result<std::string> PlatformServer::AddMqttUser(const std::string& username) {
  ENERGY_ASSIGN_OR_RETURN(
      const base::Json issued,
      Call(http::Method::kPost, "/api/mqtt/credentials", {{"username", username}}));
  return issued["password"].get<std::string>();
}

base::Result<double> PlatformServer::Metric(const std::string& name) {
  ENERGY_ASSIGN_OR_RETURN(const http::Response answer, client_.Get("/metrics"));
  const size_t at = answer.body.find("\n" + name + " ");
  if (at == std::string::npos) return base::NotFound("no metric " + name);
  return std::stod(answer.body.substr(at + name.size() + 2));
}

base::Result<int64_t> PlatformServer::DeadLetters() {
  ENERGY_ASSIGN_OR_RETURN(
      const base::Json page,
      Call(http::Method::kGet, "/api/data/dead-letters?page_size=1", base::Json()));
  return page["total"].get<int64_t>();
}

}  // namespace energy::bench
