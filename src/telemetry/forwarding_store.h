#pragma once

#include "series/store.h"

namespace energy::telemetry {

/// For tests: another store, of which a derived class changes what the test is about.
class ForwardingStore : public series::Store {
 public:
  explicit ForwardingStore(series::Store& store) : store_(store) {}

  std::string_view name() const override { return store_.name(); }
  base::Status Start() override { return {}; }
  void Stop() override {}
  base::Result<series::DeviceRef> OpenDevice(std::string_view n) override {
    return store_.OpenDevice(n);
  }
  base::Result<series::FieldRef> OpenField(std::string_view n) override {
    return store_.OpenField(n);
  }
  base::Status CreateDevices(std::span<const std::string_view> names) override {
    return store_.CreateDevices(names);
  }
  std::optional<series::DeviceRef> FindDevice(std::string_view n) const override {
    return store_.FindDevice(n);
  }
  std::optional<series::FieldRef> FindField(std::string_view n) const override {
    return store_.FindField(n);
  }
  std::string DeviceName(series::DeviceRef d) const override { return store_.DeviceName(d); }
  std::string FieldName(series::FieldRef f) const override { return store_.FieldName(f); }
  base::Status DeleteDevice(std::string_view n) override { return store_.DeleteDevice(n); }
  base::Status Append(const series::Batch& batch) override { return store_.Append(batch); }
  base::Result<series::Series> Read(const series::RangeQuery& q) const override {
    return store_.Read(q);
  }
  base::Status Scan(const series::ScanQuery& q, const series::ScanSink& sink) const override {
    return store_.Scan(q, sink);
  }
  base::Status ScanChunks(const series::ScanQuery& q,
                          const series::ChunkSinks& sinks) const override {
    return store_.ScanChunks(q, sinks);
  }
  base::Result<series::Rollups> ReadRollups(const series::RollupQuery& q) const override {
    return store_.ReadRollups(q);
  }
  base::Result<series::Summary> Summarize(const series::ScanQuery& q) const override {
    return store_.Summarize(q);
  }
  series::RetentionState retention() const override { return store_.retention(); }
  std::optional<series::Latest> LatestOf(series::DeviceRef d) const override {
    return store_.LatestOf(d);
  }
  series::StoreStats Stats() const override { return store_.Stats(); }
  base::Status Probe() override { return store_.Probe(); }

 private:
  series::Store& store_;
};

}  // namespace energy::telemetry
