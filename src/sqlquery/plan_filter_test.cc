#include "sqlquery/plan_filter.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace energy::sqlquery {
namespace {

constexpr int64_t kDay2026 = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
const std::string kNewYear = "'2026-01-01 00:00:00+00'::TIMESTAMP WITH TIME ZONE";

base::Json ScanNode() {
  return {{"name", "SCAN_TELEMETRY "},
          {"children", base::Json::array()},
          {"extra_info", {{"Function", "SCAN_TELEMETRY"}}}};
}
base::Json FilterNode(const std::string& expression) {
  return {
      {"name", "FILTER"}, {"children", {ScanNode()}}, {"extra_info", {{"Expression", expression}}}};
}
ScanFilter From(const std::string& expression) {
  return FilterFromPlan(base::Json::array({FilterNode(expression)}).dump(), "SCAN_TELEMETRY", 1);
}
ScanFilter Devices(std::vector<std::string> devices) { return {.devices = std::move(devices)}; }

TEST(FilterFromPlan, TakesWhatItUnderstands) {
  EXPECT_EQ(From("(device_id = 'B1')"), Devices({"B1"}));
  EXPECT_EQ(From("(device_id = 'B''1')"), Devices({"B'1"}));
  EXPECT_EQ(From("(time >= " + kNewYear + ")"), (ScanFilter{.start_us = kDay2026}));
  EXPECT_EQ(From("(time > " + kNewYear + ")"), (ScanFilter{.start_us = kDay2026 + 1}));
  EXPECT_EQ(From("(time < " + kNewYear + ")"), (ScanFilter{.end_us = kDay2026}));
  EXPECT_EQ(From("(time <= " + kNewYear + ")"), (ScanFilter{.end_us = kDay2026 + 1}));
  EXPECT_EQ(From("(time = " + kNewYear + ")"),
            (ScanFilter{.start_us = kDay2026, .end_us = kDay2026 + 1}));
  EXPECT_EQ(From("((time BETWEEN " + kNewYear +
                 " AND '2026-01-02 00:00:00.5+00'::TIMESTAMP WITH TIME ZONE) AND (device_id = 'a') "
                 "AND (power > 3.0))"),
            (ScanFilter{.devices = std::vector<std::string>{"a"},
                        .start_us = kDay2026,
                        .end_us = kDay2026 + 86'400'500'001}));
  EXPECT_EQ(From("((device_id = 'b') OR (device_id = 'a'))"), Devices({"a", "b"}));
  EXPECT_EQ(From("((device_id = 'b') OR ((device_id = 'a') AND (time < " + kNewYear + ")))"),
            Devices({"a", "b"}));
  EXPECT_EQ(From("((device_id = 'y') AND prefix(device_id, 'x'))"), Devices({"y"}));
}

TEST(FilterFromPlan, TakesNothingElse) {
  for (const char* expression :
       {"(device_id != 'B1')", "(NOT (device_id = 'B1'))", "prefix(device_id, 'x')",
        "((power > 3.0) OR (device_id = 'a'))", "(time > 3.0)", "(device_id = 'a'",
        "((power > 3.0) BETWEEN false AND (device_id = 'x'))",
        "(CASE  WHEN ((device_id = 'x')) THEN (true) ELSE (false) END)",
        "((time + '1 day'::INTERVAL) > '2026-01-01 00:00:00+00'::TIMESTAMP WITH TIME ZONE)",
        "(time > '2026-01-01 00:00:00'::TIMESTAMP)",
        "(time > '290309-12-22 (BC) 00:00:00+00'::TIMESTAMP WITH TIME ZONE)",
        "(device_id = 'a') AND (device_id = 'b')", "", "()"}) {
    EXPECT_EQ(From(expression), ScanFilter{}) << expression;
  }
}

TEST(FilterFromPlan, HoldsForAllScansTogether) {
  const base::Json join{
      {"name", "HASH_JOIN"},
      {"children", {FilterNode("(device_id = 'a')"), FilterNode("(device_id = 'b')")}}};
  EXPECT_EQ(FilterFromPlan(base::Json::array({join}).dump(), "SCAN_TELEMETRY", 2),
            Devices({"a", "b"}));
  const base::Json with_bare{{"name", "HASH_JOIN"},
                             {"children", {FilterNode("(device_id = 'a')"), ScanNode()}}};
  EXPECT_EQ(FilterFromPlan(base::Json::array({with_bare}).dump(), "SCAN_TELEMETRY", 2),
            ScanFilter{});
  // A scan that the plan does not show may need everything.
  EXPECT_EQ(FilterFromPlan(base::Json::array({join}).dump(), "SCAN_TELEMETRY", 3), ScanFilter{});
  EXPECT_EQ(FilterFromPlan("[]", "SCAN_TELEMETRY", 0), ScanFilter{});
  EXPECT_EQ(FilterFromPlan("no json", "SCAN_TELEMETRY", 0), ScanFilter{});
}

TEST(PlanIsReadable, RefusesNamesThatReadLikeConditions) {
  EXPECT_TRUE(
      PlanIsReadable("SELECT \"a b\" FROM telemetry WHERE device_id = 'it''s' AND (1 = 1)"));
  EXPECT_TRUE(PlanIsReadable("SELECT 1 -- it's (fine)\n + 1 /* 'and (this) */"));
  EXPECT_FALSE(PlanIsReadable("SELECT power AS \"a) AND (device_id = 'x'\" FROM telemetry"));
  EXPECT_FALSE(PlanIsReadable("SELECT power AS 'a) AND (b' FROM telemetry"));
  EXPECT_FALSE(PlanIsReadable("SELECT power AS $$a) AND (b$$ FROM telemetry"));
  EXPECT_FALSE(PlanIsReadable("SELECT E'\\x29'"));
}

}  // namespace
}  // namespace energy::sqlquery
