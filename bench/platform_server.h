#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/json.h"
#include "child_process.h"
#include "http/client.h"

namespace energy::bench {

/// The platform, as its users start it, on free ports and a folder of its own.
class PlatformServer {
 public:
  /// Starts `program serve` and logs in with the credentials of its first start.
  static base::Result<std::unique_ptr<PlatformServer>> Start(const std::string& program,
                                                             const std::filesystem::path& folder);

  /// Registers D1 to D<devices> as bulbs, and two threshold rules for each of the first
  /// `with_rules`.
  base::Status Furnish(unsigned devices, unsigned with_rules);

  uint16_t mqtt_port() const { return mqtt_port_; }
  const ChildProcess& process() const { return process_; }

  /// The value of a metric without labels. Errors: kNotFound.
  base::Result<double> Metric(const std::string& name);
  /// How many messages became dead letters.
  base::Result<int64_t> DeadLetters();

 private:
  PlatformServer(ChildProcess process, http::Client client, uint16_t mqtt_port)
      : process_(std::move(process)), client_(std::move(client)), mqtt_port_(mqtt_port) {}

  base::Status LogIn(const std::filesystem::path& folder);
  base::Result<base::Json> Call(http::Method method, const std::string& target,
                                const base::Json& body);
  base::Status AddRule(const std::string& device, const std::string& property, double threshold);

  ChildProcess process_;
  http::Client client_;
  uint16_t mqtt_port_;
  http::Headers headers_;
};

}  // namespace energy::bench
