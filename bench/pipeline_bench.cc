/// The steps of a reading behind the socket, each beside a peer or what the machine gives at most.
/// What the store does alone is in src/series/store_bench.cc. Run from the root of the repository:
/// the store is made in build/.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "devices/registry.h"
#include "rules/engine.h"
#include "series/embedded_store.h"
#include "simulator/bulb_model.h"
#include "telemetry/feed.h"
#include "telemetry/payload_parser.h"
#include "telemetry/queries.h"

namespace energy::bench {
namespace {

constexpr size_t kDayReadings = 17'280;  // one every 5 s for 24 h
constexpr size_t kFields = 4;
constexpr base::Timestamp kStart{std::chrono::sys_days{std::chrono::year{2026} / 2 / 7}};
const std::array<std::string, kFields> kFieldNames{"voltage", "current", "power", "temperature"};

void Check(const base::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "pipeline_bench: %s\n", status.ToString().c_str());
  std::exit(1);
}

// A store in a folder of its own, one device of type bulb, and its readings' fields.
class Site {
 public:
  Site()
      : folder_(std::filesystem::path("build") / ("pipeline-bench-" + std::to_string(getpid()))) {
    series::EmbeddedOptions options;
    options.path = folder_ / "series";
    auto opened = series::EmbeddedStore::Open(options, clock_, base::NullLogger(), metrics_);
    Check(opened.status());
    store_ = std::move(opened).value();
    Check(store_->Start());
    devices::Device device;
    device.id = "D7";
    device.type = "bulb";
    devices::Profile profile;
    profile.type = "bulb";
    for (size_t i = 0; i < kFields; ++i) {
      profile.fields.push_back({kFieldNames[i], "", true, 0, 1000, {}, {}});
      fields_[i] = store_->OpenField(kFieldNames[i]).value();
    }
    registry_.Load({device}, {profile});
    device_.id = device.id;
    device_.type = device.type;
    device_.ref = store_->OpenDevice(device.id).value();
    for (size_t i = 0; i < kFields; ++i) {
      device_.fields.push_back({kFieldNames[i], fields_[i], true, 0, 1000});
    }
  }
  ~Site() {
    store_->Stop();
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  series::EmbeddedStore& store() { return *store_; }
  devices::Registry& registry() { return registry_; }
  base::Metrics& metrics() { return metrics_; }
  const telemetry::IngestDevice& device() const { return device_; }
  base::Timestamp now() const { return clock_.Now(); }

  void AddReading(series::Batch& batch, series::DeviceRef device, base::Timestamp time) {
    const simulator::BulbReading reading = model_.Next(time);
    batch.Add(device, time.time_since_epoch().count(), fields_,
              std::array{reading.voltage, reading.current, reading.power, reading.temperature});
  }

  /// `count` readings 5 s apart, from the end of the last call on.
  void NextReadings(series::Batch& batch, size_t count) {
    batch.Clear();
    for (size_t i = 0; i < count; ++i) {
      AddReading(batch, device_.ref, next_);
      next_ += std::chrono::seconds(5);
    }
  }

 private:
  const std::filesystem::path folder_;
  base::SystemClock clock_;
  base::Metrics metrics_;
  std::unique_ptr<series::EmbeddedStore> store_;
  devices::Registry registry_;
  telemetry::IngestDevice device_;
  std::array<series::FieldRef, kFields> fields_{};
  simulator::BulbModel model_{{}};
  base::Timestamp next_ = kStart;
};

std::vector<std::string> Payloads() {
  simulator::BulbModel model({});
  std::vector<std::string> payloads;
  for (int i = 0; i < 1000; ++i) {
    const base::Timestamp time = kStart + std::chrono::seconds(5 * i);
    payloads.push_back(simulator::ToPayload("D7", time, model.Next(time)));
  }
  return payloads;
}

void SetPerReading(benchmark::State& state, size_t readings_per_iteration) {
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * readings_per_iteration));
}

void BM_ParsePayload(benchmark::State& state) {
  Site site;
  const auto payloads = Payloads();
  telemetry::PayloadParser parser(site.store(), std::chrono::minutes(5));
  const base::Timestamp now = site.now();
  series::Batch batch;
  telemetry::Rejection rejection;
  for (auto _ : state) {
    batch.Clear();
    for (const std::string& payload : payloads) {
      if (!parser.Parse(payload, site.device(), now, batch, rejection)) {
        state.SkipWithError(rejection.detail.c_str());
      }
    }
  }
  SetPerReading(state, payloads.size());
}

// Parsing alone, without any check of the content.
void BM_ParsePayloadNlohmann(benchmark::State& state) {
  const auto payloads = Payloads();
  for (auto _ : state) {
    for (const std::string& payload : payloads) {
      const auto json = nlohmann::json::parse(payload);
      for (const std::string& field : kFieldNames) {
        benchmark::DoNotOptimize(json[field].get<double>());
      }
    }
  }
  SetPerReading(state, payloads.size());
}

