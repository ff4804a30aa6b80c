#include <benchmark/benchmark.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "base/number_text.h"
#include "base/temporary_folder.h"
#include "query/engine.h"
#include "query/format.h"
#include "query/window_builder.h"
#include "series/embedded_store.h"

// A year of one device at a reading every 5 s with the four fields of a bulb, as the LLD has it.

namespace energy::query {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kDay = 86'400;
constexpr int64_t kStart = 1'735'689'600;  // 2025-01-01T00:00:00Z
constexpr int64_t kDays = 365;

struct Year {
  Year() {
    devices::Device device;
    device.id = "D1";
    device.type = "bulb";
    registry.Load({device}, {});
    const series::DeviceRef ref = *store->OpenDevice("D1");
    std::vector<series::FieldRef> fields;
    for (const char* name : {"voltage", "current", "power", "temperature"}) {
      fields.push_back(*store->OpenField(name));
    }
    series::Batch batch;
    for (int64_t i = 0; i < kDays * kDay / 5; ++i) {
      const auto n = static_cast<double>(i);
      const double values[] = {std::round(23000 + 500 * std::sin(n)) / 100,
                               std::round(85 + 5 * std::cos(n * 1.3)) / 100,
                               std::round(19500 + 900 * std::sin(n * 0.7)) / 100,
                               std::round(4000 + 200 * std::sin(n * 0.01)) / 100};
      batch.Add(ref, (kStart + i * 5) * kSecondNs, fields, values);
      if (batch.rows.size() == 50'000) {
        if (!store->Append(batch).ok()) std::abort();
        batch.Clear();
      }
    }
    if (!store->Append(batch).ok() || !store->Seal().ok()) std::abort();
  }

  std::unique_ptr<series::EmbeddedStore> Open() {
    series::EmbeddedOptions options;
    options.path = folder.path() / "series";
    return std::move(series::EmbeddedStore::Open(options, clock, base::NullLogger(), metrics))
        .value();
  }

  base::TemporaryFolder folder;
  base::SystemClock clock;
  base::Metrics metrics;
  std::unique_ptr<series::EmbeddedStore> store = Open();
  devices::Registry registry;
  Engine engine{*store, registry, clock};
};

Year& TheYear() {
  static Year year;
  return year;
}

base::Timestamp DayAt(int64_t day) {
  return base::Timestamp(std::chrono::seconds(kStart + day * kDay));
}

size_t Write(Answer& answer, Format format, TimeFormat time) {
  const auto writer = MakeWriter(format, time);
  std::string out;
  writer->Begin(answer.header(), out);
  size_t bytes = 0;
  Block block;
  while (true) {
    const auto more = answer.Next(block);
    if (!more.ok()) std::abort();
    if (!*more) break;
    if (!writer->Rows(answer.header(), std::move(block), out).ok()) std::abort();
    if (!writer->holds_rows()) {
      bytes += out.size();
      out.clear();
    }
  }
  while (writer->End(answer.header(), answer.tail(), out)) {
  }
  return bytes + out.size();
}

void RawDay(benchmark::State& state, Format format, TimeFormat time) {
  const Year& year = TheYear();
  size_t bytes = 0;
  for (auto _ : state) {
    auto answer = year.engine.Range({.device_id = "D1",
                                     .start = DayAt(200),
                                     .end = DayAt(201),
                                     .fields = {},
                                     .limit = 20'000,
                                     .max_points = {}});
    bytes = Write(**answer, format, time);
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK_CAPTURE(RawDay, columns, Format::kJsonColumns, TimeFormat::kRfc3339)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(RawDay, columns_ns, Format::kJsonColumns, TimeFormat::kNanoseconds)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(RawDay, rows, Format::kJsonRows, TimeFormat::kRfc3339)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(RawDay, csv, Format::kCsv, TimeFormat::kRfc3339)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(RawDay, arrow, Format::kArrow, TimeFormat::kRfc3339)
    ->Unit(benchmark::kMillisecond);

void Windows(benchmark::State& state, const char* window, Aggregate aggregate, int64_t days,
             const char* time_zone = "UTC") {
  const Year& year = TheYear();
  Query query;
  query.devices = {"D1"};
  query.start = DayAt(kDays - days);
  query.end = DayAt(kDays);
  query.fields = {"power"};
  query.window = ParseWindow(window);
  query.aggregates = {aggregate};
  query.time_zone = time_zone;
  for (auto _ : state) {
    auto answer = year.engine.Run(query);
    benchmark::DoNotOptimize(Write(**answer, Format::kJsonColumns, TimeFormat::kRfc3339));
  }
}
BENCHMARK_CAPTURE(Windows, hourly_mean_30_days, "1h", Aggregate::kMean, 30)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Windows, hourly_mean_year, "1h", Aggregate::kMean, kDays)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Windows, daily_integral_year, "day", Aggregate::kIntegral, kDays)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Windows, raw_5m_mean_30_days, "5m", Aggregate::kMean, 30)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Windows, raw_hourly_p95_30_days, "1h", Aggregate::kP95, 30)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Windows, raw_5m_mean_year, "5m", Aggregate::kMean, kDays)
    ->Unit(benchmark::kMillisecond);
