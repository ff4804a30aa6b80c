#include "rules/backtest.h"

#include "rules/explanation.h"
#include "telemetry/test_support.h"

namespace energy::rules {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const base::Timestamp kStart{seconds(1'769'990'400)};  // 2026-02-02T00:00:00Z

class BacktestTest : public ::testing::Test {
 protected:
  void Store(std::chrono::nanoseconds at, double value) {
    const series::FieldRef field = *platform_.store->OpenField("temperature");
    batch_.Add(*platform_.store->OpenDevice("D1"), (kStart + at).time_since_epoch().count(),
               {&field, 1}, {&value, 1});
  }
  void Flush() {
    ASSERT_TRUE(platform_.store->Append(batch_).ok());
    batch_.Clear();
  }
  static Rule Overheat() {
    Rule rule;
    rule.property = "temperature";
    rule.threshold = 50;
    rule.cooldown_minutes = 15;
    return rule;
  }
  base::Result<Backtest> Run(const Rule& rule, std::chrono::nanoseconds length = hours(48)) {
    return RunBacktest(*platform_.store, {rule, "D1", kStart, kStart + length},
                       [] { return false; });
  }

  telemetry::TestPlatform platform_;
  series::Batch batch_;
};

TEST_F(BacktestTest, AnswersEpisodesMinutesByDayAndVariants) {
  Store(hours(1), 40);
  Store(hours(23), 60);  // over midnight
  Store(hours(23) + minutes(30), 70);
  Store(hours(24) + minutes(15), 40);
  Store(hours(30), 51);  // a short peak
  Store(hours(30) + seconds(30), 49.5);
  Store(hours(30) + seconds(60), 51);
  Store(hours(30) + seconds(90), 40);
  Flush();
  const auto result = Run(Overheat());
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(result->readings, 8u);
  ASSERT_EQ(result->episodes.size(), 3u);
  EXPECT_EQ(result->episodes[0].episode.started_at, kStart + hours(23));
  EXPECT_EQ(result->episodes[0].end, kStart + hours(24) + minutes(15));
  EXPECT_EQ(result->episodes[0].episode.worst_value, 70);
  EXPECT_TRUE(result->episodes[2].episode.suppressed);
  ASSERT_EQ(result->minutes_by_day.size(), 2u);
  EXPECT_DOUBLE_EQ(result->minutes_by_day[0], 60);
  EXPECT_DOUBLE_EQ(result->minutes_by_day[1], 16);
  EXPECT_TRUE(result->variants[0].as_drafted);
  EXPECT_EQ(result->variants[0].episodes, 3u);
  EXPECT_EQ(result->variants[0].suppressed, 1u);
  EXPECT_DOUBLE_EQ(result->variants[0].alert_minutes, 76);
  const auto variant = [&](std::optional<double> clear, int hold) -> uint64_t {
    for (const BacktestVariant& one : result->variants) {
      if (one.clear_threshold == clear && one.hold == seconds(hold)) return one.episodes;
    }
    ADD_FAILURE() << "no such variant";
    return 0;
  };
  EXPECT_EQ(variant(49, 0), 2u) << "hysteresis joins the two peaks";
  EXPECT_EQ(variant(std::nullopt, 300), 1u) << "a duration leaves the peaks out";
}

TEST_F(BacktestTest, AnEpisodeMayLastBeyondTheRange) {
  Store(hours(1), 60);
  Flush();
  const auto result = Run(Overheat(), hours(2));
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  ASSERT_EQ(result->episodes.size(), 1u);
  EXPECT_FALSE(result->episodes[0].end);
  EXPECT_DOUBLE_EQ(result->minutes_by_day[0], 60);
}

TEST_F(BacktestTest, SilenceCountsToTheEndOfTheRange) {
  Store(hours(1), 60);
  Flush();
  Rule rule = Overheat();
  rule.kind = ConditionKind::kNoData;
  rule.op = Operator::kGreaterEqual;
  rule.threshold = 3600;
  const auto result = Run(rule, hours(4));
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  ASSERT_EQ(result->episodes.size(), 2u);
  EXPECT_EQ(result->episodes[0].episode.started_at, kStart + hours(1));
  EXPECT_EQ(result->episodes[1].episode.started_at, kStart + hours(2));
  EXPECT_FALSE(result->episodes[1].end);
}

TEST_F(BacktestTest, StopsWhenCancelledAndRefusesBadRanges) {
  Store(hours(1), 60);
  Flush();
  const auto stopped = RunBacktest(*platform_.store, {Overheat(), "D1", kStart, kStart + hours(2)},
                                   [] { return true; });
  EXPECT_EQ(stopped.status().code(), base::Code::kUnavailable);
  EXPECT_EQ(Run(Overheat(), hours(0)).status().code(), base::Code::kInvalidArgument);
  EXPECT_EQ(Run(Overheat(), hours(24 * 367)).status().code(), base::Code::kInvalidArgument);
  Rule rule = Overheat();
  rule.property = "nothing";
  const auto nothing = Run(rule);
  ASSERT_TRUE(nothing.ok()) << nothing.status().ToString();
  EXPECT_EQ(nothing->readings, 0u);
  EXPECT_TRUE(nothing->episodes.empty());
}

TEST_F(BacktestTest, NamesThousandEpisodesAndCountsAll) {
  for (int i = 0; i < 3000; ++i) Store(seconds(i), i % 2 == 0 ? 60 : 40);
  Flush();
  const auto result = Run(Overheat());
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(result->episodes.size(), kMaxBacktestEpisodes);
  EXPECT_TRUE(result->truncated);
  EXPECT_EQ(result->variants[0].episodes, 1500u);
}

TEST_F(BacktestTest, ExplainsEveryConditionWithItsValue) {
  Store(minutes(0), 40);
  Store(minutes(1), 44);
  Flush();
  Rule rule = Overheat();
  Condition mean;
  mean.kind = ConditionKind::kAggregate;
  mean.property = "temperature";
  mean.op = Operator::kLess;
  mean.threshold = 43;
  mean.window = minutes(5);
  rule.more = {mean};
  rule.join = Join::kAny;
  const auto latest = Explain(*platform_.store, rule, "D1", {}, kStart + minutes(2));
  ASSERT_TRUE(latest.ok()) << latest.status().ToString();
  EXPECT_TRUE(latest->holds);
  EXPECT_EQ(latest->at, kStart + minutes(1));
  EXPECT_EQ(latest->conditions[0].value, 44);
  EXPECT_FALSE(latest->conditions[0].holds);
  EXPECT_EQ(latest->conditions[0].reason, "temperature is 44, which is not > 50");
  EXPECT_EQ(latest->conditions[1].value, 42);
  EXPECT_EQ(latest->conditions[1].reason,
            "the mean of temperature over 300 s is 42, which is < 43");
  GivenReading given{kStart + minutes(2), {{"temperature", 66}}};
  rule.levels = {{Severity::kCritical, 60}};
  const auto asked = Explain(*platform_.store, rule, "D1", given, kStart + minutes(2));
  ASSERT_TRUE(asked.ok()) << asked.status().ToString();
  EXPECT_EQ(asked->conditions[1].value, 50);
  EXPECT_FALSE(asked->conditions[1].holds);
  EXPECT_EQ(asked->severity, Severity::kCritical);
  EXPECT_EQ(Explain(*platform_.store, rule, "D9", {}, kStart).status().code(),
            base::Code::kNotFound);
}

}  // namespace
}  // namespace energy::rules
