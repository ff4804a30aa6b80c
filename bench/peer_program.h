#pragma once

#include <string>
#include <vector>

#include "child_process.h"

namespace energy::bench {

/// A server of another project that is measured beside the platform.
struct PeerProgram {
  std::string path;
  ChildProcess::Environment environment;  ///< where its unpacked libraries are
};

/// Looks where `need_server` of scripts/lib/packages.sh unpacks the package, then among the
/// system's programs. Run from the root of the repository. Errors: kNotFound with the remedy.
base::Result<PeerProgram> FindPeer(const std::string& package, const std::string& program);

/// A port of 127.0.0.1 that was free a moment ago. Errors: kUnavailable.
base::Result<uint16_t> FreePort();

/// Waits until `process` accepts connections on the port, for ten seconds at the most.
/// Errors: kUnavailable with what the process wrote.
base::Status AwaitListening(ChildProcess& process, uint16_t port);

}  // namespace energy::bench
