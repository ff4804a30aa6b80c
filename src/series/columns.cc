#include "series/columns.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace energy::series {
namespace {

// Where each row of two sorted lists goes in their union.
struct MergePlan {
  std::vector<int64_t> times;
  std::vector<uint32_t> from_base;
  std::vector<uint32_t> from_top;
};

MergePlan PlanMerge(std::span<const int64_t> base, std::span<const int64_t> top) {
  MergePlan plan;
  plan.times.reserve(base.size() + top.size());
  plan.from_base.reserve(base.size());
  plan.from_top.reserve(top.size());
  size_t b = 0;
  size_t t = 0;
  while (b < base.size() || t < top.size()) {
    const bool take_base = t == top.size() || (b < base.size() && base[b] <= top[t]);
    const bool take_top = b == base.size() || (t < top.size() && top[t] <= base[b]);
    const auto to = static_cast<uint32_t>(plan.times.size());
    plan.times.push_back(take_base ? base[b] : top[t]);
    if (take_base) {
      plan.from_base.push_back(to);
      ++b;
    }
    if (take_top) {
      plan.from_top.push_back(to);
      ++t;
    }
  }
  return plan;
}

// Where a column of `top` goes in `base`. By position first: an answer may name a field twice.
size_t TargetOf(Columns& base, const Columns& top, size_t column) {
  const FieldRef field = top.fields[column];
  if (column < base.fields.size() && base.fields[column] == field) return column;
  return base.FindOrAdd(field);
}

void AppendAfter(Columns& base, const Columns& top) {
  base.AppendTimes(top.time_ns);
  const size_t start = base.rows() - top.rows();
  for (size_t c = 0; c < top.fields.size(); ++c) {
    std::vector<double>& column = base.columns[TargetOf(base, top, c)];
    std::copy(top.columns[c].begin(), top.columns[c].end(),
              column.begin() + static_cast<ptrdiff_t>(start));
  }
}

}  // namespace

std::optional<size_t> Columns::Find(FieldRef field) const {
  const auto found = std::find(fields.begin(), fields.end(), field);
  if (found == fields.end()) return std::nullopt;
  return static_cast<size_t>(found - fields.begin());
}

size_t Columns::FindOrAdd(FieldRef field) {
  if (const auto found = Find(field)) return *found;
  fields.push_back(field);
  columns.emplace_back(rows(), kMissing);
  return fields.size() - 1;
}

void Columns::AppendTimes(std::span<const int64_t> times) {
  time_ns.insert(time_ns.end(), times.begin(), times.end());
  for (std::vector<double>& column : columns) column.resize(rows(), kMissing);
}

void Columns::Slice(size_t from, size_t to) {
  const auto cut = [&](auto& list) {
    list.resize(to);
    list.erase(list.begin(), list.begin() + static_cast<ptrdiff_t>(from));
  };
  if (from == 0 && to == rows()) return;
  cut(time_ns);
  for (std::vector<double>& column : columns) cut(column);
}

void Columns::DropEmptyRows() {
  std::vector<char> keep(rows(), 0);
  for (const std::vector<double>& column : columns) {
    bool complete = true;
    for (size_t r = 0; r < column.size(); ++r) {
      const bool there = !std::isnan(column[r]);
      keep[r] = static_cast<char>(keep[r] | static_cast<char>(there));
      complete &= there;
    }
    if (complete) return;
  }
  const auto filter = [&](auto& list) {
    size_t to = 0;
    for (size_t r = 0; r < list.size(); ++r) {
      if (keep[r] != 0) list[to++] = list[r];
    }
    list.resize(to);
  };
  for (std::vector<double>& column : columns) filter(column);
  filter(time_ns);
}

void Columns::DropEmptyColumns() {
  for (size_t c = fields.size(); c-- > 0;) {
    const auto& column = columns[c];
    if (std::any_of(column.begin(), column.end(), [](double v) { return !std::isnan(v); }))
      continue;
    fields.erase(fields.begin() + static_cast<ptrdiff_t>(c));
    columns.erase(columns.begin() + static_cast<ptrdiff_t>(c));
  }
}

Columns Columns::CopyRows(size_t from, size_t to) const {
  const auto range = [&](const auto& list) {
    return std::vector(list.begin() + static_cast<ptrdiff_t>(from),
                       list.begin() + static_cast<ptrdiff_t>(to));
  };
  Columns part;
  part.time_ns = range(time_ns);
  part.fields = fields;
  part.columns.reserve(columns.size());
  for (const auto& column : columns) part.columns.push_back(range(column));
  return part;
}

void Columns::SortFields() {
  if (std::is_sorted(fields.begin(), fields.end())) return;
  std::vector<size_t> order(fields.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return fields[a] < fields[b]; });
  Columns sorted;
  for (const size_t from : order) {
    sorted.fields.push_back(fields[from]);
    sorted.columns.push_back(std::move(columns[from]));
  }
  fields = std::move(sorted.fields);
  columns = std::move(sorted.columns);
}

Columns Overlay(Columns base, const Columns& top) {
  if (top.empty()) return base;
  if (base.empty() || top.time_ns.front() > base.time_ns.back()) {
    AppendAfter(base, top);
    return base;
  }
  MergePlan plan = PlanMerge(base.time_ns, top.time_ns);
  Columns merged;
  merged.time_ns = std::move(plan.times);
  for (size_t c = 0; c < base.fields.size(); ++c) {
    merged.fields.push_back(base.fields[c]);
    std::vector<double>& column = merged.columns.emplace_back(merged.rows(), kMissing);
    for (size_t r = 0; r < base.rows(); ++r) column[plan.from_base[r]] = base.columns[c][r];
  }
  for (size_t c = 0; c < top.fields.size(); ++c) {
    std::vector<double>& column = merged.columns[TargetOf(merged, top, c)];
    for (size_t r = 0; r < top.rows(); ++r) {
      if (!std::isnan(top.columns[c][r])) column[plan.from_top[r]] = top.columns[c][r];
    }
  }
  return merged;
}

}  // namespace energy::series
