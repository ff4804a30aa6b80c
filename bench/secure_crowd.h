#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "socket.h"

namespace energy::bench {

struct TlsFilePair {
  std::string certificate;
  std::string key;
};

/// A self-signed certificate (P-256) of localhost in `folder`. Errors: kUnavailable.
base::Result<TlsFilePair> MakeTlsFiles(const std::filesystem::path& folder);

/// MQTT clients that connected through TLS and then say nothing.
///
/// Memory: a socket each; the client's side of TLS is given up once the broker has accepted.
class SecureCrowd {
 public:
  /// Connects `count` clients, one after the other, without a check of the certificate. Seconds
  /// until all are accepted. Errors: kUnavailable.
  base::Result<double> Connect(uint16_t port, unsigned count);

 private:
  std::vector<Socket> sockets_;
};

}  // namespace energy::bench
