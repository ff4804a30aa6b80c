#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdlib>
#include <memory>

#include "base/temporary_folder.h"
#include "series/embedded_store.h"

namespace energy::series {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDay = 24 * 3600 * kSecond;
constexpr int64_t kStep = 60 * kSecond;
constexpr int64_t kDays = 365;

// A year of one device, a reading a minute with four fields.
struct Year {
  Year() {
    EmbeddedOptions options;
    options.path = folder.path() / "telemetry";
    store = std::move(*EmbeddedStore::Open(options, clock, base::NullLogger(), metrics));
    device = *store->OpenDevice("device");
    for (const char* name : {"voltage", "current", "power", "temperature"}) {
      fields.push_back(*store->OpenField(name));
    }
    Batch batch;
    for (int64_t day = 0; day < kDays; ++day) {
      batch.Clear();
      for (int64_t t = day * kDay; t < (day + 1) * kDay; t += kStep) {
        const auto n = static_cast<double>(t / kStep);
        batch.Add(device, t, fields,
                  std::vector<double>{std::round(2300 + 10 * std::sin(n)) / 10,
                                      std::round(260 + 5 * std::cos(n)) / 1000,
                                      std::round(600 + 20 * std::sin(n / 7)) / 10,
                                      std::round(350 + std::fmod(n, 11)) / 10});
      }
      if (!store->Append(batch).ok()) std::abort();
    }
    if (!store->Seal().ok()) std::abort();
  }
  base::TemporaryFolder folder;
  base::SystemClock clock;
  base::Metrics metrics;
  std::unique_ptr<EmbeddedStore> store;
  DeviceRef device = 0;
  std::vector<FieldRef> fields;
};

Year& TheYear() {
  static Year year;
  return year;
}

void ReadRollups(benchmark::State& state, Resolution resolution) {
  Year& year = TheYear();
  const RollupQuery query{.device = year.device,
                          .start_ns = 0,
                          .end_ns = state.range(0) * kDay,
                          .fields = {year.fields[2]},
                          .resolution = resolution};
  size_t buckets = 0;
  for (auto _ : state) {
    const auto rollups = year.store->ReadRollups(query);
    buckets = rollups->start_ns.size();
    benchmark::DoNotOptimize(rollups->columns.data());
  }
  state.counters["buckets"] = static_cast<double>(buckets);
}
BENCHMARK_CAPTURE(ReadRollups, hourly, Resolution::kHourly)
    ->Arg(30)
    ->Arg(365)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(ReadRollups, daily, Resolution::kDaily)
    ->Arg(30)
    ->Arg(365)
    ->Unit(benchmark::kMicrosecond);

// The readings themselves, summed up: what the rollups spare.
void SummarizeYear(benchmark::State& state) {
  Year& year = TheYear();
  for (auto _ : state) {
    const auto summary = year.store->Summarize({.device = year.device,
                                                .start_ns = 7 * kSecond,
                                                .end_ns = kDays * kDay - 7 * kSecond,
                                                .fields = {year.fields[2]}});
    benchmark::DoNotOptimize(summary->summaries.data());
  }
}
BENCHMARK(SummarizeYear)->Unit(benchmark::kMicrosecond);

// What a scan for statistics costs: every value decoded and added up.
void ScanAndAggregate(benchmark::State& state) {
  Year& year = TheYear();
  std::vector<FieldRef> fields = year.fields;
  fields.resize(static_cast<size_t>(state.range(0)));
  size_t values = 0;
  for (auto _ : state) {
    double total = 0;
    double least = INFINITY;
    const auto status = year.store->Scan(
        {.device = year.device, .start_ns = 0, .end_ns = kDays * kDay, .fields = fields},
        [&](const Series& block) {
          for (const auto& column : block.columns) {
            // Four sums, as a planner of aggregates keeps them.
            double sums[4] = {};
            double lows[4] = {INFINITY, INFINITY, INFINITY, INFINITY};
            size_t i = 0;
            for (; i + 4 <= column.size(); i += 4) {
              for (size_t k = 0; k < 4; ++k) {
                sums[k] += column[i + k];
                lows[k] = column[i + k] < lows[k] ? column[i + k] : lows[k];
              }
            }
            for (; i < column.size(); ++i) sums[0] += column[i];
            for (size_t k = 0; k < 4; ++k) {
              total += sums[k];
              least = lows[k] < least ? lows[k] : least;
            }
            values += column.size();
          }
          return true;
        });
    if (!status.ok()) state.SkipWithError(status.message().c_str());
    benchmark::DoNotOptimize(total);
    benchmark::DoNotOptimize(least);
  }
  state.counters["values/s"] =
      benchmark::Counter(static_cast<double>(values), benchmark::Counter::kIsRate);
}
BENCHMARK(ScanAndAggregate)->Arg(1)->Arg(4)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace energy::series
