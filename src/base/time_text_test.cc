#include "base/time_text.h"

#include <gtest/gtest.h>

namespace energy::base {
namespace {

Timestamp At(int64_t ns) { return Timestamp(std::chrono::nanoseconds(ns)); }

TEST(TimeText, ReadsWhatDevicesSend) {
  const Timestamp expected = At(1'770'463'560'000'000'000);
  for (const char* text : {"2026-02-07T11:26:00Z", "2026-02-07t11:26:00z", "2026-02-07T11:26:00.0Z",
                           "2026-02-07T12:26:00+01:00", "2026-02-07T05:56:00-05:30",
                           "2026-02-07 11:26:00+00", "2026-02-07T11:26:00.000000000+00:00"}) {
    const auto time = ParseTimestamp(text);
    ASSERT_TRUE(time.ok()) << text;
    EXPECT_EQ(*time, expected) << text;
  }
}

TEST(TimeText, KeepsNanosecondsAndTimesBefore1970) {
  EXPECT_EQ(*ParseTimestamp("2026-02-07T11:26:00.123456789Z"), At(1'770'463'560'123'456'789));
  EXPECT_EQ(*ParseTimestamp("1969-12-31T23:59:59.5Z"), At(-500'000'000));
  EXPECT_EQ(FormatTimestamp(At(-500'000'000)), "1969-12-31T23:59:59.500Z");
}

TEST(TimeText, RefusesWhatIsNoPointInTime) {
  for (const char* text :
       {"", "2026-02-07", "2026-02-07T11:26:00", "2026-02-30T11:26:00Z", "2026-13-07T11:26:00Z",
        "2026-02-07T24:26:00Z", "2026-02-07T11:60:00Z", "2026-02-07T11:26:61Z",
        "2026-02-07T11:26:00.Z", "2026-02-07T11:26:00.1234567890Z", "2026-02-07T11:26:00+24:00",
        "2026-02-07T11:26:00Zx", "1600-01-01T00:00:00Z", "2300-01-01T00:00:00Z", "yesterday"}) {
    EXPECT_FALSE(ParseTimestamp(text).ok()) << text;
  }
}

TEST(TimeText, WritesTheShortestFormThatLosesNothing) {
  EXPECT_EQ(FormatTimestamp(At(1'770'463'560'000'000'000)), "2026-02-07T11:26:00Z");
  EXPECT_EQ(FormatTimestamp(At(1'770'463'560'120'000'000)), "2026-02-07T11:26:00.120Z");
  EXPECT_EQ(FormatTimestamp(At(1'770'463'560'000'001'000)), "2026-02-07T11:26:00.000001Z");
  EXPECT_EQ(FormatTimestamp(At(1'770'463'560'000'000'001)), "2026-02-07T11:26:00.000000001Z");
  EXPECT_EQ(FormatSortable(At(0)), "1970-01-01T00:00:00.000000000Z");
}

}  // namespace
}  // namespace energy::base
