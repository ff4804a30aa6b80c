// What a condition costs, beside a plain loop over the same columns, and a backtest beside the scan
// that it cannot do without.

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdio>
#include <random>

#include "base/temporary_folder.h"
#include "rules/backtest.h"
#include "rules/engine.h"
#include "series/embedded_store.h"

namespace energy::rules {
namespace {

constexpr size_t kFields = 4;
constexpr int64_t kSecond = 1'000'000'000;
constexpr base::Timestamp kStart{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

void Check(const base::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "rules_bench: %s\n", status.ToString().c_str());
  std::exit(1);
}

class Site {
 public:
  Site() {
    series::EmbeddedOptions options;
    options.path = folder_.path() / "series";
    auto opened = series::EmbeddedStore::Open(options, clock, base::NullLogger(), metrics);
    Check(opened.status());
    store = std::move(opened).value();
    for (size_t f = 0; f < kFields; ++f) {
      fields.push_back(store->OpenField("f" + std::to_string(f)).value());
    }
  }

  // `per_field` threshold rules on each field of a device, none of which ever holds.
  void AddRules(const std::string& device, size_t per_field) {
    for (size_t f = 0; f < kFields; ++f) {
      for (size_t i = 0; i < per_field; ++i) {
        Rule rule;
        rule.id = device + "-" + std::to_string(f) + "-" + std::to_string(i);
        rule.device_id = device;
        rule.property = "f" + std::to_string(f);
        rule.threshold = 100 + static_cast<double>(i);
        rules.push_back(rule);
      }
    }
  }

 private:
  base::TemporaryFolder folder_;

 public:
  base::SystemClock clock;
  base::Metrics metrics;
  std::unique_ptr<series::EmbeddedStore> store;
  std::vector<series::FieldRef> fields;
  std::vector<Rule> rules;
};

void SetRate(benchmark::State& state, double each) {
  state.SetItemsProcessed(static_cast<int64_t>(each * static_cast<double>(state.iterations())));
}

// Committed batches of 1000 readings with four fields of 250 devices, one rule a field: 1000 rules.
void BM_LiveConditions(benchmark::State& state) {
  constexpr size_t kDevices = 250;
  constexpr size_t kReadings = 1000;
  Site site;
  std::vector<series::DeviceRef> devices;
  for (size_t i = 0; i < kDevices; ++i) {
    devices.push_back(site.store->OpenDevice("D" + std::to_string(i)).value());
    site.AddRules("D" + std::to_string(i), 1);
  }
  Engine engine(*site.store, site.metrics, site.clock);
  engine.SetRules(site.rules);
  std::mt19937_64 random(1);
  telemetry::CommittedBatch batch;
  std::vector<double> values(kFields);
  for (size_t i = 0; i < kReadings; ++i) {
    for (double& value : values) value = static_cast<double>(random() % 100);
    batch.readings.Add(devices[i % kDevices], 0, site.fields, values);
  }
  int64_t time = kStart.time_since_epoch().count();
  std::vector<Transition> out;
  for (auto _ : state) {
    for (series::Row& row : batch.readings.rows) row.time_ns = time += kSecond;
    engine.Evaluate(batch, out);
  }
  if (!out.empty()) state.SkipWithError("a rule fired");
  SetRate(state, kReadings * kFields);
}
BENCHMARK(BM_LiveConditions);

series::Series MakeBlock(const Site& site, size_t rows) {
  std::mt19937_64 random(1);
  series::Series block;
  block.fields = site.fields;
  block.columns.resize(kFields);
  for (auto& column : block.columns) {
    for (size_t i = 0; i < rows; ++i) column.push_back(static_cast<double>(random() % 100));
  }
  block.time_ns.assign(rows, 0);
  return block;
}

constexpr size_t kBlockRows = 4096;

// The same in columns, as a replay and a backtest do it: `range` rules on each field of one device.
void BM_ColumnConditions(benchmark::State& state) {
  Site site;
  site.AddRules("D1", static_cast<size_t>(state.range(0)));
  DeviceRules device("D1");
  for (const Rule& rule : site.rules) {
    const auto field = site.store->FindField(rule.property);
    device.Add(Watch(std::make_shared<Program>(std::make_shared<const Rule>(rule)), 0), {*field});
  }
  device.Finish(0);
  series::Series block = MakeBlock(site, kBlockRows);
  int64_t time = kStart.time_since_epoch().count();
  std::vector<Transition> out;
  for (auto _ : state) {
    for (int64_t& at : block.time_ns) at = time += kSecond;
    device.Replay(block, out);
  }
  if (!out.empty()) state.SkipWithError("a rule fired");
  SetRate(state, static_cast<double>(kBlockRows * site.rules.size()));
}
BENCHMARK(BM_ColumnConditions)->Arg(1)->Arg(250);

// The limit: one rule after the other, each compares its whole column and counts.
void BM_PlainLoop(benchmark::State& state) {
  Site site;
  site.AddRules("D1", static_cast<size_t>(state.range(0)));
  const series::Series block = MakeBlock(site, kBlockRows);
  for (auto _ : state) {
    size_t hits = 0;
    for (size_t r = 0; r < site.rules.size(); ++r) {
      const double threshold = site.rules[r].threshold;
      const auto per_field = static_cast<size_t>(state.range(0));
      for (const double value : block.columns[r / per_field]) hits += value > threshold ? 1 : 0;
    }
    benchmark::DoNotOptimize(hits);
  }
  SetRate(state, static_cast<double>(kBlockRows * site.rules.size()));
}
BENCHMARK(BM_PlainLoop)->Arg(1)->Arg(250);

// A device that sends four fields every 5 s for 90 days and crosses the threshold a few times a
// day.
class NinetyDays : public Site {
 public:
  static constexpr int64_t kReadings = 90 * 17'280;