void BM_CopyPayload(benchmark::State& state) {
  const auto payloads = Payloads();
  std::array<char, 1024> copy{};
  for (auto _ : state) {
    for (const std::string& payload : payloads) {
      std::memcpy(copy.data(), payload.data(), payload.size());
      benchmark::ClobberMemory();
    }
  }
  SetPerReading(state, payloads.size());
}

void WriteDay(Site& site) {
  series::Batch batch;
  for (size_t i = 0; i < kDayReadings; i += 960) {
    site.NextReadings(batch, 960);
    Check(site.store().Append(batch));
  }
  Check(site.store().Seal());
}

telemetry::TelemetryQuery Day() {
  telemetry::TelemetryQuery query;
  query.device_id = "D7";
  query.start = kStart;
  query.end = kStart + std::chrono::hours(24);
  return query;
}

// 24 h of four fields out of sealed chunks, in columns.
void BM_ReadDay(benchmark::State& state) {
  Site site;
  WriteDay(site);
  const telemetry::Queries queries(site.store(), site.registry());
  for (auto _ : state) {
    const auto answer = queries.Range(Day());
    if (answer->series.time_ns.size() != kDayReadings) state.SkipWithError("readings are missing");
  }
  SetPerReading(state, kDayReadings);
}

void BM_ReadDayAsJson(benchmark::State& state) {
  Site site;
  WriteDay(site);
  const telemetry::Queries queries(site.store(), site.registry());
  size_t bytes = 0;
  for (auto _ : state) bytes = telemetry::ToJson(*queries.Range(Day())).size();
  state.counters["json_bytes"] = static_cast<double>(bytes);
  SetPerReading(state, kDayReadings);
}

// As many bytes as the columns of a day, or (range 1) about as many as its JSON.
void BM_CopyDay(benchmark::State& state) {
  const size_t bytes = state.range(0) == 1 ? size_t{2'200'000} : kDayReadings * (kFields + 1) * 8;
  const std::vector<char> from(bytes, 1);
  std::vector<char> to(bytes);
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), bytes);
    benchmark::ClobberMemory();
  }
  SetPerReading(state, kDayReadings);
}

// 1000 readings of 500 devices, each with two rules.
void BM_EvaluateRules(benchmark::State& state) {
  constexpr size_t kDevices = 500;
  constexpr size_t kReadings = 1000;
  Site site;
  rules::Engine engine(site.store(), site.metrics());
  std::vector<rules::Rule> rules;
  std::vector<series::DeviceRef> refs;
  for (size_t i = 0; i < kDevices; ++i) {
    rules::Rule rule;
    rule.device_id = "R" + std::to_string(i);
    for (const auto& [property, threshold] :
         {std::pair("temperature", 900.0), {"voltage", 900.0}}) {
      rule.id = rule.device_id + property;
      rule.property = property;
      rule.threshold = threshold;
      rules.push_back(rule);
    }
    refs.push_back(site.store().OpenDevice(rule.device_id).value());
  }
  engine.SetRules(rules);

  telemetry::CommittedBatch batch;
  std::vector<rules::Transition> transitions;
  base::Timestamp time = kStart;
  for (auto _ : state) {
    state.PauseTiming();
    batch.readings.Clear();
    for (size_t i = 0; i < kReadings; ++i) {
      if (i % kDevices == 0) time += std::chrono::seconds(5);
      site.AddReading(batch.readings, refs[i % kDevices], time);
    }
    transitions.clear();
    state.ResumeTiming();
    engine.Evaluate(batch, transitions);
  }
  if (!transitions.empty()) state.SkipWithError("a rule fired");
  SetPerReading(state, kReadings);
}

// Batches of `range` readings through the feed to three subscribers on their own threads.
void BM_Feed(benchmark::State& state) {
  Site site;
  telemetry::Feed feed(site.metrics());
  for (const char* name : {"rules", "live", "devices"}) {
    feed.Subscribe(
        name,
        [](const telemetry::CommittedBatch& batch) {
          benchmark::DoNotOptimize(batch.readings.rows.data());
        },
        telemetry::Overflow::kHoldIngest, 500'000);
  }
  Check(feed.Start());
  auto batch = std::make_shared<telemetry::CommittedBatch>();
  site.NextReadings(batch->readings, static_cast<size_t>(state.range(0)));
  const telemetry::CommittedBatchPtr shared = batch;
  for (auto _ : state) feed.Publish(shared);
  if (!feed.Drain(std::chrono::seconds(30))) state.SkipWithError("the feed does not drain");
  feed.Stop();
  SetPerReading(state, static_cast<size_t>(state.range(0)));
}

BENCHMARK(BM_ParsePayload)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_ParsePayloadNlohmann)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_CopyPayload)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_ReadDay)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_ReadDayAsJson)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_CopyDay)->ArgName("json")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_EvaluateRules)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Feed)->Arg(1)->Arg(1000)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace energy::bench
