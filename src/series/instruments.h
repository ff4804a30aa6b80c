#pragma once

#include "base/metrics.h"
#include "series/engine.h"

namespace energy::series {

/// The engine's metrics.
struct Engine::Instruments {
  explicit Instruments(base::Metrics& metrics)
      : readings(metrics.Counter("series_readings_appended_total", "Readings made durable.")),
        append_errors(metrics.Counter("series_append_errors_total", "Batches not stored.")),
        append_seconds(metrics.Histogram("series_append_seconds",
                                         "Time of an append: waiting for room, log, fsync, head.",
                                         base::LatencySecondsBounds())),
        seal_seconds(metrics.Histogram("series_seal_seconds", "Time of sealing a head.",
                                       base::LatencySecondsBounds())),
        chunks(metrics.Counter("series_chunks_sealed_total", "Chunks written by sealing.")),
        head_bytes(metrics.Gauge("series_head_bytes", "Memory of readings not sealed yet.")),
        damaged(metrics.Counter("series_damaged_total",
                                "Files, chunks and rollups found damaged and set aside.")),
        writable(metrics.Gauge("series_writable", "1 while the store can write, else 0.")) {
    writable.Set(1);
  }

  prometheus::Counter& readings;
  prometheus::Counter& append_errors;
  prometheus::Histogram& append_seconds;
  prometheus::Histogram& seal_seconds;
  prometheus::Counter& chunks;
  prometheus::Gauge& head_bytes;
  prometheus::Counter& damaged;
  prometheus::Gauge& writable;
};

}  // namespace energy::series