  NinetyDays() {
    const series::DeviceRef device = store->OpenDevice("D1").value();
    std::mt19937_64 random(1);
    series::Batch batch;
    std::vector<double> values(kFields);
    for (int64_t i = 0; i < kReadings; ++i) {
      const double day = static_cast<double>(i) / 17'280;
      for (double& value : values) {
        value = std::round(10 * (40 + 8 * std::sin(day * 6.2832) +
                                 static_cast<double>(random() % 50) / 10)) /
                10;
      }
      batch.Add(device, (kStart.time_since_epoch().count() + i * 5 * kSecond), fields, values);
      if (batch.rows.size() < 10'000) continue;
      Check(store->Append(batch));
      batch.Clear();
    }
    if (!batch.rows.empty()) Check(store->Append(batch));
    Check(store->Seal());
  }
  base::Timestamp end() const { return kStart + std::chrono::days(90); }
};

NinetyDays& Data() {
  static NinetyDays data;
  return data;
}

void BM_Backtest90Days(benchmark::State& state) {
  NinetyDays& data = Data();
  BacktestQuery query{{}, "D1", kStart, data.end()};
  query.rule.property = "f0";
  query.rule.threshold = 50;
  query.rule.clear_threshold = 48;
  query.rule.hold = std::chrono::seconds(60);
  uint64_t episodes = 0;
  for (auto _ : state) {
    const auto result = RunBacktest(*data.store, query, [] { return false; });
    Check(result.status());
    episodes = result->variants[0].episodes;
  }
  state.counters["episodes"] = static_cast<double>(episodes);
  SetRate(state, NinetyDays::kReadings);
}
BENCHMARK(BM_Backtest90Days)->Unit(benchmark::kMillisecond);

// What the store takes to hand out the same column.
void BM_Scan90Days(benchmark::State& state) {
  NinetyDays& data = Data();
  for (auto _ : state) {
    size_t rows = 0;
    Check(data.store->Scan({.device = data.store->FindDevice("D1").value(),
                            .start_ns = kStart.time_since_epoch().count(),
                            .end_ns = data.end().time_since_epoch().count(),
                            .fields = {data.fields[0]}},
                           [&](const series::Series& block) {
                             rows += block.time_ns.size();
                             return true;
                           }));
    benchmark::DoNotOptimize(rows);
  }
  SetRate(state, NinetyDays::kReadings);
}
BENCHMARK(BM_Scan90Days)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace energy::rules
