#include <benchmark/benchmark.h>

#include <cmath>
#include <cstring>
#include <random>

#include "series/chunk.h"

namespace energy::series {
namespace {

constexpr size_t kRows = 1024;
constexpr int64_t kSecond = 1'000'000'000;

enum class Signal { kMeter, kJitteredMeter, kFullPrecision };

// Four fields like a smart bulb's; one reading every 5 s.
Columns MakeRows(Signal signal) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> noise(0, 1);
  Columns rows{.time_ns = {}, .fields = {0, 1, 2, 3}, .columns = {4, std::vector<double>()}};
  double temperature = 35;
  for (size_t i = 0; i < kRows; ++i) {
    const int64_t jitter =
        signal == Signal::kMeter ? 0 : static_cast<int64_t>(random() % 40) * 1'000'000;
    rows.time_ns.push_back(static_cast<int64_t>(i) * 5 * kSecond + jitter);
    temperature += noise(random) * 0.05;
    const double volts = 230 + noise(random);
    const double amperes = 0.26 + noise(random) * 0.01;
    const double values[] = {volts, amperes, volts * amperes, temperature};
    const double scales[] = {10, 1000, 10, 10};
    for (size_t c = 0; c < 4; ++c) {
      rows.columns[c].push_back(signal == Signal::kFullPrecision
                                    ? values[c]
                                    : std::round(values[c] * scales[c]) / scales[c]);
    }
  }
  return rows;
}

void ReportReadings(benchmark::State& state, size_t bytes) {
  const auto readings = static_cast<double>(kRows);
  state.counters["readings/s"] = benchmark::Counter(
      readings * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["bytes/reading"] = static_cast<double>(bytes) / readings;
}

void EncodeChunkOf(benchmark::State& state, Signal signal) {
  const Columns rows = MakeRows(signal);
  std::string bytes;
  for (auto _ : state) {
    bytes.clear();
    EncodeChunk(rows, 0, rows.rows(), bytes);
    benchmark::DoNotOptimize(bytes.data());
  }
  ReportReadings(state, bytes.size());
}

void DecodeChunkOf(benchmark::State& state, Signal signal) {
  const Columns rows = MakeRows(signal);
  std::string bytes;
  EncodeChunk(rows, 0, rows.rows(), bytes);
  for (auto _ : state) {
    Columns out;
    const auto view = ChunkView::Parse(bytes);
    if (!view->AppendTo(out, true).ok()) state.SkipWithError("decode");
    benchmark::DoNotOptimize(out.columns.data());
  }
  ReportReadings(state, bytes.size());
}

// The limit: the same columns, not packed at all.
void CopyColumns(benchmark::State& state) {
  const Columns rows = MakeRows(Signal::kMeter);
  for (auto _ : state) {
    Columns out = rows;
    benchmark::DoNotOptimize(out.columns.data());
  }
  ReportReadings(state, kRows * 5 * sizeof(double));
}

BENCHMARK_CAPTURE(EncodeChunkOf, meter, Signal::kMeter);
BENCHMARK_CAPTURE(EncodeChunkOf, jittered_meter, Signal::kJitteredMeter);
BENCHMARK_CAPTURE(EncodeChunkOf, full_precision, Signal::kFullPrecision);
BENCHMARK_CAPTURE(DecodeChunkOf, meter, Signal::kMeter);
BENCHMARK_CAPTURE(DecodeChunkOf, jittered_meter, Signal::kJitteredMeter);
BENCHMARK_CAPTURE(DecodeChunkOf, full_precision, Signal::kFullPrecision);
BENCHMARK(CopyColumns);

}  // namespace
}  // namespace energy::series
