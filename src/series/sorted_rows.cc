#include "series/sorted_rows.h"

#include <algorithm>
#include <cmath>

namespace energy::series {

SortedRows::SortedRows(const Columns& columns)
    : times_(columns.time_ns),
      fields_(columns.fields),
      values_(columns.rows() * columns.fields.size()) {
  const size_t stride = fields_.size();
  for (size_t c = 0; c < stride; ++c) {
    for (size_t r = 0; r < times_.size(); ++r) values_[r * stride + c] = columns.columns[c][r];
  }
}

void SortedRows::Upsert(int64_t time_ns, std::span<const FieldRef> fields,
                        std::span<const double> values) {
  if (IsAfterAll(time_ns)) {
    if (std::equal(fields.begin(), fields.end(), fields_.begin(), fields_.end())) {
      times_.push_back(time_ns);
      values_.insert(values_.end(), values.begin(), values.end());
      return;
    }
    InsertRow(times_.size(), time_ns);
    SetValues(times_.size() - 1, fields, values);
    return;
  }
  const auto at = std::lower_bound(times_.begin(), times_.end(), time_ns);
  const auto row = static_cast<size_t>(at - times_.begin());
  if (*at != time_ns) InsertRow(row, time_ns);
  SetValues(row, fields, values);
}

bool SortedRows::Contains(int64_t time_ns) const {
  return !IsAfterAll(time_ns) && std::binary_search(times_.begin(), times_.end(), time_ns);
}

void SortedRows::InsertRow(size_t at, int64_t time_ns) {
  const auto row = static_cast<ptrdiff_t>(at);
  times_.insert(times_.begin() + row, time_ns);
  values_.insert(values_.begin() + row * static_cast<ptrdiff_t>(fields_.size()), fields_.size(),
                 kMissing);
}

void SortedRows::SetValues(size_t row, std::span<const FieldRef> fields,
                           std::span<const double> values) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (std::isnan(values[i])) continue;
    const size_t column = ColumnOf(fields[i]);
    values_[row * fields_.size() + column] = values[i];
  }
}

size_t SortedRows::ColumnOf(FieldRef field) {
  const auto found = std::find(fields_.begin(), fields_.end(), field);
  if (found != fields_.end()) return static_cast<size_t>(found - fields_.begin());
  const size_t stride = fields_.size();
  std::vector<double> wider(times_.size() * (stride + 1), kMissing);
  for (size_t row = 0; row < times_.size(); ++row) {
    for (size_t c = 0; c < stride; ++c) wider[row * (stride + 1) + c] = values_[row * stride + c];
  }
  values_ = std::move(wider);
  fields_.push_back(field);
  return stride;
}

Columns SortedRows::Copy(const RowRange& range, std::span<const FieldRef> selection) const {
  const auto begin = std::lower_bound(times_.begin(), times_.end(), range.start_ns);
  const auto end = std::lower_bound(begin, times_.end(), range.end_ns);
  auto from = static_cast<size_t>(begin - times_.begin());
  auto to = static_cast<size_t>(end - times_.begin());

  Columns out;
  std::vector<size_t> sources;  // fields_.size(): no such column here
  const auto& wanted = selection.empty() ? std::span<const FieldRef>(fields_) : selection;
  for (const FieldRef field : wanted) {
    const auto found = std::find(fields_.begin(), fields_.end(), field);
    sources.push_back(static_cast<size_t>(found - fields_.begin()));
  }
  out.fields.assign(wanted.begin(), wanted.end());
  out.columns.resize(wanted.size());

  const size_t stride = fields_.size();
  const auto has_value = [&](size_t row) {
    return range.every_row || std::any_of(sources.begin(), sources.end(), [&](size_t source) {
             return source < stride && !std::isnan(values_[row * stride + source]);
           });
  };
  // Rows without an asked value do not count against the limit.
  std::vector<size_t> rows;
  rows.reserve(std::min(to - from, range.limit));
  if (range.newest_first) {
    while (to > from && rows.size() < range.limit) {
      if (has_value(--to)) rows.push_back(to);
    }
    std::reverse(rows.begin(), rows.end());
  } else {
    for (; from < to && rows.size() < range.limit; ++from) {
      if (has_value(from)) rows.push_back(from);
    }
  }
  out.time_ns.reserve(rows.size());
  for (const size_t row : rows) out.time_ns.push_back(times_[row]);
  for (size_t c = 0; c < sources.size(); ++c) {
    std::vector<double>& column = out.columns[c];
    column.reserve(rows.size());
    for (const size_t row : rows) {
      column.push_back(sources[c] < stride ? values_[row * stride + sources[c]] : kMissing);
    }
  }
  return out;
}

Columns SortedRows::CopyAll() const {
  if (times_.empty()) return {};
  Columns out;
  out.time_ns = times_;
  out.fields = fields_;
  const size_t stride = fields_.size();
  for (size_t c = 0; c < stride; ++c) {
    std::vector<double>& column = out.columns.emplace_back(times_.size());
    for (size_t row = 0; row < times_.size(); ++row) column[row] = values_[row * stride + c];
  }
  return out;
}

}  // namespace energy::series
