#pragma once

#include <cstdint>
#include <memory>

#include "base/status.h"
#include "latency_histogram.h"

namespace energy::bench {

struct LoadOptions {
  uint16_t port = 0;
  unsigned connections = 1;  ///< one device each: D<first_device> and on
  unsigned first_device = 1;
  unsigned window = 100;  ///< QoS 1 publishes of a connection that may be unacknowledged
  uint8_t qos = 1;
  double seconds = 3;                 ///< publishing ends after this
  uint64_t messages = 0;              ///< or after so many; 0: by time alone
  unsigned readings_per_message = 1;  ///< above 1: a JSON array
  /// Publishes per second over all connections, evenly spaced; 0: as many as the window lets
  /// through. QoS 1 only.
  double rate = 0;
};

struct LoadResult {
  uint64_t sent = 0;
  uint64_t acknowledged = 0;  ///< with QoS 0: messages ahead of an answered PINGREQ
  double seconds = 0;         ///< from the first publish to the last acknowledgement
  uint64_t errors = 0;        ///< lost connections, packets that are no answer, missing answers
  size_t payload_bytes = 0;
  /// From the write of a publish to its PUBACK; with a rate from when it was due, so that a server
  /// that stalls is charged for all that had to wait. QoS 1 only.
  LatencyHistogram latency;
};

/// Publishes telemetry over many connections from one thread, as fast as the window lets it or at a
/// rate.
///
/// Operation: all connections are made first. Each then fills its window, and whenever
/// acknowledgements arrive it sends as many again, in one write. At the end what is outstanding is
/// awaited for at most ten seconds. With QoS 0, which nobody acknowledges, a final PINGREQ on each
/// connection tells when the server has read everything.
/// Errors: kUnavailable when the connections cannot be made. Threads: blocks until done.
base::Result<std::unique_ptr<LoadResult>> GenerateLoad(const LoadOptions& options);

}  // namespace energy::bench
