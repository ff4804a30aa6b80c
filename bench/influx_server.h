#pragma once

#include <memory>

#include "time_series_server.h"

namespace energy::bench {

/// InfluxDB 1.6.7 as Debian configures it (a write is synced before it is answered), without its
/// own monitoring and request log.
class InfluxServer final : public TimeSeriesServer {
 public:
  /// Errors: kNotFound, kUnavailable.
  static base::Result<std::unique_ptr<InfluxServer>> Start(const std::filesystem::path& folder);

  std::string name() const override { return "InfluxDB"; }
  uint16_t http_port() const override { return port_; }
  ChildProcess& process() override { return process_; }
  Recipe Write() const override;
  Recipe Raw(const Span& span) const override;
  size_t CountReadings(const std::string& answer) const override;
  Recipe HourlyMean(const Span& span, const std::string& field) const override;
  std::vector<double> Means(const std::string& answer) const override;
  base::Status Settle() override { return {}; }  // its configuration does
  std::vector<std::filesystem::path> DataFolders() const override;

 private:
  InfluxServer(ChildProcess process, uint16_t port, std::filesystem::path folder)
      : process_(std::move(process)), port_(port), folder_(std::move(folder)) {}

  ChildProcess process_;
  uint16_t port_;
  std::filesystem::path folder_;
};

}  // namespace energy::bench
