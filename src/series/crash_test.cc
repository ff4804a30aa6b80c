#include <gtest/gtest.h>

#include <map>
#include <random>

#include "series/crash_support.h"
#include "series/embedded_store.h"
#include "series/test_support.h"

namespace energy::series {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kBase = 1'700'000'000 * kSecond;
constexpr int64_t kLivePerBatch = 10;

EmbeddedOptions Options(const std::filesystem::path& path) {
  EmbeddedOptions options;
  options.path = path;
  options.head_bytes = 1 << 16;          // seals all the time
  options.write_buffer_bytes = 1 << 16;  // and flushes
  options.chunk_readings = 32;
  return options;
}

int64_t LateTime(int64_t batch) { return kBase + batch * 7919 % 1000 * kSecond; }

// Batch i: readings in order of one device, and one late or overwriting reading of another.
Batch MakeBatch(int64_t i) {
  Batch batch;
  const FieldRef field = 0;
  for (int64_t r = i * kLivePerBatch; r < (i + 1) * kLivePerBatch; ++r) {
    const double value = static_cast<double>(r) / 10;
    batch.Add(0, kBase + r * kSecond, {&field, 1}, {&value, 1});
  }
  const double value = static_cast<double>(i);
  batch.Add(1, LateTime(i), {&field, 1}, {&value, 1});
  return batch;
}

// Run by CrashTest in a process of its own, which it kills.
TEST(CrashChild, DISABLED_AppendsUntilKilled) {
  const auto task = CrashTask::OfThisProcess();
  if (!task) GTEST_SKIP() << "only for Crash.LosesNothing...";
  AppendUntilKilled(*task, Options(task->folder), {"live", "late"}, MakeBatch);
}

std::map<int64_t, double> ReadDevice(const EmbeddedStore& store, DeviceRef device) {
  const auto series = store.Read({.device = device,
                                  .start_ns = 0,
                                  .end_ns = 2 * kBase,
                                  .fields = {0},
                                  .limit = 10'000'000,
                                  .newest_first = false});
  EXPECT_TRUE(series.ok()) << series.status().ToString();
  std::map<int64_t, double> readings;
  for (size_t r = 0; r < series->time_ns.size(); ++r) {
    readings[series->time_ns[r]] = series->columns[0][r];
  }
  return readings;
}

// A kill at any moment leaves whole batches: all that were acknowledged and perhaps the one after.
TEST(Crash, LosesNothingAcknowledgedAndTearsNoBatch) {
  TemporaryFolder folder;
  std::mt19937_64 random(41);
  int64_t batches = 0;
  for (int round = 0; round < 6; ++round) {
    const int64_t acknowledged = RunAndKill("CrashChild.DISABLED_AppendsUntilKilled", folder.path(),
                                            batches, 20 + static_cast<int64_t>(random() % 400));
    base::SystemClock clock;
    base::Metrics metrics;
    auto store = EmbeddedStore::Open(Options(folder.path()), clock, base::NullLogger(), metrics);
    ASSERT_TRUE(store.ok()) << store.status().ToString();

    const auto live = ReadDevice(**store, 0);
    ASSERT_EQ(live.size() % kLivePerBatch, 0u);
    batches = static_cast<int64_t>(live.size()) / kLivePerBatch;
    ASSERT_GE(batches, acknowledged) << "round " << round;
    ASSERT_LE(batches, acknowledged + 1) << "round " << round;
    for (int64_t r = 0; r < batches * kLivePerBatch; ++r) {
      ASSERT_EQ(live.at(kBase + r * kSecond), static_cast<double>(r) / 10);
    }
    std::map<int64_t, double> late;
    for (int64_t i = 0; i < batches; ++i) late[LateTime(i)] = static_cast<double>(i);
    ASSERT_EQ(ReadDevice(**store, 1), late) << "round " << round;
  }
}

}  // namespace
}  // namespace energy::series
