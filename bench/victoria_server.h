#pragma once

#include <memory>

#include "time_series_server.h"

namespace energy::bench {

/// VictoriaMetrics 1.79 with its defaults (it syncs no write), and a retention that keeps all.
class VictoriaServer final : public TimeSeriesServer {
 public:
  /// Errors: kNotFound, kUnavailable.
  static base::Result<std::unique_ptr<VictoriaServer>> Start(const std::filesystem::path& folder);

  std::string name() const override { return "VictoriaMetrics"; }
  uint16_t http_port() const override { return port_; }
  ChildProcess& process() override { return process_; }
  Recipe Write() const override;
  Recipe Raw(const Span& span) const override;
  size_t CountReadings(const std::string& answer) const override;
  /// Without its cache of results: the platform has none.
  Recipe HourlyMean(const Span& span, const std::string& field) const override;
  std::vector<double> Means(const std::string& answer) const override;
  base::Status Settle() override;
  std::vector<std::filesystem::path> DataFolders() const override;

 private:
  VictoriaServer(ChildProcess process, uint16_t port, std::filesystem::path folder)
      : process_(std::move(process)), port_(port), folder_(std::move(folder)) {}

  ChildProcess process_;
  uint16_t port_;
  std::filesystem::path folder_;
};

}  // namespace energy::bench
