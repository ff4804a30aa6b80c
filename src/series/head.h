#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "series/sorted_rows.h"
#include "series/store.h"

namespace energy::series {

/// The readings of one device that are not sealed yet.
///
/// Two sorted runs: what arrives in order, and what is late (a backlog that a device sends beside
/// its live readings is in order itself, so it appends to the second run). A time is in one of
/// them. Late readings without any order are merged in runs of kLateRows.
class DeviceHead {
 public:
  void Upsert(int64_t time_ns, std::span<const FieldRef> fields, std::span<const double> values);
  /// Rows of the range, both runs merged; `range.limit` holds for the result.
  Columns Copy(const RowRange& range, std::span<const FieldRef> selection) const;
  Columns CopyAll() const;
  size_t rows() const { return main_.rows() + (late_ == nullptr ? 0 : late_->rows()); }
  /// Memory held, this object included.
  size_t bytes() const;

 private:
  static constexpr size_t kLateRows = 1024;
  void MergeLate();

  SortedRows main_;
  std::unique_ptr<SortedRows> late_;  // most devices have nothing late
};

/// All readings between two seals. Once it is being sealed nothing changes in it.
class Head {
 public:
  /// Adds the rows of a checked batch from `oldest_ns` on, but of devices that are set in `gone`;
  /// returns how many had a value.
  size_t Insert(const Batch& batch, int64_t oldest_ns, const std::vector<bool>& gone = {});
  /// Null when the device has no reading here.
  const DeviceHead* Find(DeviceRef device) const;
  /// Devices that have readings, ascending.
  std::vector<DeviceRef> Devices() const;

  bool empty() const { return readings_ == 0; }
  size_t readings() const { return readings_; }
  /// The smallest time when empty.
  int64_t newest_ns() const { return newest_ns_; }
  /// Memory held.
  size_t bytes() const { return bytes_ + HeapBytes(devices_.capacity() * sizeof(devices_[0])); }

 private:
  std::vector<std::unique_ptr<DeviceHead>> devices_;  // by handle
  size_t readings_ = 0;
  int64_t newest_ns_ = std::numeric_limits<int64_t>::min();
  size_t bytes_ = 0;
};

/// The newest row of `columns` with its values, or nothing.
std::optional<Latest> LastRow(const Columns& columns);

/// The later of both; of equal times the values of `top` over those of `base`.
std::optional<Latest> Later(std::optional<Latest> base, std::optional<Latest> top);

}  // namespace energy::series
