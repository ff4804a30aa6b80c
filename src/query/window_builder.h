#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/status.h"
#include "query/distribution.h"
#include "query/model.h"
#include "query/time_grid.h"
#include "series/store.h"

namespace energy::query {

/// What is known of one field in one window.
struct Cell {
  series::FieldSummary summary;
  double m2 = 0;  ///< sum of the squared distances from the mean, when asked for
};

/// The windows that have readings, ascending. A cell whose field has none there has count 0.
struct WindowRows {
  std::vector<uint32_t> window;                   ///< index in the grid
  std::vector<std::vector<Cell>> cells;           ///< [field][row]
  std::vector<std::vector<double>> percentiles;   ///< [field x percentiles + p][row]
  std::vector<std::vector<Distribution>> values;  ///< [field][row], while they are still merged
};

/// What to compute besides what a summary holds.
struct BuilderOptions {
  size_t fields = 0;
  bool integrals = false;  ///< from readings; summaries have theirs
  bool squares = false;
  std::vector<double> percentiles = {};
  bool keep_values = false;  ///< keep what percentiles need, for Merge
};

/// Gathers the readings of one device, or summaries of stretches of them, in ascending order into
/// windows. The step between two readings on both sides of an edge is cut there in proportion (the
/// value in between by linear interpolation), so that the integrals of all windows add up to that
/// of the range; windows without readings get no part.
///
/// Threads: none of its own. Cost per value: about 1 ns, 3 with integrals, more with percentiles.
class WindowBuilder {
 public:
  /// `grid` outlives the builder.
  WindowBuilder(const TimeGrid& grid, BuilderOptions options);

  /// Readings: as long as each of the columns, one for each field.
  void AddReadings(const std::vector<int64_t>& time_ns,
                   const std::vector<std::vector<double>>& columns);
  /// What is known of the field in a stretch that lies in one window.
  void AddSummary(size_t field, int64_t start_ns, const series::FieldSummary& summary);

  /// Values that percentiles hold at present: 16 bytes each.
  size_t held_values() const;

  /// The rows; the builder is spent.
  WindowRows Finish();

 private:
  struct Previous {
    bool is_set = false;
    int64_t time_ns = 0;
    double value = 0;
    size_t row = 0;
  };
  void GoTo(int64_t time_ns);
  void CloseRow();
  void AddSegment(size_t field, const int64_t* time_ns, const double* values, size_t count);
  void Join(size_t field, int64_t time_ns, double value);

  const TimeGrid& grid_;
  const BuilderOptions options_;
  WindowRows rows_;
  std::vector<Previous> previous_;     // by field
  std::vector<double> shift_sum_;      // of value - first, by field, in the present row
  std::vector<double> shift_squares_;  // of its square
  std::vector<Distribution> values_;   // of the present row
  size_t kept_values_ = 0;             // of the rows before
};

/// Adds to `a` what of `b` does not depend on what lies between; `b` is later or of another device.
void Fold(series::FieldSummary& a, const series::FieldSummary& b);
/// Adds the rows of another device to those of some. Errors: kTooLarge when the values that
/// percentiles need are too many.
base::Status Merge(WindowRows& into, const WindowRows& other);
/// The percentiles of merged rows.
void ComputePercentiles(WindowRows& rows, const std::vector<double>& percentiles);

/// Rows with one column for each field and aggregate, and the filled windows. NaN is "no value".
Block ToBlock(const WindowRows& rows, const TimeGrid& grid,
              const std::vector<Aggregate>& aggregates, Fill fill);

}  // namespace energy::query
