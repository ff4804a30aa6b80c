#include "rules/schedule.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace energy::rules {
namespace {

int64_t At(const std::string& text) {
  const auto time = base::ParseTimestamp(text);
  EXPECT_TRUE(time.ok()) << text;
  return time->time_since_epoch().count();
}

std::vector<std::string> FaultyFields(const Schedule& schedule) {
  std::vector<std::string> fields;
  for (const ScheduleFault& fault : FaultsOf(schedule)) fields.push_back(fault.field);
  return fields;
}

Schedule Office() {
  Schedule schedule;
  schedule.time_zone = "Europe/Berlin";
  schedule.weekdays = 0x1f;
  schedule.times = {{8 * 60, 18 * 60}};
  schedule.holidays = {"2026-04-06"};
  return schedule;
}

TEST(Schedule, FollowsTheClocksOfItsZone) {
  ScheduleClock clock(Office());
  EXPECT_FALSE(clock.ActiveAt(At("2026-03-27T06:59:59Z"))) << "07:59 in winter";
  EXPECT_TRUE(clock.ActiveAt(At("2026-03-27T07:00:00Z")));
  EXPECT_TRUE(clock.ActiveAt(At("2026-03-27T16:59:59Z")));
  EXPECT_FALSE(clock.ActiveAt(At("2026-03-27T17:00:00Z")));
  EXPECT_FALSE(clock.ActiveAt(At("2026-03-28T12:00:00Z"))) << "a Saturday";
  EXPECT_TRUE(clock.ActiveAt(At("2026-03-30T06:00:00Z"))) << "08:00 in summer";
  EXPECT_FALSE(clock.ActiveAt(At("2026-04-06T12:00:00Z"))) << "Easter Monday";
  EXPECT_FALSE(clock.ActiveAt(At("2026-03-27T06:00:00Z"))) << "time may go back";
}

TEST(Schedule, ItsAnswersHoldUntilTheNextChange) {
  // Every answer between two changes is the same, over a year with both changes of the clocks.
  ScheduleClock clock(Office());
  ScheduleClock other(Office());
  const int64_t end = At("2027-01-01T00:00:00Z");
  int64_t at = At("2026-01-01T00:00:00Z");
  int changes = 0;
  while (at < end) {
    const bool active = clock.ActiveAt(at);
    const int64_t next = clock.NextChange(at);
    ASSERT_GT(next, at);
    for (const int64_t inside : {at, at + (next - at) / 2, next - 1}) {
      ASSERT_EQ(ScheduleClock(Office()).ActiveAt(inside), active)
          << base::FormatTimestamp(base::Timestamp(std::chrono::nanoseconds(inside)));
    }
    if (next < end && other.ActiveAt(next) != active) ++changes;
    at = next;
  }
  EXPECT_EQ(changes, 2 * 260) << "a beginning and an end each working day but one";
}

TEST(Schedule, NamesEveryFault) {
  Schedule schedule;
  schedule.time_zone = "Europe/Atlantis";
  schedule.weekdays = 0;
  schedule.times = {{60, 60}, {0, 1440}, {-1, 5}};
  schedule.holidays = {"2026-02-29", "2026-12-25", "tomorrow"};
  EXPECT_EQ(FaultyFields(schedule),
            (std::vector<std::string>{"time_zone", "weekdays", "times[0]", "times[2]",
                                      "holidays[0]", "holidays[2]"}));
  EXPECT_TRUE(FaultsOf(Office()).empty());
}

TEST(Schedule, TimesOfDayAreReadAndWritten) {
  EXPECT_EQ(ParseTimeOfDay("08:05"), 485);
  EXPECT_EQ(ParseTimeOfDay("24:00"), 1440);
  EXPECT_EQ(FormatTimeOfDay(485), "08:05");
  for (const char* bad : {"8:05", "24:01", "12:60", "ab:cd", "12-30", ""}) {
    EXPECT_FALSE(ParseTimeOfDay(bad)) << bad;
  }
}

}  // namespace
}  // namespace energy::rules
