#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace energy::base {

/// The program's metrics (LLD §12). One per process, passed in; a module asks for its metrics once,
/// keeps the references and only increments them afterwards.
///
/// Threads: safe anywhere. Cost: an increment 15 ns, an observation 50 ns; asking takes a lock.
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  Metrics();

  prometheus::Counter& Counter(const std::string& name, const std::string& help,
                               const Labels& labels = {});
  prometheus::Gauge& Gauge(const std::string& name, const std::string& help,
                           const Labels& labels = {});
  /// `bounds`: upper bounds of the buckets in the metric's unit, ascending.
  prometheus::Histogram& Histogram(const std::string& name, const std::string& help,
                                   const std::vector<double>& bounds, const Labels& labels = {});

  /// All metrics in the Prometheus text format 0.0.4.
  std::string Text() const;

 private:
  std::shared_ptr<prometheus::Registry> registry_;
};

/// Bucket bounds from 1 µs to 10 s in seconds, for latencies.
const std::vector<double>& LatencySecondsBounds();

}  // namespace energy::base
