#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/json.h"
#include "time_series_server.h"

namespace energy::bench {

/// The platform, as its users start it, on free ports and a folder of its own.
class PlatformServer final : public TimeSeriesServer {
 public:
  /// Starts `program serve`, on what the folder holds if that is something, and logs in with the
  /// credentials of its first start. `settings` are further variables of its environment.
  static base::Result<std::unique_ptr<PlatformServer>> Start(
      const std::string& program, const std::filesystem::path& folder,
      const ChildProcess::Environment& settings = {});

  /// Registers D1 to D<devices> as bulbs, and two threshold rules for each of the first
  /// `with_rules`.
  base::Status Furnish(unsigned devices, unsigned with_rules);

  /// Registers K1 to K<devices> of a type whose profile has the fields f0 to f9, from 0 to 1000.
  base::Status FurnishCompressors(unsigned devices);

  uint16_t mqtt_port() const { return mqtt_port_; }
  /// MQTT through TLS; 0 without.
  uint16_t mqtts_port() const { return mqtts_port_; }
  /// "Bearer <token>" of the admin.
  const std::string& authorization() const { return headers_.front().second; }
  /// The password of a new MQTT user, who may nothing but connect.
  base::Result<std::string> AddMqttUser(const std::string& username);

  std::string name() const override { return "ours"; }
  uint16_t http_port() const override { return http_port_; }
  ChildProcess& process() override { return *process_; }
  Recipe Write() const override;
  Recipe Raw(const Span& span) const override;
  size_t CountReadings(const std::string& answer) const override;
  Recipe HourlyMean(const Span& span, const std::string& field) const override;
  std::vector<double> Means(const std::string& answer) const override;
  /// Waits until all readings are sealed by their age (settings), then starts anew, which gives the
  /// space of the log back.
  base::Status Settle() override;
  std::vector<std::filesystem::path> DataFolders() const override { return {folder_ / "series"}; }

  /// The value of a metric without labels. Errors: kNotFound.
  base::Result<double> Metric(const std::string& name);
  /// How many messages became dead letters.
  base::Result<int64_t> DeadLetters();

 private:
  PlatformServer(std::string program, std::filesystem::path folder,
                 ChildProcess::Environment settings)
      : program_(std::move(program)), folder_(std::move(folder)), settings_(std::move(settings)) {}

  base::Status Launch();
  base::Status LogIn();
  base::Result<base::Json> Call(http::Method method, const std::string& target,
                                const base::Json& body);
  base::Status AddRule(const std::string& device, const std::string& property, double threshold);

  const std::string program_;
  const std::filesystem::path folder_;
  const ChildProcess::Environment settings_;
  std::optional<ChildProcess> process_;
  http::Client client_{"127.0.0.1", 0};
  uint16_t http_port_ = 0;
  uint16_t mqtt_port_ = 0;
  uint16_t mqtts_port_ = 0;
  http::Headers headers_;
};

}  // namespace energy::bench
