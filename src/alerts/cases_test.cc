// Runs tests/cases/*.yaml on a real store, database, engine and alert service.
// tests/cases/README.md tells what a case looks like.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "alerts/alert_service.h"
#include "base/json_values.h"
#include "base/yaml.h"
#include "rules/backtest.h"
#include "rules/rule_json.h"
#include "rules/rule_service.h"
#include "telemetry/test_support.h"

namespace energy::alerts {
namespace {

using base::Json;
using std::chrono::seconds;

constexpr const char* kUser = "00000000-0000-7000-8000-000000000001";

struct Case {
  std::string name;
  Json json;
};

std::vector<Case> LoadCases() {
  std::vector<Case> cases;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(ENERGY_CASES)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    auto list = base::YamlToJson(text.str());
    if (!list.ok() || !list->is_array()) {
      std::fprintf(stderr, "%s: %s\n", file.c_str(), list.status().ToString().c_str());
      std::abort();
    }
    for (const Json& one : *list) {
      cases.push_back({file.stem().string() + ": " + one.value("name", "?"), one});
    }
  }
  return cases;
}

// "1:05" and "2:00:10" after the start of the case.
seconds ParseOffset(const std::string& text) {
  seconds all{0};
  std::stringstream parts(text);
  for (std::string part; std::getline(parts, part, ':');) all = all * 60 + seconds(std::stoi(part));
  return all;
}

std::string FormatOffset(std::chrono::nanoseconds offset) {
  const auto all = std::chrono::duration_cast<seconds>(offset).count();
  return all < 3600 ? fmt::format("{}:{:02}", all / 60, all % 60)
                    : fmt::format("{}:{:02}:{:02}", all / 3600, all / 60 % 60, all % 60);
}

rules::RuleDraft ToDraft(const Json& json) {
  std::vector<base::FieldError> errors;
  rules::RuleDraft draft;
  static const std::set<std::string> kOfCondition{
      "kind", "property", "operator", "threshold", "aggregate", "window_s", "clear_threshold"};
  Json condition = Json::object();
  for (const auto& [key, value] : json.items()) {
    if (kOfCondition.contains(key)) {
      condition[key] = value;
    } else if (key == "name") {
      draft.name = value.get<std::string>();
    } else if (key == "device") {
      draft.device_id = value.get<std::string>();
    } else if (key == "device_type") {
      draft.device_type = value.get<std::string>();
    } else if (key == "device_tag") {
      draft.device_tag = rules::ReadTag(value, key, errors);
    } else if (key == "all_devices") {
      draft.all_devices = value.get<bool>();
    } else if (key == "conditions") {
      draft.conditions = rules::ReadConditions(value, key, errors);
    } else if (key == "join") {
      draft.join = rules::ParseJoin(value.get<std::string>());
    } else if (key == "levels") {
      draft.levels = rules::ReadLevels(value, key, errors);
    } else if (key == "for_s") {
      draft.hold_s = value.get<int64_t>();
    } else if (key == "clear_for_s") {
      draft.clear_hold_s = value.get<int64_t>();
    } else if (key == "schedule") {
      draft.schedule = value.is_null() ? std::optional<rules::Schedule>()
                                       : std::optional(rules::ReadSchedule(value, key, errors));
    } else if (key == "auto_resolve") {
      draft.auto_resolve = value.get<bool>();
    } else if (key == "severity") {
      draft.severity = rules::ParseSeverity(value.get<std::string>());
    } else if (key == "cooldown_minutes") {
      draft.cooldown_minutes = value.get<int64_t>();
    } else {
      errors.push_back({key, "is no member of a rule"});
    }
  }
  if (!condition.empty() && condition.contains("property")) {
    draft.conditions = rules::ReadConditions(Json::array({condition}), "rule", errors);
  } else {
    if (condition.contains("threshold")) draft.threshold = condition["threshold"].get<double>();
    if (condition.contains("clear_threshold")) {
      draft.clear_threshold = condition["clear_threshold"].get<double>();
    }
    if (condition.contains("operator")) {
      draft.op = rules::ParseOperator(condition["operator"].get<std::string>());
    }
  }
  for (const auto& error : errors) ADD_FAILURE() << error.field << " " << error.message;
  return draft;
}

class CaseTest : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const auto start = base::ParseTimestamp(case_.value("start", "2026-03-02T08:00:00Z"));
    ASSERT_TRUE(start.ok()) << start.status().ToString();
    start_ = *start;
    platform_.clock.Set(start_);
    ASSERT_TRUE(platform_.database
                    ->Transaction([](sql::Connection& connection) {
                      return connection
                          .Execute(
                              "INSERT INTO users (id, email, password_hash, full_name, role) "
                              "VALUES (:id, 'a@b', 'x', 'A', 'admin')",
                              {{"id", kUser}})
                          .status();
                    })
                    .ok());
    Json devices = case_.value("devices", Json::object());
    if (devices.empty()) devices["D1"] = Json::object();
    for (const auto& [id, about] : devices.items()) AddDevice(id, about);
    platform_.devices.OnDeleted([this](std::string_view) { Load(); });
    Open();
    for (const Json& rule : Rules()) {
      rules::RuleDraft draft = ToDraft(rule);
      if (!draft.name) draft.name = "R" + std::to_string(rule_ids_.size() + 1);
      if (!draft.device_id && !draft.device_type && !draft.device_tag && !draft.all_devices) {
        draft.device_id = "D1";
      }
      const auto created = rules_->Create(draft, {});
      ASSERT_TRUE(created.ok()) << created.status().ToString() << Faults(created.status());
      rule_ids_.push_back(created->id);
    }
  }
  void TearDown() override {
    if (alerts_) alerts_->Stop();
  }

  std::vector<Json> Rules() const {
    std::vector<Json> rules;
    if (case_.contains("rule")) rules.push_back(case_.at("rule"));
    if (case_.contains("rules")) {
      for (const Json& rule : case_.at("rules")) rules.push_back(rule);
    }
    return rules;
  }
  static std::string Faults(const base::Status& status) {
    std::string text;
    for (const auto& fault : status.fields()) text += " " + fault.field + " " + fault.message;
    return text;
  }
  void AddDevice(const std::string& id, const Json& about) {
    devices::NewDevice device;
    device.id = device.name = id;
    device.type = about.value("type", "machine");  // a type without a profile takes any field
    device.metadata = about.value("tags", Json::object());
    ASSERT_TRUE(platform_.devices.Create(device).ok());
  }
  void Load() {
    const base::Status loaded = rules_->Load();
    ASSERT_TRUE(loaded.ok()) << loaded.ToString();
  }
  // What a start of the program does.
  void Open() {
    engine_ = std::make_unique<rules::Engine>(*platform_.store, platform_.metrics, platform_.clock);
    alerts_ = std::make_unique<AlertService>(
        *platform_.database, platform_.clock, platform_.random, *engine_,
        [](const auto&, const auto&) { return std::nullopt; }, base::NullLogger(),
        platform_.metrics);
    rules_ = std::make_unique<rules::RuleService>(
        *platform_.database, platform_.clock, platform_.random, platform_.registry, *engine_,
        [this](const auto& changes) { alerts_->Apply(changes); });
    Load();
    ASSERT_TRUE(alerts_->Start().ok());
    ASSERT_TRUE(alerts_->CatchUp(*platform_.store).ok());
  }

  base::Timestamp At(const Json& offset) const {
    return start_ + ParseOffset(offset.get<std::string>());
  }
  // Timers see every second; of long waits every tenth of a percent.
  void WaitUntil(base::Timestamp until) {
    const auto step =
        std::max<std::chrono::nanoseconds>(seconds(1), (until - platform_.clock.Now()) / 1000);
    std::vector<rules::Transition> due;
    while (platform_.clock.Now() < until) {
      platform_.clock.Set(std::min(until, platform_.clock.Now() + step));
      due.clear();
      engine_->Tick(platform_.clock.Now(), due);
      alerts_->Apply(due);
      ASSERT_TRUE(rules_->FollowRegistry().ok());
    }
  }

  void Do(const Json& step) {
    SCOPED_TRACE("at " + step.value("at", "?"));
    if (step.contains("at")) WaitUntil(At(step["at"]));
    if (step.contains("reading")) {
      Send(step, step["reading"]);
    } else if (step.contains("edit")) {
      plain_ = false;
      const auto updated = rules_->Update(rule_ids_.at(0), ToDraft(step["edit"]));
      ASSERT_TRUE(updated.ok()) << updated.status().ToString() << Faults(updated.status());
    } else if (step.contains("do")) {
      plain_ = false;
      Act(step["do"].get<std::string>(), step);
    } else {
      ASSERT_TRUE(step.contains("wait")) << "a step has reading, edit, do or wait";
    }
  }

  // A reading; with `taken` it arrives later than it was taken, with `lost` the program is killed
  // after it was stored and before the rules saw it. `every` and `until` repeat it.
  void Send(const Json& step, const Json& values) {
    const std::string device = step.value("device", "D1");
    const base::Timestamp until =
        step.contains("until") ? At(step["until"]) : platform_.clock.Now();
    const seconds every =
        step.contains("every") ? ParseOffset(step["every"].get<std::string>()) : seconds(1);
    for (base::Timestamp at = platform_.clock.Now(); at <= until; at += every) {
      WaitUntil(at);
      base::Timestamp taken = at;
      if (step.contains("taken")) {
        plain_ = false;
        taken = At(step["taken"]);
      }
      telemetry::CommittedBatch batch;
      batch.committed_at = platform_.clock.Now();
      std::vector<series::FieldRef> fields;
      std::vector<double> numbers;
      for (const auto& [field, value] : values.items()) {
        fields.push_back(*platform_.store->OpenField(field));
        numbers.push_back(value.get<double>());
      }
      const auto opened = platform_.store->OpenDevice(device);
      ASSERT_TRUE(opened.ok());
      batch.readings.Add(*opened, taken.time_since_epoch().count(), fields, numbers);
      const base::Status stored = platform_.store->Append(batch.readings);
      ASSERT_TRUE(stored.ok()) << stored.ToString();
      if (step.value("lost", false)) {
        plain_ = false;
        continue;
      }
      std::vector<rules::Transition> transitions;
      engine_->Evaluate(batch, transitions);
      alerts_->Apply(transitions);
    }
  }

  // With `killed`, what would have been written later is not: the rows stay as they are now.
  void Close(bool killed) {
    const std::vector<Alert> rows = Alerts();
    rules_.reset();
    alerts_.reset();
    engine_.reset();
    if (!killed) return;
    const base::Status status =
        platform_.database->Transaction([&](sql::Connection& connection) -> base::Status {
          for (const Alert& row : rows) {
            ENERGY_RETURN_IF_ERROR(AlertRepository().Update(connection, row));
          }
          return {};
        });
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  void Act(const std::string& action, const Json& step) {
    rules::RuleDraft draft;
    if (action == "restart" || action == "kill") {
      Close(action == "kill");
      if (step.contains("until")) platform_.clock.Set(At(step["until"]));
      Open();
    } else if (action == "pause") {
      draft.status = rules::RuleStatus::kPaused;
      ASSERT_TRUE(rules_->Update(rule_ids_.at(0), draft).ok());
    } else if (action == "activate") {
      draft.status = rules::RuleStatus::kActive;
      ASSERT_TRUE(rules_->Update(rule_ids_.at(0), draft).ok());
    } else if (action == "delete rule") {
      ASSERT_TRUE(rules_->Delete(rule_ids_.at(0)).ok());
    } else if (action == "delete device") {
      ASSERT_TRUE(platform_.devices.Delete(step.value("device", "D1")).ok());
    } else if (action == "add device") {
      AddDevice(step.value("device", "D1"), step);
    } else if (action == "acknowledge" || action == "resolve") {
      const auto open = Alerts();
      ASSERT_FALSE(open.empty());
      ActionRequest request;
      request.action = ParseAction(action).value_or(Action::kResolve);
      const auto changed = alerts_->Act(open.back().id, request, kUser);
      ASSERT_TRUE(changed.ok()) << changed.status().ToString();
    } else {
      FAIL() << "no action '" << action << "'";
    }
  }

  std::vector<Alert> Alerts() {
    AlertFilter filter;
    filter.sort = "created_at";
    auto listing = alerts_->List(filter, {1, 500});
    EXPECT_TRUE(listing.ok()) << listing.status().ToString();
    return listing.ok() ? listing->items : std::vector<Alert>();
  }

  // As a case writes it.
  std::string Describe(const Alert& alert) const {
    std::string text = "{from: " + FormatOffset(alert.created_at - start_);
    if (alert.resolved_at) text += ", to: " + FormatOffset(*alert.resolved_at - start_);
    text += fmt::format(", worst: {:g}, count: {}, severity: {}, first: {:g}, latest: {:g}",
                        alert.worst_value, alert.reading_count, rules::SeverityName(alert.severity),
                        alert.actual_value, alert.latest_value);
    if (alert.status == AlertStatus::kSuppressed) text += ", suppressed: true";
    return text + ", device: " + alert.device_id + ", rule: " + alert.rule_name + "}";
  }
  bool Matches(const Json& expected, const Alert& alert) const {
    const auto number = [&](const char* name, double value) {
      return !expected.contains(name) || std::abs(expected[name].get<double>() - value) < 1e-9;
    };
    const auto text = [&](const char* name, std::string_view value) {
      return !expected.contains(name) || expected[name].get<std::string>() == value;
    };
    std::string to = alert.resolved_at ? FormatOffset(*alert.resolved_at - start_) : "";
    return text("from", FormatOffset(alert.created_at - start_)) &&
           (expected.contains("to") ? expected["to"].get<std::string>() == to : to.empty()) &&
           number("worst", alert.worst_value) && number("first", alert.actual_value) &&
           number("latest", alert.latest_value) &&
           number("count", static_cast<double>(alert.reading_count)) &&
           text("severity", rules::SeverityName(alert.severity)) &&
           text("device", alert.device_id) && text("rule", alert.rule_name) &&
           text("status", AlertStatusName(alert.status)) &&
           number("threshold", alert.threshold_value) &&
           expected.value("suppressed", false) == (alert.status == AlertStatus::kSuppressed);
  }

  // A case of nothing but readings has to look the same in a backtest.
  void CompareBacktest(const std::vector<Alert>& alerts) {
    if (!plain_ || rule_ids_.size() != 1 || case_.contains("devices")) return;
    if (case_.value("backtest", true) == false) return;
    const auto rule = rules_->Get(rule_ids_[0]);
    ASSERT_TRUE(rule.ok());
    rules::BacktestQuery query{*rule, "D1", start_, platform_.clock.Now() + seconds(1)};
    query.rule.last_triggered.reset();
    const auto result = rules::RunBacktest(*platform_.store, query, [] { return false; });
    ASSERT_TRUE(result.ok()) << result.status().ToString();
    ASSERT_EQ(result->episodes.size(), alerts.size()) << "in the backtest";
    for (size_t i = 0; i < alerts.size(); ++i) {
      const rules::BacktestEpisode& found = result->episodes[i];
      SCOPED_TRACE("backtest of " + Describe(alerts[i]));
      EXPECT_EQ(found.episode.started_at, alerts[i].created_at);
      EXPECT_EQ(found.end, alerts[i].resolved_at);
      EXPECT_EQ(found.episode.worst_value, alerts[i].worst_value);
      EXPECT_EQ(found.episode.count, alerts[i].reading_count);
      EXPECT_EQ(found.severity, alerts[i].severity);
    }
  }

  const Json case_ = GetParam().json;
  telemetry::TestPlatform platform_;
  std::unique_ptr<rules::Engine> engine_;
  std::unique_ptr<AlertService> alerts_;
  std::unique_ptr<rules::RuleService> rules_;
  base::Timestamp start_;
  std::vector<std::string> rule_ids_;
  bool plain_ = true;  // nothing but readings in order
};

