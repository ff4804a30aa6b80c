#pragma once

#include <rocksdb/iterator.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "series/columns.h"
#include "series/rollup_block.h"

namespace energy::series {

/// Recomputes the rollups of sealed readings and compares them with those that are stored.
/// Threads: none of its own.
class RollupCheck {
 public:
  /// Told of a stored block that does not equal its readings, or cannot be read.
  using OnWrong = std::function<void(const RollupShape& shape, DeviceRef device, int64_t start_ns,
                                     const std::string& what)>;

  /// The iterators are over `hourly` and `daily` and outlive this.
  RollupCheck(rocksdb::Iterator& hourly, rocksdb::Iterator& daily, OnWrong on_wrong)
      : hourly_(hourly), daily_(daily), on_wrong_(std::move(on_wrong)) {}

  /// Rows ascend within a device, devices ascend.
  void Add(DeviceRef device, const Columns& rows);
  /// Readings are missing here: the day on either side is not compared.
  void Skip() { day_whole_ = next_day_whole_ = false; }
  void Finish();

 private:
  void BeginDay(DeviceRef device, int64_t start_ns);
  void EndDay();
  void EndDays();
  void Compare(rocksdb::Iterator& it, const RollupShape& shape, const RollupBlock& expected,
               uint32_t buckets);

  rocksdb::Iterator& hourly_;
  rocksdb::Iterator& daily_;
  const OnWrong on_wrong_;
  std::optional<DeviceRef> device_;
  RollupBlock hours_;
  RollupBlock days_;
  uint32_t compared_days_ = 0;  // bits
  bool day_open_ = false;
  bool days_open_ = false;
  bool day_whole_ = true;
  bool next_day_whole_ = true;
};

}  // namespace energy::series
