#include <cmath>
#include <limits>

#include "query/window_builder.h"

namespace energy::query {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

double Value(Aggregate aggregate, const Cell& cell) {
  const series::FieldSummary& all = cell.summary;
  const auto count = static_cast<double>(all.count);
  if (aggregate == Aggregate::kCount) return count;
  if (all.count == 0) return kNoValue;
  switch (aggregate) {
    case Aggregate::kMean:
      return all.sum / count;
    case Aggregate::kMin:
      return all.min;
    case Aggregate::kMax:
      return all.max;
    case Aggregate::kSum:
      return all.sum;
    case Aggregate::kFirst:
      return all.first;
    case Aggregate::kLast:
      return all.last;
    case Aggregate::kSpread:
      return all.max - all.min;
    case Aggregate::kStddev:
      return all.count > 1 ? std::sqrt(cell.m2 / (count - 1)) : kNoValue;
    case Aggregate::kTimeWeightedMean:
      return all.integrated_ns > 0 ? all.integral_h / all.integrated_h() : all.sum / count;
    case Aggregate::kIntegral:
      return all.integral_h;
    default:
      return kNoValue;  // percentiles have columns of their own
  }
}

void FillPrevious(std::vector<double>& column) {
  for (size_t i = 1; i < column.size(); ++i) {
    if (std::isnan(column[i])) column[i] = column[i - 1];
  }
}

void FillLinear(const std::vector<int64_t>& time_ns, std::vector<double>& column) {
  size_t before = column.size();
  for (size_t i = 0; i < column.size(); ++i) {
    if (std::isnan(column[i])) continue;
    if (before < i) {
      const auto span = static_cast<double>(time_ns[i] - time_ns[before]);
      for (size_t k = before + 1; k < i; ++k) {
        const double share = static_cast<double>(time_ns[k] - time_ns[before]) / span;
        column[k] = column[before] + share * (column[i] - column[before]);
      }
    }
    before = i;
  }
}

}  // namespace

Block ToBlock(const WindowRows& rows, const TimeGrid& grid,
              const std::vector<Aggregate>& aggregates, Fill fill) {
  Block block;
  const size_t fields = rows.cells.size();
  const size_t size = fill == Fill::kNone ? rows.window.size() : grid.windows();
  block.time_ns.resize(size);
  for (size_t i = 0; i < size; ++i) {
    block.time_ns[i] = grid.edges[fill == Fill::kNone ? rows.window[i] : i];
  }
  size_t percentiles = 0;
  for (const Aggregate aggregate : aggregates) percentiles += PercentileOf(aggregate) ? 1 : 0;
  for (size_t f = 0; f < fields; ++f) {
    size_t percentile = f * percentiles;
    for (const Aggregate aggregate : aggregates) {
      const bool counts = aggregate == Aggregate::kCount;
      std::vector<double>& column = block.columns.emplace_back(size, counts ? 0.0 : kNoValue);
      const auto* values = PercentileOf(aggregate) ? &rows.percentiles[percentile++] : nullptr;
      for (size_t row = 0; row < rows.window.size(); ++row) {
        column[fill == Fill::kNone ? row : rows.window[row]] =
            values != nullptr ? (*values)[row] : Value(aggregate, rows.cells[f][row]);
      }
      if (counts) continue;  // a window without readings has none of them
      if (fill == Fill::kPrevious) FillPrevious(column);
      if (fill == Fill::kLinear) FillLinear(block.time_ns, column);
    }
  }
  return block;
}

}  // namespace energy::query
