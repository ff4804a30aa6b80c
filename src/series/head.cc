#include "series/head.h"

#include <algorithm>
#include <cmath>

namespace energy::series {

void DeviceHead::Upsert(int64_t time_ns, std::span<const FieldRef> fields,
                        std::span<const double> values) {
  if (main_.IsAfterAll(time_ns) || main_.Contains(time_ns)) {
    main_.Upsert(time_ns, fields, values);
    return;
  }
  const bool moves_rows = !late_.IsAfterAll(time_ns) && !late_.Contains(time_ns);
  if (moves_rows && late_.rows() >= kLateRows) MergeLate();
  late_.Upsert(time_ns, fields, values);
}

void DeviceHead::MergeLate() {
  main_ = SortedRows(CopyAll());
  late_ = SortedRows();
}

Columns DeviceHead::Copy(const RowRange& range, std::span<const FieldRef> selection) const {
  Columns rows = main_.Copy(range, selection);
  if (late_.empty()) return rows;
  rows = Overlay(late_.Copy(range, selection), rows);
  if (rows.rows() > range.limit) {
    const size_t from = range.newest_first ? rows.rows() - range.limit : 0;
    rows.Slice(from, from + range.limit);
  }
  return rows;
}

Columns DeviceHead::CopyAll() const { return Overlay(late_.CopyAll(), main_.CopyAll()); }

size_t Head::Insert(const Batch& batch) {
  size_t inserted = 0;
  for (const Row& row : batch.rows) {
    const auto values = std::span(batch.values).subspan(row.first, row.count);
    const auto fields = std::span(batch.fields).subspan(row.first, row.count);
    if (std::all_of(values.begin(), values.end(), [](double value) { return std::isnan(value); })) {
      continue;
    }
    if (row.device >= devices_.size()) devices_.resize(row.device + 1);
    std::unique_ptr<DeviceHead>& device = devices_[row.device];
    if (device == nullptr) {
      device = std::make_unique<DeviceHead>();
      bytes_ += sizeof(DeviceHead);
    }
    const size_t bytes = device->bytes();
    const size_t rows = device->rows();
    device->Upsert(row.time_ns, fields, values);
    bytes_ += device->bytes() - bytes;
    readings_ += device->rows() - rows;
    ++inserted;
  }
  return inserted;
}

const DeviceHead* Head::Find(DeviceRef device) const {
  return device < devices_.size() ? devices_[device].get() : nullptr;
}

std::vector<DeviceRef> Head::Devices() const {
  std::vector<DeviceRef> devices;
  for (DeviceRef device = 0; device < devices_.size(); ++device) {
    if (devices_[device] != nullptr) devices.push_back(device);
  }
  return devices;
}

std::optional<Latest> LastRow(const Columns& columns) {
  if (columns.empty()) return std::nullopt;
  const size_t row = columns.rows() - 1;
  Latest latest;
  latest.time_ns = columns.time_ns[row];
  for (size_t c = 0; c < columns.fields.size(); ++c) {
    if (std::isnan(columns.columns[c][row])) continue;
    latest.fields.push_back(columns.fields[c]);
    latest.values.push_back(columns.columns[c][row]);
  }
  return latest;
}

std::optional<Latest> Later(std::optional<Latest> base, std::optional<Latest> top) {
  if (!base || (top && top->time_ns > base->time_ns)) return top;
  if (!top || base->time_ns > top->time_ns) return base;
  for (size_t i = 0; i < base->fields.size(); ++i) {
    const auto found = std::find(top->fields.begin(), top->fields.end(), base->fields[i]);
    if (found != top->fields.end()) continue;
    top->fields.push_back(base->fields[i]);
    top->values.push_back(base->values[i]);
  }
  return top;
}

}  // namespace energy::series
