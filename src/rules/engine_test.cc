#include "rules/engine.h"

#include "telemetry/test_support.h"

namespace energy::rules {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const base::Timestamp kStart{seconds(1'770'463'560)};

class EngineTest : public ::testing::Test {
 protected:
  static Rule Overheat() {
    Rule rule;
    rule.id = "r1";
    rule.name = "Overheat";
    rule.device_id = "D1";
    rule.property = "temperature";
    rule.op = Operator::kGreater;
    rule.threshold = 50;
    return rule;
  }
  /// Feeds one reading and returns what it changed, as letters: R raised, U updated, C cleared.
  std::string Feed(double value, std::chrono::nanoseconds at, const std::string& device = "D1") {
    telemetry::CommittedBatch batch;
    const series::FieldRef field = *platform_.store->OpenField("temperature");
    batch.readings.Add(*platform_.store->OpenDevice(device),
                       (kStart + at).time_since_epoch().count(), {&field, 1}, {&value, 1});
    return Evaluate(batch);
  }
  std::string Evaluate(const telemetry::CommittedBatch& batch) {
    std::vector<Transition> transitions;
    engine_.Evaluate(batch, transitions);
    std::string letters;
    for (const Transition& transition : transitions) {
      letters += transition.change == Change::kRaised    ? 'R'
                 : transition.change == Change::kUpdated ? 'U'
                                                         : 'C';
      last_ = transition;
    }
    return letters;
  }

  telemetry::TestPlatform platform_;
  Engine engine_{*platform_.store, platform_.metrics, platform_.clock};
  Transition last_;
};

TEST_F(EngineTest, AnEpisodeIsRaisedOnceUpdatedAndCleared) {
  engine_.SetRules({Overheat()});
  EXPECT_EQ(Feed(50, seconds(0)), "");
  EXPECT_EQ(Feed(51, seconds(5)), "R");
  EXPECT_EQ(Feed(60, seconds(10)), "U");
  EXPECT_EQ(Feed(55, seconds(15)), "U");
  EXPECT_EQ(last_.episode.count, 3u);
  EXPECT_EQ(last_.episode.first_value, 51);
  EXPECT_EQ(last_.episode.worst_value, 60);
  EXPECT_EQ(last_.episode.latest_value, 55);
  EXPECT_EQ(last_.episode.last_at, kStart + seconds(15));
  EXPECT_EQ(Feed(49, seconds(20)), "C");
  EXPECT_EQ(last_.at, kStart + seconds(20));
  EXPECT_EQ(last_.episode.last_at, kStart + seconds(15));
}

TEST_F(EngineTest, ARaiseWithinTheCooldownIsSuppressed) {
  engine_.SetRules({Overheat()});
  EXPECT_EQ(Feed(51, minutes(0)), "R");
  EXPECT_FALSE(last_.episode.suppressed);
  EXPECT_EQ(Feed(49, minutes(1)), "C");
  EXPECT_EQ(Feed(51, minutes(14)), "R");
  EXPECT_TRUE(last_.episode.suppressed);
  EXPECT_EQ(Feed(49, minutes(15)), "C");
  EXPECT_EQ(Feed(51, minutes(16)), "R") << "the cooldown counts from the raise that notified";
  EXPECT_FALSE(last_.episode.suppressed);
}

TEST_F(EngineTest, HysteresisKeepsARuleFromFlapping) {
  Rule rule = Overheat();
  rule.clear_threshold = 45;
  engine_.SetRules({rule});
  EXPECT_EQ(Feed(51, seconds(0)), "R");
  EXPECT_EQ(Feed(49, seconds(5)), "U");
  EXPECT_EQ(Feed(51, seconds(10)), "U");
  EXPECT_EQ(Feed(45, seconds(15)), "C");
  EXPECT_EQ(Feed(49, seconds(20)), "");
}

TEST_F(EngineTest, ALateOrRepeatedReadingNeitherRaisesNorClears) {
  engine_.SetRules({Overheat()});
  EXPECT_EQ(Feed(51, seconds(10)), "R");
  EXPECT_EQ(Feed(20, seconds(10)), "");
  EXPECT_EQ(Feed(20, seconds(5)), "");
  EXPECT_EQ(Feed(20, seconds(15)), "C");
  EXPECT_EQ(Feed(99, seconds(12)), "");
}

TEST_F(EngineTest, OneBatchReportsOneUpdateOfAnEpisode) {
  engine_.SetRules({Overheat()});
  telemetry::CommittedBatch batch;
  const series::FieldRef field = *platform_.store->OpenField("temperature");
  for (int i = 0; i < 10; ++i) {
    const double value = 51 + i;
    batch.readings.Add(*platform_.store->OpenDevice("D1"), i, {&field, 1}, {&value, 1});
  }
  EXPECT_EQ(Evaluate(batch), "RU");
  EXPECT_EQ(last_.episode.count, 10u);
}

TEST_F(EngineTest, OnlyItsDeviceFieldAndStatusConcernARule) {
  Rule paused = Overheat();
  paused.id = "r2";
  paused.status = RuleStatus::kPaused;
  Rule other = Overheat();
  other.id = "r3";
  other.property = "voltage";
  engine_.SetRules({paused, other});
  EXPECT_EQ(Feed(99, seconds(0)), "");
  engine_.SetRules({Overheat()});
  EXPECT_EQ(Feed(99, seconds(5), "D2"), "");
  EXPECT_EQ(Feed(99, seconds(5)), "R");
}

TEST_F(EngineTest, AChangeOfTheRulesKeepsAnEpisodeUnlessItConcernsIt) {
  engine_.SetRules({Overheat()});
  EXPECT_EQ(Feed(51, seconds(0)), "R");
  Rule renamed = Overheat();
  renamed.name = "Hot";
  EXPECT_TRUE(engine_.SetRules({renamed}).empty());
  EXPECT_EQ(Feed(52, seconds(5)), "U");
  Rule higher = Overheat();
  higher.threshold = 60;
  const auto ended = engine_.SetRules({higher});
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].change, Change::kCleared);
  EXPECT_EQ(Feed(55, seconds(10)), "");
  EXPECT_EQ(engine_.SetRules({}).size(), 0u);
}

TEST_F(EngineTest, RestoresAndForgetsEpisodes) {
  engine_.SetRules({Overheat()});
  Episode episode;
  episode.started_at = episode.last_at = kStart;
  episode.count = 4;
  EXPECT_TRUE(engine_.Restore({"r1", "D1"}, episode, Severity::kMedium));
  EXPECT_FALSE(engine_.Restore({"r9", "D1"}, episode, Severity::kMedium));
  EXPECT_EQ(Feed(52, seconds(5)), "U");
  EXPECT_EQ(last_.episode.count, 5u);
  engine_.Forget({"r1", "D1"}, kStart);
  EXPECT_EQ(Feed(53, seconds(10)), "R");
}

struct OperatorCase {
  Operator op;
  double value;
  bool holds;
};
class OperatorTest : public EngineTest, public ::testing::WithParamInterface<OperatorCase> {};

TEST_P(OperatorTest, ComparesAsItsNameSays) {
  Rule rule = Overheat();
  rule.op = GetParam().op;
  engine_.SetRules({rule});
  EXPECT_EQ(Feed(GetParam().value, seconds(0)), GetParam().holds ? "R" : "")
      << GetParam().value << " " << OperatorName(rule.op) << " 50";
}

INSTANTIATE_TEST_SUITE_P(All, OperatorTest,
                         ::testing::Values(OperatorCase{Operator::kGreater, 50, false},
                                           OperatorCase{Operator::kGreater, 50.1, true},
                                           OperatorCase{Operator::kGreaterEqual, 50, true},
                                           OperatorCase{Operator::kGreaterEqual, 49.9, false},
                                           OperatorCase{Operator::kLess, 50, false},
                                           OperatorCase{Operator::kLess, 49.9, true},
                                           OperatorCase{Operator::kLessEqual, 50, true},
                                           OperatorCase{Operator::kLessEqual, 50.1, false},
                                           OperatorCase{Operator::kEqual, 50, true},
                                           OperatorCase{Operator::kEqual, 50.1, false},
                                           OperatorCase{Operator::kNotEqual, 50.1, true},
                                           OperatorCase{Operator::kNotEqual, 50, false}));

}  // namespace
}  // namespace energy::rules
