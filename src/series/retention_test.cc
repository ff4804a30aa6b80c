#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <thread>

#include "series/embedded_store.h"
#include "series/test_support.h"

namespace energy::series {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kHour = 3600 * kSecond;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kToday = 19'700 * kDay;

// Its wall clock can be set, as by an operator, while its steady clock goes on.
class WallClock final : public base::Clock {
 public:
  explicit WallClock(base::Timestamp start) : time_(start) {}
  base::Timestamp Now() const override {
    return time_.Now() + std::chrono::nanoseconds(jump_.load());
  }
  std::chrono::steady_clock::time_point Steady() const override { return time_.Steady(); }
  void Advance(std::chrono::nanoseconds by) { time_.Advance(by); }
  void Jump(std::chrono::nanoseconds by) { jump_ += by.count(); }

 private:
  base::ManualClock time_;
  std::atomic<int64_t> jump_ = 0;
};

// A store that keeps 10 days of readings, 20 of hours and 40 of days, at noon of "today".
class Retention : public testing::Test {
 protected:
  Retention() {
    options_.path = folder_.path() / "telemetry";
    options_.raw_days = 10;
    options_.hourly_days = 20;
    options_.daily_days = 40;
    options_.chunk_readings = 200;
    Open();
  }
  void Open() {
    store_.reset();
    auto opened = EmbeddedStore::Open(options_, clock_, base::NullLogger(), metrics_);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    store_ = std::move(*opened);
    device_ = *store_->OpenDevice("D1");
    field_ = *store_->OpenField("power");
  }
  void Append(int64_t from, int64_t to, int64_t step = 60 * kSecond) {
    Batch batch;
    for (int64_t t = from; t < to; t += step) {
      batch.Add(device_, t, std::vector<FieldRef>{field_},
                std::vector<double>{std::sin(static_cast<double>(t / step))});
    }
    const base::Status status = store_->Append(batch);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  // A reading now of another device: retention goes by the clock only as far as readings do.
  void AppendNow() {
    const double value = 1;
    Batch batch;
    batch.Add(*store_->OpenDevice("witness"), clock_.Now().time_since_epoch().count(), {&field_, 1},
              {&value, 1});
    ASSERT_TRUE(store_->Append(batch).ok());
  }
  void Enforce() {
    const base::Status status = store_->EnforceRetention();
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  size_t Readings(int64_t from = 0, int64_t to = kToday + kDay) const {
    return store_
        ->Read({.device = device_, .start_ns = from, .end_ns = to, .fields = {}, .limit = 1u << 30})
        ->time_ns.size();
  }
  Rollups RollupsOf(Resolution resolution) const {
    return *store_->ReadRollups({.device = device_,
                                 .start_ns = kToday - 100 * kDay,
                                 .end_ns = kToday + kDay,
                                 .fields = {field_},
                                 .resolution = resolution});
  }
  uint64_t FolderBytes() const {
    uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options_.path)) {
      if (entry.path().extension() == ".sst") bytes += entry.file_size();
    }
    return bytes;
  }

