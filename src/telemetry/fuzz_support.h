#pragma once

#include <cstdlib>
#include <string>
#include <unordered_map>

#include "series/store.h"
#include "telemetry/device_table.h"
#include "telemetry/refusals.h"

namespace energy::telemetry {

/// For the fuzzers: a store that hands out names and keeps nothing, so that an input costs
/// microseconds.
class NamesOnlyStore final : public series::Store {
 public:
  std::string_view name() const override { return "names"; }
  base::Status Start() override { return {}; }
  void Stop() override {}
  base::Result<series::DeviceRef> OpenDevice(std::string_view) override { return 1; }
  base::Result<series::FieldRef> OpenField(std::string_view field) override {
    if (fields_.size() > 60'000) fields_.clear();
    const auto next = static_cast<series::FieldRef>(fields_.size());
    return fields_.try_emplace(std::string(field), next).first->second;
  }
  base::Status CreateDevices(std::span<const std::string_view>) override { return {}; }
  std::optional<series::DeviceRef> FindDevice(std::string_view) const override { return 1; }
  std::optional<series::FieldRef> FindField(std::string_view) const override { return {}; }
  std::string DeviceName(series::DeviceRef) const override { return {}; }
  std::string FieldName(series::FieldRef) const override { return {}; }
  base::Status Append(const series::Batch&) override { return {}; }
  base::Status DeleteDevice(std::string_view) override { return {}; }
  base::Result<series::Series> Read(const series::RangeQuery&) const override { std::abort(); }
  base::Status Scan(const series::ScanQuery&, const series::ScanSink&) const override {
    std::abort();
  }
  base::Result<series::Rollups> ReadRollups(const series::RollupQuery&) const override {
    std::abort();
  }
  base::Status ScanChunks(const series::ScanQuery&, const series::ChunkSinks&) const override {
    std::abort();
  }
  base::Result<series::Summary> Summarize(const series::ScanQuery&) const override { std::abort(); }
  series::RetentionState retention() const override { return {}; }
  std::optional<series::Latest> LatestOf(series::DeviceRef) const override { return {}; }
  series::StoreStats Stats() const override { return {}; }
  base::Status Probe() override { return {}; }

 private:
  std::unordered_map<std::string, series::FieldRef> fields_;
};

/// A bulb D1, and C1 whose type has no profile.
inline const DeviceTable& FuzzDevices() {
  static const DeviceTable table = [] {
    DeviceTable devices;
    devices.Add({"D1", "bulb", 1, {{"voltage", 1, true, 200, 250}, {"power", 2, false, 0, 500}}});
    devices.Add({.id = "C1", .type = "compressor", .ref = 2, .fields = {}, .any_field = true});
    return devices;
  }();
  return table;
}

/// What must hold whatever was parsed: whole readings within their ranges, and refused texts that
/// are parts of the message.
inline void CheckParsed(std::string_view payload, size_t accepted, const Readings& batch,
                        const Refusals& refusals) {
  const auto check = [](bool holds) {
    if (!holds) std::abort();
  };
  check(accepted == batch.rows.size() && batch.fields.size() == batch.values.size());
  size_t values = 0;
  for (const series::Row& row : batch.rows) {
    check(row.first == values && row.count > 0);
    values += row.count;
    if (row.device != 1) continue;
    for (size_t i = row.first; i < values; ++i) {
      check(batch.values[i] >= 0 && batch.values[i] <= 500);
    }
  }
  check(values == batch.values.size());
  std::vector<DeadLetter> letters;
  AppendDeadLetters(refusals, "t", {}, letters);
  size_t readings = 0;
  for (const DeadLetter& letter : letters) readings += letter.readings;
  check(readings == refusals.size());
  for (const RefusedReading& refused : refusals) {
    check(!refused.rejection.detail.empty());
    check(refused.text.empty() ||
          (refused.text.data() >= payload.data() &&
           refused.text.data() + refused.text.size() <= payload.data() + payload.size()));
  }
}

}  // namespace energy::telemetry
