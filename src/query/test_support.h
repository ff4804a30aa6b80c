#pragma once

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "base/time_text.h"
#include "query/engine.h"
#include "telemetry/test_support.h"

// For the tests of this module.

namespace energy::query {

inline base::Timestamp At(std::string_view text) { return *base::ParseTimestamp(text); }
inline int64_t NsAt(std::string_view text) { return At(text).time_since_epoch().count(); }

constexpr int64_t kSecondNs = 1'000'000'000;

/// Readings by time: values in the order of the fields; NaN is not there.
using Readings = std::map<int64_t, std::vector<double>>;

/// A store with devices and an engine over it.
class EngineTest : public ::testing::Test {
 protected:
  void Store(const std::string& device, const std::vector<std::string>& fields,
             const Readings& readings) {
    const series::DeviceRef ref = *platform_.store->OpenDevice(device);
    std::vector<series::FieldRef> refs;
    for (const std::string& field : fields) refs.push_back(*platform_.store->OpenField(field));
    series::Batch batch;
    for (const auto& [time_ns, values] : readings) batch.Add(ref, time_ns, refs, values);
    const base::Status stored = platform_.store->Append(batch);
    ASSERT_TRUE(stored.ok()) << stored.ToString();
  }

  struct All {
    Header header;
    std::vector<Block> blocks;
    Tail tail;
  };
  All Run(const Query& query) { return Collect(engine_.Run(query)); }
  All Collect(base::Result<std::unique_ptr<Answer>> answer) {
    All all;
    EXPECT_TRUE(answer.ok()) << answer.status().ToString();
    if (!answer.ok()) return all;
    all.header = (*answer)->header();
    while (true) {
      Block block;
      const auto more = (*answer)->Next(block);
      EXPECT_TRUE(more.ok()) << more.status().ToString();
      if (!more.ok() || !*more) break;
      EXPECT_EQ(block.columns.size(), all.header.columns.size());
      all.blocks.push_back(std::move(block));
    }
    all.tail = (*answer)->tail();
    return all;
  }
  std::string FieldOfError(const Query& query) {
    const auto answer = engine_.Run(query);
    return answer.ok() || answer.status().fields().empty() ? "none"
                                                           : answer.status().fields()[0].field;
  }

  telemetry::TestPlatform platform_;
  Engine engine_{*platform_.store, platform_.registry, platform_.clock};
};

/// Bulbs "D1" and "D2" with ten minutes of readings, one every 10 s from 11:00:00 on: power grows
/// by 1, on D2 from 1000. A bulb "empty" and a compressor "C1" have none.
class TwoBulbsTest : public EngineTest {
 protected:
  void SetUp() override {
    for (const char* id : {"D1", "D2", "empty"}) platform_.AddDevice(id);
    platform_.AddDevice("C1", "compressor");
    Readings readings;
    for (int64_t i = 0; i < 60; ++i) {
      readings[NsAt("2026-02-07T11:00:00Z") + i * 10 * kSecondNs] = {static_cast<double>(i), 230.5};
    }
    Store("D1", {"power", "voltage"}, readings);
    for (auto& [time, values] : readings) values[0] += 1000;
    Store("D2", {"power", "voltage"}, readings);
  }
  /// All of D1.
  Query Base() {
    Query query;
    query.devices = {"D1"};
    query.start = At("2026-02-07T11:00:00Z");
    query.end = At("2026-02-07T11:10:00Z");
    return query;
  }
};

}  // namespace energy::query