  TemporaryFolder folder_;
  EmbeddedOptions options_;
  WallClock clock_{base::Timestamp(std::chrono::nanoseconds(kToday + kDay / 2))};
  base::Metrics metrics_;
  std::unique_ptr<EmbeddedStore> store_;
  DeviceRef device_ = 0;
  FieldRef field_ = 0;
};

TEST_F(Retention, KeepsWholeDaysOfEachResolution) {
  ASSERT_NO_FATAL_FAILURE(Append(kToday - 60 * kDay, kToday));
  ASSERT_NO_FATAL_FAILURE(AppendNow());
  const Rollups before = RollupsOf(Resolution::kDaily);
  ASSERT_NO_FATAL_FAILURE(Enforce());
  EXPECT_EQ(store_->retention().raw_from_ns, kToday - 10 * kDay);
  EXPECT_EQ(Readings(), 10u * 1440);
  EXPECT_EQ(Readings(kToday - 11 * kDay, kToday - 10 * kDay), 0u);
  const Rollups hours = RollupsOf(Resolution::kHourly);
  EXPECT_EQ(hours.start_ns.size(), 20u * 24);
  EXPECT_EQ(hours.start_ns.front(), kToday - 20 * kDay);
  const Rollups days = RollupsOf(Resolution::kDaily);
  ASSERT_EQ(days.start_ns.size(), 40u);
  for (size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(days.columns[0][i].sum, before.columns[0][20 + i].sum);
    EXPECT_EQ(days.columns[0][i].count, 1440u);
  }
  size_t scanned = 0;
  ASSERT_TRUE(store_
                  ->Scan({.device = device_, .start_ns = 0, .end_ns = kToday},
                         [&](const Series& block) {
                           scanned += block.time_ns.size();
                           return true;
                         })
                  .ok());
  EXPECT_EQ(scanned, 10u * 1440);
}

TEST_F(Retention, GivesSpaceBack) {
  ASSERT_NO_FATAL_FAILURE(Append(kToday - 10 * kDay, kToday, 2 * kSecond));
  ASSERT_TRUE(store_->Seal().ok());
  Open();  // writes everything into files
  const uint64_t before = FolderBytes();
  ASSERT_GT(before, uint64_t{1} << 20);
  clock_.Advance(std::chrono::hours(9 * 24));
  ASSERT_NO_FATAL_FAILURE(AppendNow());
  ASSERT_NO_FATAL_FAILURE(Enforce());
  EXPECT_EQ(Readings(), 43'200u);
  EXPECT_LT(FolderBytes(), before / 4);
  Open();
  EXPECT_EQ(Readings(), 43'200u);
}

TEST_F(Retention, ReadingsThatAreTooOldAreIgnored) {
  ASSERT_NO_FATAL_FAILURE(AppendNow());
  ASSERT_NO_FATAL_FAILURE(Enforce());
  ASSERT_NO_FATAL_FAILURE(Append(kToday - 11 * kDay, kToday - 9 * kDay));
  EXPECT_EQ(Readings(), 1440u);
  Open();
  EXPECT_EQ(Readings(), 1440u);
  ASSERT_TRUE(store_->Seal().ok());
  EXPECT_EQ(RollupsOf(Resolution::kDaily).start_ns, std::vector<int64_t>{kToday - 10 * kDay});
}

TEST_F(Retention, RollupsOfWhatIsGoneStayRight) {
  ASSERT_NO_FATAL_FAILURE(Append(kToday - 12 * kDay, kToday));
  ASSERT_NO_FATAL_FAILURE(AppendNow());
  const Rollups before = RollupsOf(Resolution::kHourly);
  // Not sealed when the cut moves: it goes into the rollups all the same.
  ASSERT_NO_FATAL_FAILURE(Enforce());
  ASSERT_NO_FATAL_FAILURE(Append(kToday - 12 * kDay, kToday - 10 * kDay, 30 * kSecond));
  ASSERT_TRUE(store_->Seal().ok());
  const Rollups after = RollupsOf(Resolution::kHourly);
  ASSERT_EQ(after.start_ns, before.start_ns);
  for (size_t i = 0; i < after.start_ns.size(); ++i) {
    ASSERT_EQ(after.columns[0][i].count, before.columns[0][i].count);
    ASSERT_EQ(after.columns[0][i].sum, before.columns[0][i].sum);
  }
}

TEST_F(Retention, NeverMovesBack) {
  ASSERT_NO_FATAL_FAILURE(Append(kToday - 10 * kDay, kToday));
  ASSERT_NO_FATAL_FAILURE(AppendNow());
  ASSERT_NO_FATAL_FAILURE(Enforce());
  clock_.Advance(-std::chrono::hours(24 * 5));
  ASSERT_NO_FATAL_FAILURE(Enforce());
  EXPECT_EQ(store_->retention().raw_from_ns, kToday - 10 * kDay);
  Open();
  EXPECT_EQ(store_->retention().raw_from_ns, kToday - 10 * kDay);
  EXPECT_EQ(store_->retention().daily_from_ns, kToday - 40 * kDay);
}

TEST_F(Retention, ADeviceThatFellSilentHasNoLatestReading) {
  ASSERT_NO_FATAL_FAILURE(Append(kToday - kHour, kToday));
  EXPECT_TRUE(store_->LatestOf(device_));
  clock_.Advance(std::chrono::hours(24 * 12));
  ASSERT_NO_FATAL_FAILURE(AppendNow());
  ASSERT_NO_FATAL_FAILURE(Enforce());
  EXPECT_FALSE(store_->LatestOf(device_));
}

TEST_F(Retention, AStartedStoreDoesItByItself) {
  options_.seal_check = std::chrono::milliseconds(1);
  Open();
  ASSERT_NO_FATAL_FAILURE(Append(kToday - 10 * kDay, kToday));
  ASSERT_TRUE(store_->Start().ok());
  clock_.Advance(std::chrono::hours(24));
  ASSERT_NO_FATAL_FAILURE(AppendNow());
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (Readings() != 9u * 1440) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up);
    std::this_thread::yield();
  }
}

TEST_F(Retention, AClockFarAheadExpiresNothing) {
  ASSERT_NO_FATAL_FAILURE(Append(kToday - 10 * kDay, kToday));
  const auto still_there = [&] {
    ASSERT_NO_FATAL_FAILURE(Enforce());
    EXPECT_EQ(Readings(), 10u * 1440);
    EXPECT_EQ(store_->retention().raw_from_ns, kToday - 11 * kDay);
    // What arrives with the right time is taken.
    ASSERT_NO_FATAL_FAILURE(Append(kToday - kHour, kToday, 60 * kSecond));
    EXPECT_EQ(Readings(), 10u * 1440);
  };
  clock_.Jump(std::chrono::hours(24 * 3650));
  still_there();  // not sealed
  ASSERT_TRUE(store_->Seal().ok());
  still_there();
  Open();
  still_there();
  ASSERT_TRUE(store_->Seal().ok());
  Open();  // nothing in the log says how new the newest reading is
  still_there();
}

TEST_F(Retention, AnEmptyStoreWithAClockFarAheadTakesReadings) {
  clock_.Jump(std::chrono::hours(24 * 3650));
  ASSERT_NO_FATAL_FAILURE(Enforce());
  Open();
  ASSERT_NO_FATAL_FAILURE(Append(kToday - kDay, kToday));
  EXPECT_EQ(Readings(), 1440u);
}

TEST_F(Retention, GoesOnWhenReadingsReachTheClockAgain) {
  ASSERT_NO_FATAL_FAILURE(Append(kToday - 10 * kDay, kToday));
  clock_.Advance(std::chrono::hours(24 * 5));
  ASSERT_NO_FATAL_FAILURE(Enforce());
  EXPECT_EQ(Readings(), 10u * 1440);
  ASSERT_NO_FATAL_FAILURE(AppendNow());
  ASSERT_NO_FATAL_FAILURE(Enforce());
  EXPECT_EQ(store_->retention().raw_from_ns, kToday - 5 * kDay);
  EXPECT_EQ(Readings(), 5u * 1440);
}

// Everything that waits does so by the steady clock.
TEST_F(Retention, AClockThatIsSetBackAnHourStopsNothing) {
  options_.seal_check = std::chrono::milliseconds(1);
  Open();
  ASSERT_TRUE(store_->Start().ok());
  ASSERT_NO_FATAL_FAILURE(Append(kToday - kDay, kToday));
  clock_.Jump(-std::chrono::hours(1));
  ASSERT_NO_FATAL_FAILURE(Append(kToday, kToday + kHour));
  EXPECT_EQ(Readings(), 1440u + 60u);
  clock_.Advance(options_.seal_age);  // the head is old enough all the same
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (store_->Stats().head_readings != 0) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up);
    std::this_thread::yield();
  }
  EXPECT_EQ(Readings(), 1440u + 60u);
}

TEST_F(Retention, RollupsMustCoverWhatTheyAreMadeOf) {
  store_.reset();
  options_.hourly_days = 9;
  EXPECT_EQ(EmbeddedStore::Open(options_, clock_, base::NullLogger(), metrics_).status().code(),
            base::Code::kInvalidArgument);
  options_.hourly_days = 0;
  EXPECT_FALSE(EmbeddedStore::Open(options_, clock_, base::NullLogger(), metrics_).ok());
  options_.daily_days = 0;
  EXPECT_TRUE(EmbeddedStore::Open(options_, clock_, base::NullLogger(), metrics_).ok());
}

}  // namespace
}  // namespace energy::series
