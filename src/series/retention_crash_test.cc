#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "series/crash_support.h"
#include "series/embedded_store.h"
#include "series/rollup_oracle.h"
#include "series/test_support.h"

namespace energy::series {
namespace {

using oracle::kDay;
using oracle::kHour;

constexpr int64_t kMinute = kHour / 60;
constexpr int64_t kStart = 19'700 * kDay;
constexpr int64_t kLivePerBatch = 10;
constexpr DeviceRef kLive = 0;
constexpr DeviceRef kLate = 1;

// Every batch is an hour later than the one before, so that a day expires every 24 of them.
EmbeddedOptions Options(const std::filesystem::path& path) {
  EmbeddedOptions options;
  options.path = path;
  options.head_bytes = 1 << 16;
  options.write_buffer_bytes = 1 << 16;
  options.chunk_readings = 32;
  options.raw_days = 2;
  options.hourly_days = 4;
  options.daily_days = 8;
  options.seal_check = std::chrono::milliseconds(1);
  return options;
}

int64_t LiveTime(int64_t reading) { return kStart + reading * (kHour / kLivePerBatch); }
// Within the last day: late, but never so late that it is refused; some come again.
int64_t LateTime(int64_t batch) {
  return kStart + (batch - batch * 7919 % 20) * kHour + batch % 3 * kMinute;
}

Batch MakeBatch(int64_t i) {
  Batch batch;
  const FieldRef field = 0;
  for (int64_t r = i * kLivePerBatch; r < (i + 1) * kLivePerBatch; ++r) {
    const double value = static_cast<double>(r) / 7;
    batch.Add(kLive, LiveTime(r), {&field, 1}, {&value, 1});
  }
  const double value = static_cast<double>(i) / 3;
  batch.Add(kLate, LateTime(i), {&field, 1}, {&value, 1});
  return batch;
}

// All readings that a device was ever sent.
oracle::Readings Sent(DeviceRef device, int64_t batches) {
  oracle::Readings sent;
  for (int64_t i = 0; i < batches; ++i) {
    const Batch batch = MakeBatch(i);
    for (const Row& row : batch.rows) {
      if (row.device == device) sent[row.time_ns][0] = batch.values[row.first];
    }
  }
  return sent;
}

// Run by RetentionCrash in a process of its own, which it kills.
TEST(RetentionCrashChild, DISABLED_AppendsUntilKilled) {
  const auto task = CrashTask::OfThisProcess();
  if (!task) GTEST_SKIP() << "only for RetentionCrash";
  AppendUntilKilled(*task, Options(task->folder), {"live", "late"}, MakeBatch);
}

class RetentionCrash : public testing::Test {
 protected:
  void Open() {
    store_.reset();
    auto opened =
        EmbeddedStore::Open(Options(folder_.path()), clock_, base::NullLogger(), metrics_);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    store_ = std::move(*opened);
  }
  // As the newest reading says; what was acknowledged is never the newest that expires.
  int64_t Batches() const {
    const auto latest = store_->LatestOf(kLive);
    return latest ? (latest->time_ns - kStart) / kHour + 1 : 0;
  }
  // Everything from the cuts on is there, nothing before them, and rollups are those of all that
  // was ever sent.
  void ExpectWhatIsKept(int64_t batches) {
    const RetentionState kept = store_->retention();
    for (const DeviceRef device : {kLive, kLate}) {
      const oracle::Readings sent = Sent(device, batches);
      const auto series = store_->Read({.device = device,
                                        .start_ns = 0,
                                        .end_ns = kNewestTime,
                                        .fields = {0},
                                        .limit = 10'000'000});
      ASSERT_TRUE(series.ok()) << series.status().ToString();
      auto expected = sent.lower_bound(kept.raw_from_ns);
      for (size_t r = 0; r < series->time_ns.size(); ++r, ++expected) {
        ASSERT_TRUE(expected != sent.end() && series->time_ns[r] == expected->first);
        ASSERT_EQ(series->columns[0][r], expected->second.at(0));
      }
      ASSERT_TRUE(expected == sent.end()) << "device " << device << ": readings are missing";
      for (const Resolution resolution : {Resolution::kHourly, Resolution::kDaily}) {
        const int64_t from =
            resolution == Resolution::kHourly ? kept.hourly_from_ns : kept.daily_from_ns;
        oracle::Buckets buckets = oracle::Recompute(sent, resolution);
        buckets.erase(buckets.begin(), buckets.lower_bound(from));
        const auto rollups = store_->ReadRollups({.device = device,
                                                  .start_ns = kStart - 10 * kDay,
                                                  .end_ns = kStart + 10'000 * kDay,
                                                  .fields = {0},
                                                  .resolution = resolution});
        ASSERT_TRUE(rollups.ok()) << rollups.status().ToString();
        ASSERT_NO_FATAL_FAILURE(oracle::ExpectRollups(*rollups, buckets));
      }
    }
  }
  void ExpectCutsBehind(int64_t batches) {
    const int64_t today = oracle::FloorTo(LiveTime(batches * kLivePerBatch - 1), kDay);
    const RetentionState kept = store_->retention();
    EXPECT_LE(kept.raw_from_ns, today - 2 * kDay);
    EXPECT_LE(kept.hourly_from_ns, today - 4 * kDay);
    EXPECT_LE(kept.daily_from_ns, today - 8 * kDay);
    EXPECT_GE(kept.raw_from_ns, last_cut_) << "what had expired is back";
    last_cut_ = kept.raw_from_ns;
  }

  TemporaryFolder folder_;
  base::SystemClock clock_;
  base::Metrics metrics_;
  std::unique_ptr<EmbeddedStore> store_;
  int64_t last_cut_ = std::numeric_limits<int64_t>::min();
};

TEST_F(RetentionCrash, KillsWhileReadingsExpireLoseNoneThatIsKept) {
  std::mt19937_64 random(43);
  int64_t batches = 0;
  for (int round = 0; round < 12; ++round) {
    SCOPED_TRACE(round);
    const int64_t acknowledged =
        RunAndKill("RetentionCrashChild.DISABLED_AppendsUntilKilled", folder_.path(), batches,
                   20 + static_cast<int64_t>(random() % 200));
    ASSERT_NO_FATAL_FAILURE(Open());
    batches = Batches();
    ASSERT_GE(batches, acknowledged);
    ASSERT_LE(batches, acknowledged + 1);
    ExpectCutsBehind(batches);
    ASSERT_NO_FATAL_FAILURE(ExpectWhatIsKept(batches));
    if (HasFailure()) return;
    store_.reset();  // the next child goes on with what this kill left
  }
  ASSERT_NO_FATAL_FAILURE(Open());
  ASSERT_TRUE(store_->EnforceRetention().ok());
  ASSERT_TRUE(store_->GiveSpaceBack().ok());
  ASSERT_NO_FATAL_FAILURE(ExpectWhatIsKept(batches));
  EXPECT_EQ(store_->retention().raw_from_ns,
            oracle::FloorTo(LiveTime(batches * kLivePerBatch - 1), kDay) - 2 * kDay);
  // Two or three days of 264 readings, not weeks of them.
  EXPECT_LT(store_->Stats().chunk_bytes, 100'000u);
  ASSERT_NO_FATAL_FAILURE(Open());
  ASSERT_NO_FATAL_FAILURE(ExpectWhatIsKept(batches));
}

}  // namespace
}  // namespace energy::series
