/// The steps of a reading behind the socket, each beside a peer or what the machine gives at most.
/// What the store does alone is in src/series/store_bench.cc. Run from the root of the repository:
/// the store is made in build/.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "devices/registry.h"
#include "query/engine.h"
#include "query/format.h"
#include "rules/engine.h"
#include "series/embedded_store.h"
#include "simulator/bulb_model.h"
#include "telemetry/feed.h"
#include "telemetry/line_parser.h"
#include "telemetry/payload_parser.h"

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
  const base::Clock& clock() const { return clock_; }
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
  telemetry::PayloadParser parser(site.store());
  const telemetry::PayloadParser::Context context{site.device(), {site.now()}};
  telemetry::Readings batch;
  telemetry::Refusals refusals;
  for (auto _ : state) {
    batch.Clear();
    for (const std::string& payload : payloads) {
      if (parser.Parse(payload, context, batch, refusals) != 1) {
        state.SkipWithError(refusals.front().rejection.detail.c_str());
      }
    }
  }
  SetPerReading(state, payloads.size());
}

// The same readings as line protocol, `range` lines a message.
void BM_ParseLines(benchmark::State& state) {
  Site site;
  telemetry::DeviceTable devices;
  devices.Add(site.device());
  telemetry::LineParser parser(site.store());
  const auto lines = static_cast<size_t>(state.range(0));
  simulator::BulbModel model({});
  std::string text;
  for (size_t i = 0; i < lines; ++i) {
    const base::Timestamp time = kStart + std::chrono::seconds(5 * i);
    const simulator::BulbReading reading = model.Next(time);
    text += fmt::format("telemetry,device_id=D7 voltage={},current={},power={},temperature={} {}\n",
                        reading.voltage, reading.current, reading.power, reading.temperature,
                        time.time_since_epoch().count());
  }
  const telemetry::LineParser::Context context{
      .devices = devices, .limits = {site.now()}, .default_time = std::nullopt, .may_write = {}};
  telemetry::Readings batch;
  telemetry::Refusals refusals;
  for (auto _ : state) {
    batch.Clear();
    if (parser.Parse(text, context, batch, refusals).accepted != lines) {
      state.SkipWithError(refusals.front().rejection.detail.c_str());
    }
  }
  SetPerReading(state, lines);
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

query::RangeRequest Day() {
  query::RangeRequest request;
  request.device_id = "D7";
  request.start = kStart;
  request.end = kStart + std::chrono::hours(24);
  return request;
}

// 24 h of four fields out of sealed chunks, in columns.
void BM_ReadDay(benchmark::State& state) {
  Site site;
  WriteDay(site);
  const query::Engine engine(site.store(), site.registry(), site.clock());
  for (auto _ : state) {
    const auto answer = engine.Range(Day());
    query::Block block;
    size_t rows = 0;
    while (*(*answer)->Next(block)) rows += block.time_ns.size();
    if (rows != kDayReadings) state.SkipWithError("readings are missing");
  }
  SetPerReading(state, kDayReadings);
}

// The same in the form `range`, as the API sends it.
void BM_ReadDayAs(benchmark::State& state) {
  Site site;
  WriteDay(site);
  const query::Engine engine(site.store(), site.registry(), site.clock());
  std::string text;
  for (auto _ : state) {
    text.clear();
    const auto writer =
        query::MakeWriter(static_cast<query::Format>(state.range(0)), query::TimeFormat::kRfc3339);
    const auto answer = engine.Range(Day());
    const query::Header& header = (*answer)->header();
    writer->Begin(header, text);
    query::Block block;
    while (*(*answer)->Next(block)) Check(writer->Rows(header, std::move(block), text));
    while (writer->End(header, (*answer)->tail(), text)) {
    }
  }
  state.counters["bytes"] = static_cast<double>(text.size());
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
  rules::Engine engine(site.store(), site.metrics(), site.clock());
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

// All that one reading costs behind the socket, in processor time of the whole process: parse,
// validate, append to the log and the head, seal, and evaluate ten rules on its device.
void BM_Reading(benchmark::State& state) {
  constexpr size_t kReadings = 1000;
  constexpr size_t kRules = 10;
  Site site;
  rules::Engine engine(site.store(), site.metrics(), site.clock());
  std::vector<rules::Rule> rules(kRules);
  for (size_t i = 0; i < kRules; ++i) {
    rules[i].id = "rule" + std::to_string(i);
    rules[i].device_id = site.device().id;
    rules[i].property = kFieldNames[i % kFields];
    rules[i].threshold = 900;
  }
  engine.SetRules(rules);
  telemetry::PayloadParser parser(site.store());
  const telemetry::PayloadParser::Context context{site.device(), {site.now()}};
  simulator::BulbModel model({});
  std::vector<std::string> payloads(kReadings);
  telemetry::CommittedBatch batch;
  telemetry::Refusals refusals;
  std::vector<rules::Transition> transitions;
  base::Timestamp time = kStart;
  for (auto _ : state) {
    state.PauseTiming();
    for (std::string& payload : payloads) {
      payload = simulator::ToPayload(site.device().id, time, model.Next(time));
      time += std::chrono::milliseconds(1);
    }
    state.ResumeTiming();
    batch.readings.Clear();
    for (const std::string& payload : payloads) {
      if (parser.Parse(payload, context, batch.readings, refusals) != 1) {
        state.SkipWithError(refusals.front().rejection.detail.c_str());
      }
    }
    Check(site.store().Append(batch.readings));
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
BENCHMARK(BM_ParseLines)->Arg(100)->Arg(5000)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_ParsePayloadNlohmann)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_CopyPayload)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_ReadDay)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_ReadDayAs)
    ->ArgName("format")
    ->Arg(static_cast<int>(query::Format::kJsonRows))
    ->Arg(static_cast<int>(query::Format::kJsonColumns))
    ->Arg(static_cast<int>(query::Format::kArrow))
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_CopyDay)->ArgName("json")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_EvaluateRules)->Unit(benchmark::kMicrosecond);
// 2,000 batches pass the size at which readings are sealed.
BENCHMARK(BM_Reading)->Unit(benchmark::kMicrosecond)->MeasureProcessCPUTime()->Iterations(2000);
BENCHMARK(BM_Feed)->Arg(1)->Arg(1000)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace energy::bench