// Half an hour off the hours: by headers of chunks, what lacks in them by summaries.
BENCHMARK_CAPTURE(Windows, header_daily_mean_year, "day", Aggregate::kMean, kDays, "Asia/Kolkata")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Windows, header_6h_max_year, "6h", Aggregate::kMax, kDays, "Asia/Kolkata")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Windows, summary_daily_integral_year, "day", Aggregate::kIntegral, kDays,
                  "Asia/Kolkata")
    ->Unit(benchmark::kMillisecond);

void StreamYear(benchmark::State& state) {
  const Year& year = TheYear();
  for (auto _ : state) {
    auto answer = year.engine.Range({.device_id = "D1",
                                     .start = DayAt(0),
                                     .end = DayAt(kDays),
                                     .fields = {},
                                     .limit = {},
                                     .max_points = {}});
    benchmark::DoNotOptimize(Write(**answer, Format::kCsv, TimeFormat::kRfc3339));
  }
}
BENCHMARK(StreamYear)->Unit(benchmark::kMillisecond);

void Statistics30Days(benchmark::State& state) {
  const Year& year = TheYear();
  for (auto _ : state) {
    benchmark::DoNotOptimize(year.engine.Describe(
        {.device_id = "D1", .start = DayAt(300), .end = DayAt(330), .fields = {}}));
  }
}
BENCHMARK(Statistics30Days)->Unit(benchmark::kMillisecond);

// Aggregation alone, on columns that are in memory: values a second of one core.
void Aggregates(benchmark::State& state, bool integrals) {
  std::vector<int64_t> times;
  std::vector<std::vector<double>> columns(4);
  for (int64_t i = 0; i < 4096; ++i) {
    times.push_back((kStart + i * 5) * kSecondNs);
    for (auto& column : columns) column.push_back(std::sin(static_cast<double>(i)));
  }
  const TimeGrid grid{.edges = {times.front(), times[2000], times.back() + 1}};
  for (auto _ : state) {
    WindowBuilder builder(grid, {.fields = 4, .integrals = integrals});
    builder.AddReadings(times, columns);
    benchmark::DoNotOptimize(builder.Finish());
  }
  state.SetItemsProcessed(state.iterations() * 4 * 4096);
}
BENCHMARK_CAPTURE(Aggregates, plain, false);
BENCHMARK_CAPTURE(Aggregates, integrals, true);

// The limit for text of numbers: what the standard library takes for the same values.
void Numbers(benchmark::State& state, bool standard) {
  std::vector<double> values;
  for (int i = 0; i < 4096; ++i) values.push_back(std::round(23000 + 500 * std::sin(i)) / 100);
  char text[base::kMaxNumberText];
  for (auto _ : state) {
    for (const double value : values) {
      benchmark::DoNotOptimize(standard ? std::to_chars(text, text + sizeof(text), value).ptr
                                        : base::WriteNumber(text, value));
    }
  }
  state.SetItemsProcessed(state.iterations() * 4096);
}
BENCHMARK_CAPTURE(Numbers, ours, false);
BENCHMARK_CAPTURE(Numbers, to_chars, true);

}  // namespace
}  // namespace energy::query
