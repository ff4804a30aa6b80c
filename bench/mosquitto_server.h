#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "child_process.h"

namespace energy::bench {

/// Eclipse Mosquitto with nothing to slow it down: no persistence, no limits on what is in flight
/// or queued, no log, no Nagle's delay.
class MosquittoServer {
 public:
  /// Its files go to `folder`. Errors: kNotFound, kUnavailable.
  static base::Result<std::unique_ptr<MosquittoServer>> Start(const std::filesystem::path& folder);

  uint16_t port() const { return port_; }
  const ChildProcess& process() const { return process_; }

 private:
  MosquittoServer(ChildProcess process, uint16_t port)
      : process_(std::move(process)), port_(port) {}

  ChildProcess process_;
  uint16_t port_;
};

}  // namespace energy::bench
