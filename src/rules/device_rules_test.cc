#include "rules/device_rules.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace energy::rules {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'770'000'000 * kSecond;

Rule MakeRule(std::mt19937_64& random, int id) {
  const auto one_of = [&](auto... values) {
    const std::array all{values...};
    return all[random() % all.size()];
  };
  const auto condition = [&] {
    Condition made;
    made.property = one_of("a", "b");
    made.kind =
        one_of(ConditionKind::kThreshold, ConditionKind::kThreshold, ConditionKind::kThreshold,
               ConditionKind::kAggregate, ConditionKind::kChange, ConditionKind::kNoData);
    made.op = one_of(Operator::kGreater, Operator::kLess, Operator::kGreaterEqual,
                     Operator::kLessEqual, Operator::kEqual, Operator::kNotEqual);
    made.threshold = static_cast<double>(random() % 20);
    if (made.kind == ConditionKind::kNoData) {
      made.op = Operator::kGreaterEqual;
      made.threshold += 10;
    } else if (made.kind != ConditionKind::kThreshold) {
      made.window = std::chrono::seconds(10 + random() % 100);
      made.aggregate = one_of(Aggregate::kMean, Aggregate::kMin, Aggregate::kMax, Aggregate::kSum,
                              Aggregate::kCount, Aggregate::kSpread);
    }
    return made;
  };
  Rule rule;
  static_cast<Condition&>(rule) = condition();
  for (uint64_t i = random() % 3; i > 1; --i) rule.more.push_back(condition());
  rule.id = std::to_string(id);
  rule.join = one_of(Join::kAll, Join::kAny);
  rule.hold = std::chrono::seconds(one_of(0, 0, 7, 30));
  rule.clear_hold = std::chrono::seconds(one_of(0, 0, 12));
  rule.cooldown_minutes = one_of(0, 1);
  if (rule.more.empty() && rule.op == Operator::kGreater) {
    rule.clear_threshold = rule.threshold - 2;
    rule.levels = {{Severity::kHigh, rule.threshold + 3},
                   {Severity::kCritical, rule.threshold + 5}};
  }
  return rule;
}

std::unique_ptr<DeviceRules> Build(const std::vector<Rule>& rules) {
  auto device = std::make_unique<DeviceRules>("D1");
  for (const Rule& rule : rules) {
    std::vector<series::FieldRef> fields;
    for (size_t i = 0; i < rule.condition_count(); ++i) {
      fields.push_back(rule.condition(i).property == "a" ? 0 : 1);
    }
    device->Add(Watch(std::make_shared<Program>(std::make_shared<const Rule>(rule)), kStart),
                fields);
  }
  device->Finish(kStart);
  return device;
}

series::Series MakeBlock(std::mt19937_64& random, int64_t& time, size_t rows) {
  series::Series block;
  block.fields = {0, 1};
  block.columns.resize(2);
  double level = 10;
  for (size_t i = 0; i < rows; ++i) {
    time += static_cast<int64_t>(1 + random() % 10) * kSecond;
    if (random() % 200 == 0) time += 60 * kSecond;
    if (random() % 50 == 0) level = static_cast<double>(random() % 20);
    block.time_ns.push_back(time);
    for (auto& column : block.columns) {
      const double value = level + static_cast<double>(random() % 5) / 2 - 1;
      column.push_back(random() % 10 == 0 ? std::nan("") : value);
    }
  }
  return block;
}

std::string Describe(const Transition& transition) {
  const auto ns = [](base::Timestamp time) {
    return std::to_string((time.time_since_epoch().count() - kStart) / kSecond);
  };
  return transition.rule->id + " " + std::to_string(static_cast<int>(transition.change)) + " at " +
         ns(transition.at) + " from " + ns(transition.episode.started_at) + " worst " +
         std::to_string(transition.episode.worst_value) + " count " +
         std::to_string(transition.episode.count) + " " +
         std::string(SeverityName(transition.severity)) +
         (transition.episode.suppressed ? " suppressed" : "");
}

// In whatever order the rules of a device come.
std::vector<std::string> Sorted(const std::vector<Transition>& transitions) {
  std::vector<std::string> lines;
  for (const Transition& transition : transitions) {
    if (transition.change != Change::kUpdated) lines.push_back(Describe(transition));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

void FeedRows(DeviceRules& device, const series::Series& block, std::vector<Transition>& out) {
  for (size_t i = 0; i < block.time_ns.size(); ++i) {
    const std::array values{block.columns[0][i], block.columns[1][i]};
    device.Row({block.time_ns[i], block.time_ns[i]}, block.fields, values, out);
  }
}

TEST(DeviceRules, LeavingQuietReadingsAsideChangesNothing) {
  for (int seed = 0; seed < 30; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<Rule> rules;
    for (int i = 0; i < 25; ++i) rules.push_back(MakeRule(random, i));
    const auto quiet = Build(rules);
    const auto all = Build(rules);
    const auto columns = Build(rules);
    all->LookAtAll();
    int64_t time = kStart;
    std::vector<Transition> by_quiet;
    std::vector<Transition> by_all;
    std::vector<Transition> by_columns;
    for (int i = 0; i < 5; ++i) {
      const series::Series block = MakeBlock(random, time, 700);
      FeedRows(*quiet, block, by_quiet);
      FeedRows(*all, block, by_all);
      columns->Replay(block, by_columns);
    }
    ASSERT_GT(by_all.size(), 20u);
    ASSERT_EQ(Sorted(by_quiet), Sorted(by_all)) << seed;
    ASSERT_EQ(Sorted(by_columns), Sorted(by_all)) << seed;
  }
}

TEST(DeviceRules, TimersInBetweenChangeNothing) {
  for (int seed = 0; seed < 10; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<Rule> rules;
    for (int i = 0; i < 25; ++i) rules.push_back(MakeRule(random, i));
    const auto alone = Build(rules);
    const auto ticked = Build(rules);
    int64_t time = kStart;
    const series::Series block = MakeBlock(random, time, 1000);
    std::vector<Transition> by_alone;
    std::vector<Transition> by_ticked;
    FeedRows(*alone, block, by_alone);
    for (size_t i = 0; i < block.time_ns.size(); ++i) {
      const std::array values{block.columns[0][i], block.columns[1][i]};
      ticked->Advance(block.time_ns[i] - kSecond / 2, by_ticked);
      ticked->Row({block.time_ns[i], block.time_ns[i]}, block.fields, values, by_ticked);
    }
    ASSERT_EQ(Sorted(by_ticked), Sorted(by_alone)) << seed;
  }
}

TEST(DeviceRules, CountsTheConditionsOfEveryReading) {
  std::vector<Rule> rules(3);
  for (Rule& rule : rules) {
    rule.property = "a";
    rule.threshold = 100;
  }
  const auto device = Build(rules);
  std::mt19937_64 random(1);
  int64_t time = kStart;
  series::Series block = MakeBlock(random, time, 1000);
  std::vector<Transition> none;
  for (double& value : block.columns[0]) value = 1;
  device->Replay(block, none);
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(device->TakeEvaluations(), 3000u);
}

}  // namespace
}  // namespace energy::rules
