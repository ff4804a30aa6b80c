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
  if (late_ == nullptr) late_ = std::make_unique<SortedRows>();
  const bool moves_rows = !late_->IsAfterAll(time_ns) && !late_->Contains(time_ns);
  if (moves_rows && late_->rows() >= kLateRows) {
    MergeLate();
    late_ = std::make_unique<SortedRows>();
  }
  late_->Upsert(time_ns, fields, values);
}

size_t DeviceHead::bytes() const {
  const size_t late = late_ == nullptr ? 0 : HeapBytes(sizeof *late_) + late_->bytes();
  return HeapBytes(sizeof *this) + main_.bytes() + late;
}

void DeviceHead::MergeLate() {
  main_ = SortedRows(CopyAll());
  late_.reset();
}

Columns DeviceHead::Copy(const RowRange& range, std::span<const FieldRef> selection) const {
  Columns rows = main_.Copy(range, selection);
  if (late_ == nullptr) return rows;
  rows = Overlay(late_->Copy(range, selection), rows);
  if (rows.rows() > range.limit) {
    const size_t from = range.newest_first ? rows.rows() - range.limit : 0;
    rows.Slice(from, from + range.limit);
  }
  return rows;
}

Columns DeviceHead::CopyAll() const {
  return late_ == nullptr ? main_.CopyAll() : Overlay(late_->CopyAll(), main_.CopyAll());
}

size_t Head::Insert(const Batch& batch, int64_t oldest_ns, const std::vector<bool>& gone) {
  size_t inserted = 0;
  oldest_ns = std::max(oldest_ns, kOldestTime);
  for (const Row& row : batch.rows) {
    if (row.time_ns < oldest_ns || row.time_ns >= kNewestTime) continue;
    if (row.device < gone.size() && gone[row.device]) continue;
    const auto values = std::span(batch.values).subspan(row.first, row.count);
    const auto fields = std::span(batch.fields).subspan(row.first, row.count);
    if (std::all_of(values.begin(), values.end(), [](double value) { return std::isnan(value); })) {
      continue;
    }
    if (row.device >= devices_.size()) devices_.resize(row.device + 1);
    std::unique_ptr<DeviceHead>& device = devices_[row.device];
    if (device == nullptr) {
      device = std::make_unique<DeviceHead>();
      bytes_ += device->bytes();
    }
    const size_t bytes = device->bytes();
    const size_t rows = device->rows();
    device->Upsert(row.time_ns, fields, values);
    bytes_ += device->bytes() - bytes;
    readings_ += device->rows() - rows;
    newest_ns_ = std::max(newest_ns_, row.time_ns);
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
