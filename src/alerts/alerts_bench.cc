// From the hand-over of a reading to its stored alert, with 1000 rules and 10,000 readings a
// second.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <thread>

#include "alerts/alert_service.h"
#include "base/temporary_folder.h"
#include "rules/rule_repository.h"
#include "series/embedded_store.h"
#include "telemetry/committer.h"

namespace energy::alerts {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kDevices = 500;
constexpr size_t kRulesPerDevice = 2;
constexpr int kReadingsPerSecond = 10'000;
constexpr milliseconds kEvery{5};
constexpr int kSeconds = 10;

void Check(const base::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "alerts_bench: %s\n", status.ToString().c_str());
  std::exit(1);
}

struct Site {
  Site() {
    series::EmbeddedOptions options;
    options.path = folder.path() / "series";
    auto opened = series::EmbeddedStore::Open(options, clock, base::NullLogger(), metrics);
    Check(opened.status());
    store = std::move(opened).value();
    auto sql = sql::Database::Open({.url = "sqlite://" + (folder.path() / "meta.db").string()},
                                   base::NullLogger());
    Check(sql.status());
    database = std::move(sql).value();
    Check(database->Migrate(clock));
  }

  std::vector<rules::Rule> AddRules() {
    std::vector<rules::Rule> rules;
    const rules::RuleRepository repository;
    Check(database->Transaction([&](sql::Connection& connection) -> base::Status {
      for (size_t d = 0; d < kDevices; ++d) {
        const std::string id = "D" + std::to_string(d);
        ENERGY_RETURN_IF_ERROR(
            connection
                .Execute("INSERT INTO devices (id, name, type) VALUES (:id, :id2, 'bulb')",
                         {{"id", id}, {"id2", id}})
                .status());
        for (size_t r = 0; r < kRulesPerDevice; ++r) {
          rules::Rule rule;
          rule.id = base::NewUuid(random, clock);
          rule.name = "R";
          rule.device_id = id;
          rule.property = r == 0 ? "temperature" : "power";
          rule.threshold = 50;
          rule.cooldown_minutes = 0;
          rule.created_at = rule.updated_at = clock.Now();
          ENERGY_RETURN_IF_ERROR(repository.Insert(connection, rule));
          rules.push_back(rule);
        }
      }
      return {};
    }));
    return rules;
  }

  base::TemporaryFolder folder;
  base::SystemClock clock;
  base::SystemRandom random;
  base::Metrics metrics;
  std::unique_ptr<series::EmbeddedStore> store;
  std::unique_ptr<sql::Database> database;
};

// One reading in a hundred crosses, or comes back.
void BM_PublishToStoredAlert(benchmark::State& state) {
  Site site;
  const std::vector<rules::Rule> rules = site.AddRules();
  rules::Engine engine(*site.store, site.metrics, site.clock);
  engine.SetRules(rules);
  AlertService alerts(
      *site.database, site.clock, site.random, engine,
      [](const auto&, const auto&) { return std::nullopt; }, base::NullLogger(), site.metrics);
  Check(alerts.Start());
  telemetry::Feed feed(site.metrics);
  std::vector<double> took_ms;  // of the feed's thread until it has stopped
  feed.Subscribe(
      "rules",
      [&](const telemetry::CommittedBatch& batch) {
        std::vector<rules::Transition> transitions;
        const auto order = engine.Order();
        engine.Evaluate(batch, transitions);
        alerts.Apply(transitions);
        const base::Timestamp now = site.clock.Now();
        for (const rules::Transition& transition : transitions) {
          if (transition.change != rules::Change::kRaised) continue;
          took_ms.push_back(std::chrono::duration<double, std::milli>(now - transition.at).count());
        }
      },
      telemetry::Overflow::kHoldIngest, 500'000);
  telemetry::Committer committer({}, *site.store, feed, site.clock, base::NullLogger(),
                                 site.metrics);
  committer.Connect([](auto, auto) {}, [] {});
  Check(feed.Start());
  Check(committer.Start());
  const std::vector<series::FieldRef> fields{site.store->OpenField("temperature").value(),
                                             site.store->OpenField("power").value()};
  std::vector<series::DeviceRef> devices;
  for (size_t d = 0; d < kDevices; ++d) {
    devices.push_back(site.store->OpenDevice("D" + std::to_string(d)).value());
  }
  std::vector<bool> hot(kDevices);
  size_t next = 0;
  for (auto _ : state) {
    auto due = steady_clock::now();
    for (int step = 0; step < kSeconds * 1000 / kEvery.count(); ++step) {
      auto submission = committer.NewSubmission();
      for (int i = 0; i < kReadingsPerSecond * kEvery.count() / 1000; ++i, ++next) {
        const size_t d = next % kDevices;
        if (next % 100 == next / kDevices % 100) hot[d] = !hot[d];
        submission->readings.Add(devices[d], site.clock.Now().time_since_epoch().count(), fields,
                                 std::array{hot[d] ? 60.0 : 40.0, 10.0});
      }
      committer.Submit(std::move(submission));
      due += kEvery;
      std::this_thread::sleep_until(due);
    }
  }
  committer.Stop();
  feed.Stop();
  alerts.Stop();
  if (took_ms.size() < 100) {
    state.SkipWithError("too few alerts");
    return;
  }
  std::sort(took_ms.begin(), took_ms.end());
  state.counters["alerts"] = static_cast<double>(took_ms.size());
  state.counters["p50_ms"] = took_ms[took_ms.size() / 2];
  state.counters["p99_ms"] = took_ms[took_ms.size() * 99 / 100];
}
BENCHMARK(BM_PublishToStoredAlert)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);

}  // namespace
}  // namespace energy::alerts
