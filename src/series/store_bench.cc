#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "base/temporary_folder.h"
#include "series/embedded_store.h"
#include "series/head.h"
#include "series/log_record.h"

namespace energy::series {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr size_t kFields = 4;

struct OpenStore {
  OpenStore() {
    auto opened = EmbeddedStore::Open({.path = folder.path() / "telemetry"}, clock,
                                      base::NullLogger(), metrics);
    if (!opened.ok()) std::abort();
    store = std::move(*opened);
    for (int d = 0; d < kDevices; ++d) (void)store->OpenDevice("device-" + std::to_string(d));
    for (size_t f = 0; f < kFields; ++f) fields.push_back(*store->OpenField(std::to_string(f)));
  }

  static constexpr int kDevices = 100;
  base::TemporaryFolder folder;
  base::SystemClock clock;
  base::Metrics metrics;
  std::unique_ptr<EmbeddedStore> store;
  std::vector<FieldRef> fields;
};

void AddReading(Batch& batch, DeviceRef device, int64_t step, std::span<const FieldRef> fields) {
  const auto n = static_cast<double>(step);
  const double values[kFields] = {
      std::round(2300 + 10 * std::sin(n)) / 10, std::round(260 + 5 * std::cos(n)) / 1000,
      std::round(600 + 20 * std::sin(n / 7)) / 10, std::round(350 + std::fmod(n, 11)) / 10};
  batch.Add(device, step * 5 * kSecond, fields, values);
}

void ReportReadings(benchmark::State& state, size_t per_iteration) {
  state.counters["readings/s"] = benchmark::Counter(
      static_cast<double>(per_iteration) * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate);
}

// Readings of 100 devices in turn, durable.
void AppendDurable(benchmark::State& state) {
  OpenStore open;
  if (!open.store->Start().ok()) std::abort();
  const auto size = static_cast<int64_t>(state.range(0));
  Batch batch;
  int64_t next = 0;
  for (auto _ : state) {
    state.PauseTiming();
    batch.Clear();
    for (int64_t i = 0; i < size; ++i, ++next) {
      AddReading(batch, static_cast<DeviceRef>(next % OpenStore::kDevices),
                 next / OpenStore::kDevices, open.fields);
    }
    state.ResumeTiming();
    if (const auto status = open.store->Append(batch); !status.ok()) {
      state.SkipWithError(status.message().c_str());
    }
  }
  ReportReadings(state, static_cast<size_t>(size));
}

// The limit: as many bytes as the log record into a file that has its blocks already, fdatasync.
void RawFdatasync(benchmark::State& state) {
  base::TemporaryFolder folder;
  const auto size = static_cast<size_t>(state.range(0));
  Batch batch;
  const std::vector<FieldRef> fields = {0, 1, 2, 3};
  for (size_t i = 0; i < size; ++i) {
    AddReading(batch, static_cast<DeviceRef>(i % 100), static_cast<int64_t>(i / 100), fields);
  }
  std::string record;
  EncodeLogRecord(batch, record);
  constexpr off_t kFileBytes = off_t{64} << 20;
  const int file = open((folder.path() / "raw").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  const std::string zeros(size_t{1} << 20, '\0');
  for (off_t at = 0; at < kFileBytes; at += static_cast<off_t>(zeros.size())) {
    if (pwrite(file, zeros.data(), zeros.size(), at) < 0) std::abort();
  }
  fsync(file);
  off_t at = 0;
  for (auto _ : state) {
    if (at + static_cast<off_t>(record.size()) > kFileBytes) at = 0;
    if (pwrite(file, record.data(), record.size(), at) < 0) std::abort();
    if (fdatasync(file) != 0) std::abort();
    at += static_cast<off_t>(record.size());
  }
  close(file);
  state.counters["bytes/reading"] = static_cast<double>(record.size()) / static_cast<double>(size);
  ReportReadings(state, size);
}

BENCHMARK(AppendDurable)->Arg(1)->Arg(100)->Arg(1000)->Arg(10000)->UseRealTime();
BENCHMARK(RawFdatasync)->Arg(1)->Arg(100)->Arg(1000)->Arg(10000)->UseRealTime();

Batch ManyDevices(size_t readings, int64_t from) {
  Batch batch;
  const std::vector<FieldRef> fields = {0, 1, 2, 3};
  for (size_t i = 0; i < readings; ++i) {
    AddReading(batch, static_cast<DeviceRef>(i % 100), from + static_cast<int64_t>(i / 100),
               fields);
  }
  return batch;
}

void InsertIntoHead(benchmark::State& state) {
  auto head = std::make_unique<Head>();
  int64_t step = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const Batch batch = ManyDevices(10'000, step);
    step += 100;
    if (head->bytes() > size_t{32} << 20) head = std::make_unique<Head>();
    state.ResumeTiming();
    head->Insert(batch, kOldestTime);
  }
  ReportReadings(state, 10'000);
}
BENCHMARK(InsertIntoHead);

void EncodeRecord(benchmark::State& state) {
  const Batch batch = ManyDevices(1000, 0);
  std::string record;
  for (auto _ : state) {
    EncodeLogRecord(batch, record);
    benchmark::DoNotOptimize(record.data());
  }
  ReportReadings(state, 1000);
}
BENCHMARK(EncodeRecord);

constexpr int64_t kDayReadings = 17'280;

void ReadDay(benchmark::State& state, bool sealed) {
  OpenStore open;
  Batch batch;
  for (int64_t i = 0; i < kDayReadings; ++i) AddReading(batch, 7, i, open.fields);
  if (!open.store->Append(batch).ok()) std::abort();
  if (sealed && !open.store->Seal().ok()) std::abort();
  RangeQuery query{.device = 7,
                   .start_ns = 0,
                   .end_ns = kDayReadings * 5 * kSecond,
                   .fields = open.fields,
                   .limit = 100'000,
                   .newest_first = false};
  query.fields.resize(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    const auto series = open.store->Read(query);
    if (series->time_ns.size() != kDayReadings) state.SkipWithError("rows");
    benchmark::DoNotOptimize(series->columns.data());
  }
  ReportReadings(state, kDayReadings);
}
BENCHMARK_CAPTURE(ReadDay, sealed, true)->Arg(1)->Arg(4)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(ReadDay, head, false)->Arg(1)->Arg(4)->Unit(benchmark::kMicrosecond);

// The limit: the answer's bytes, copied.
void CopyDay(benchmark::State& state) {
  const auto columns = static_cast<size_t>(state.range(0)) + 1;
  const std::vector<std::vector<double>> day(columns, std::vector<double>(kDayReadings, 1.5));
  for (auto _ : state) {
    const auto copy = day;
    benchmark::DoNotOptimize(copy.data());
  }
  ReportReadings(state, kDayReadings);
}
BENCHMARK(CopyDay)->Arg(1)->Arg(4)->Unit(benchmark::kMicrosecond);

void LatestReading(benchmark::State& state) {
  OpenStore open;
  Batch batch = ManyDevices(10'000, 0);
  if (!open.store->Append(batch).ok()) std::abort();
  if (state.range(0) != 0 && !open.store->Seal().ok()) std::abort();
  DeviceRef device = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(open.store->LatestOf(device));
    device = (device + 1) % OpenStore::kDevices;
  }
}
BENCHMARK(LatestReading)->Arg(0)->Arg(1);

// Two weeks of one device, in memory and in the log; then sealed.
void SealBacklog(benchmark::State& state) {
  constexpr int64_t kReadings = 241'920;
  OpenStore open;
  DeviceRef device = 0;
  for (auto _ : state) {
    state.PauseTiming();
    Batch batch;
    for (int64_t i = 0; i < kReadings; ++i) AddReading(batch, device, i, open.fields);
    device = (device + 1) % OpenStore::kDevices;
    if (!open.store->Append(batch).ok()) std::abort();
    state.ResumeTiming();
    if (!open.store->Seal().ok()) std::abort();
  }
  ReportReadings(state, kReadings);
}
BENCHMARK(SealBacklog)->Unit(benchmark::kMillisecond)->Iterations(10);

}  // namespace
}  // namespace energy::series
