/// What keeping a store in order costs: late readings, many devices, retention beside appends.
/// Memory is the process's: run MemoryOfDevices alone (--benchmark_filter).

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "base/temporary_folder.h"
#include "series/embedded_store.h"

namespace energy::series {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDay = 86'400 * kSecond;
constexpr int64_t kStart = 19'700 * kDay;

struct OpenStore {
  explicit OpenStore(EmbeddedOptions options = {}) {
    options.path = folder.path() / "telemetry";
    auto opened = EmbeddedStore::Open(options, clock, base::NullLogger(), metrics);
    if (!opened.ok()) std::abort();
    store = std::move(*opened);
    for (int f = 0; f < 4; ++f) fields.push_back(*store->OpenField(std::to_string(f)));
  }
  void OpenDevices(DeviceRef count) const {
    for (DeviceRef d = 0; d < count; ++d) {
      if (!store->OpenDevice("device-" + std::to_string(d)).ok()) std::abort();
    }
  }
  void Add(Batch& batch, DeviceRef device, int64_t time_ns) const {
    const double n = static_cast<double>(time_ns / kSecond) + device;
    const double values[] = {
        std::round(2300 + 10 * std::sin(n)) / 10, std::round(260 + 5 * std::cos(n)) / 1000,
        std::round(600 + 20 * std::sin(n / 7)) / 10, std::round(350 + std::fmod(n, 11)) / 10};
    batch.Add(device, time_ns, fields, values);
  }
  // As the committer does: again when the store has no room yet. Answers how often it had none.
  int Append(Batch& batch) const {
    constexpr int kMostRefusals = 20;
    for (int refusals = 0; refusals < kMostRefusals; ++refusals) {
      const base::Status status = store->Append(batch);
      if (status.ok()) {
        batch.Clear();
        return refusals;
      }
      std::cerr << status.ToString() << "\n";
    }
    std::abort();
  }
  // A reading of each device every 5 s.
  void Fill(DeviceRef devices, int64_t from, int64_t to) const {
    Batch batch;
    for (int64_t t = from; t < to; t += 5 * kSecond) {
      for (DeviceRef d = 0; d < devices; ++d) Add(batch, d, t);
      if (batch.rows.size() >= 10'000) Append(batch);
    }
    Append(batch);
  }

  base::TemporaryFolder folder;
  base::ManualClock clock{base::Timestamp(std::chrono::nanoseconds(kStart))};
  base::Metrics metrics;
  std::unique_ptr<EmbeddedStore> store;
  std::vector<FieldRef> fields;
};

// A number of /proc/self/<file>, in the line that begins with `name`.
double OfProcess(const char* file, const std::string& name) {
  std::ifstream lines(std::string("/proc/self/") + file);
  for (std::string word; lines >> word;) {
    double value = 0;
    if (word == name && lines >> value) return value;
  }
  std::abort();
}

// 100,000 readings anywhere in 30 sealed days of 10 devices: all that is written for them (log,
// write-ahead log, chunks, rollups, compaction), and what it is of the readings' own 40 bytes.
void LateReadings(benchmark::State& state) {
  constexpr DeviceRef kDevices = 10;
  constexpr int64_t kLate = 100'000;
  const int64_t per_batch = state.range(0);
  for (auto _ : state) {
    state.PauseTiming();
    const OpenStore open;
    open.OpenDevices(kDevices);
    open.Fill(kDevices, kStart, kStart + 30 * kDay);
    if (!open.store->Seal().ok() || !open.store->GiveSpaceBack().ok()) std::abort();
    const double before = OfProcess("io", "wchar:");
    const uint64_t chunks = open.store->Stats().chunks_sealed_total;
    std::mt19937_64 random(5);
    state.ResumeTiming();
    Batch batch;
    for (int64_t i = 0; i < kLate; ++i) {
      const auto step = static_cast<int64_t>(random() % (30 * kDay / kSecond));
      open.Add(batch, static_cast<DeviceRef>(random() % kDevices), kStart + step * kSecond + 1);
      if (batch.rows.size() == static_cast<size_t>(per_batch)) open.Append(batch);
    }
    open.Append(batch);
    if (!open.store->Seal().ok() || !open.store->GiveSpaceBack().ok()) std::abort();
    const double written = OfProcess("io", "wchar:") - before;
    state.counters["MB_written"] = written / 1e6;
    state.counters["bytes/late"] = written / kLate;
    state.counters["amplification"] = written / kLate / 40;
    state.counters["chunks_rewritten"] =
        static_cast<double>(open.store->Stats().chunks_sealed_total - chunks);
  }
}
BENCHMARK(LateReadings)->Arg(1000)->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();

// Readings of so many devices in turn, 64 MB of head: the process's memory. Each new name is an
// fsync: on a disk with other work 100,000 take minutes, in TMPDIR=/dev/shm two seconds.
void MemoryOfDevices(benchmark::State& state) {
  const auto devices = static_cast<DeviceRef>(state.range(0));
  for (auto _ : state) {
    const double before = OfProcess("status", "VmRSS:");
    const OpenStore open;
    open.OpenDevices(devices);
    state.counters["MB_names"] = (OfProcess("status", "VmRSS:") - before) / 1e3;
    if (!open.store->Start().ok()) std::abort();
    uint64_t most_head = 0;
    int refusals = 0;
    Batch batch;
    const auto begin = std::chrono::steady_clock::now();
    const int64_t steps = std::max<int64_t>(6, 600'000 / devices);
    for (int64_t step = 0; step < steps; ++step) {
      for (DeviceRef d = 0; d < devices; ++d) {
        open.Add(batch, d, kStart + step * 5 * kSecond);
        if (batch.rows.size() < 10'000) continue;
        refusals += open.Append(batch);
        most_head = std::max(most_head, open.store->Stats().head_bytes);
      }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    state.counters["readings/s"] = static_cast<double>(steps * devices) / took.count();
    state.counters["refusals"] = refusals;
    state.counters["MB_head_peak"] = static_cast<double>(most_head) / 1e6;
    state.counters["MB_rss"] = OfProcess("status", "VmRSS:") / 1e3;
    state.counters["MB_rss_peak"] = OfProcess("status", "VmHWM:") / 1e3;
  }
}
BENCHMARK(MemoryOfDevices)
    ->Arg(1000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

enum class Beside { kNothing, kRetention, kGivingSpaceBack };

// Appends of 100 readings, about 10,000 readings/s, while 15 of 30 days of 10 devices expire, or
// replaced chunks are compacted.
void AppendBeside(benchmark::State& state, Beside what) {
  constexpr DeviceRef kDevices = 10;
  for (auto _ : state) {
    EmbeddedOptions options;
    options.raw_days = 30;
    OpenStore open(options);
    open.OpenDevices(kDevices);
    open.Fill(kDevices, kStart - 30 * kDay, kStart);
    if (!open.store->Seal().ok()) std::abort();
    int64_t now = kStart;
    if (what == Beside::kRetention) {
      if (!open.store->GiveSpaceBack().ok()) std::abort();
      open.clock.Advance(std::chrono::hours(15 * 24));
      now += 15 * kDay;
    }
    Batch batch;
    std::vector<double> seconds;
    std::atomic<bool> done = false;
    open.Add(batch, 0, now);
    open.Append(batch);
    std::thread beside([&] {
      base::Status status;
      if (what == Beside::kRetention) status = open.store->EnforceRetention();
      if (what == Beside::kGivingSpaceBack) status = open.store->GiveSpaceBack();
      if (!status.ok()) std::abort();
      done = true;
    });
    const auto start = std::chrono::steady_clock::now();
    auto due = start;
    do {
      for (DeviceRef r = 0; r < 100; ++r) {
        open.Add(batch, r % kDevices, now += 100'000'000 / kDevices);
      }
      std::this_thread::sleep_until(due += std::chrono::milliseconds(10));
      open.Append(batch);
      // From when it was due: a stall is charged for all that had to wait.
      seconds.push_back(
          std::chrono::duration<double>(std::chrono::steady_clock::now() - due).count());
    } while (!done || seconds.size() < 100);
    beside.join();
    std::sort(seconds.begin(), seconds.end());
    state.counters["appends"] = static_cast<double>(seconds.size());
    state.counters["p50_ms"] = seconds[seconds.size() / 2] * 1e3;
    state.counters["p99_ms"] = seconds[seconds.size() * 99 / 100] * 1e3;
    state.counters["longest_ms"] = seconds.back() * 1e3;
  }
}
BENCHMARK_CAPTURE(AppendBeside, nothing, Beside::kNothing)->Iterations(1)->UseRealTime();
BENCHMARK_CAPTURE(AppendBeside, retention, Beside::kRetention)->Iterations(1)->UseRealTime();
BENCHMARK_CAPTURE(AppendBeside, giving_space_back, Beside::kGivingSpaceBack)
    ->Iterations(1)
    ->UseRealTime();

}  // namespace
}  // namespace energy::series
