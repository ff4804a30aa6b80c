#pragma once

#include <chrono>
#include <cstdint>

namespace energy::series {

/// The longest step between two readings over which an integral goes on. A longer one is an outage
/// of which nothing is known. on disk: part of the rollups, never change
inline constexpr std::chrono::nanoseconds kMaxIntegrationGap = std::chrono::hours(1);

/// What is known of one field over a span of time; empty when `count` is 0. Every number is made
/// by Add in time order, or by Append of neighbouring spans in time order, so that the same
/// readings give the same bits. on disk in rollups; docs/formats/rollup.md
struct FieldSummary {
  uint64_t count = 0;
  double sum = 0;
  double min = 0;
  double max = 0;
  double first = 0;
  double last = 0;
  int64_t first_ns = 0;  ///< time of `first`
  int64_t last_ns = 0;   ///< time of `last`
  /// Trapezoids over the steps between neighbouring readings inside the span, value x hours (W
  /// becomes Wh). Steps longer than kMaxIntegrationGap add nothing.
  double integral_h = 0;
  int64_t integrated_ns = 0;  ///< the time that the integral covers

  /// `integral_h / integrated_h()` is the time-weighted mean.
  double integrated_h() const;

  /// Adds the next reading: `time_ns` is after last_ns. `value` is not NaN.
  void Add(int64_t time_ns, double value);
  /// Adds the span that follows; its step to the last reading here counts for the integral.
  void Append(const FieldSummary& next);

 private:
  void AddStep(int64_t time_ns, double value);
};

}  // namespace energy::series