TEST_P(CaseTest, GivesTheseEpisodes) {
  for (const Json& step : case_.value("steps", Json::array())) {
    Do(step);
    if (HasFatalFailure()) return;
  }
  alerts_->Stop();  // writes what is not written yet
  const std::vector<Alert> alerts = Alerts();
  const Json expected = case_.value("episodes", Json::array());
  std::string found;
  for (const Alert& alert : alerts) found += "\n  - " + Describe(alert);
  ASSERT_EQ(alerts.size(), expected.size()) << "there are" << found;
  for (const Json& one : expected) {
    EXPECT_TRUE(std::any_of(alerts.begin(), alerts.end(),
                            [&](const Alert& alert) { return Matches(one, alert); }))
        << "expected " << one.dump() << "\nthere are" << found;
  }
  CompareBacktest(alerts);
}

INSTANTIATE_TEST_SUITE_P(Files, CaseTest, ::testing::ValuesIn(LoadCases()), [](const auto& one) {
  std::string name;
  for (const char c : one.param.name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      name += c;
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  return name;
});

TEST(Cases, AreManyAndHaveNamesOfTheirOwn) {
  std::set<std::string> names;
  const std::vector<Case> cases = LoadCases();
  for (const Case& one : cases) EXPECT_TRUE(names.insert(one.name).second) << one.name;
  EXPECT_GT(cases.size(), 80u);
}

}  // namespace
}  // namespace energy::alerts
