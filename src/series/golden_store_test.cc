#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <memory>
#include <thread>

#include "series/embedded_store.h"
#include "series/rollup_oracle.h"
#include "series/test_support.h"

namespace energy::series {
namespace {

using oracle::kDay;
using oracle::kHour;

constexpr int64_t kMinute = kHour / 60;
constexpr int64_t kStart = 19'700 * kDay;
constexpr int64_t kEnd = kStart + 3 * kDay;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// The content of testdata/v1-rollups, and what must be read of it. Never change: the stored files
// hold this. docs/formats/README.md
class Golden {
 public:
  explicit Golden(std::filesystem::path path) {
    options_.path = std::move(path);
    options_.chunk_readings = 256;
    options_.raw_days = 1;
  }

  void Open() {
    store_.reset();
    auto opened = EmbeddedStore::Open(options_, clock_, base::NullLogger(), metrics_);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    store_ = std::move(*opened);
  }
  EmbeddedStore& store() { return *store_; }

  // Appends, seals and expires; or only says what that leaves.
  void Fill(bool append) {
    append_ = append;
    for (int64_t t = kStart; t < kEnd; t += 2 * kMinute) {
      const double n = static_cast<double>((t - kStart) / kMinute);
      const bool has_voltage = (t / kMinute) % 3 != 0;
      Add(0, t, std::round(1950 + 100 * std::remainder(n, 97)) / 10,
          has_voltage ? std::round(23'000 + std::remainder(n, 53)) / 100 : kMissing);
    }
    for (int64_t t = kStart; t < kEnd; t += 20 * kMinute) {
      Add(1, t, static_cast<double>(t - kStart + 1) / 3e13, kMissing);
    }
    Commit(true);
    for (int64_t i = 0; i < 40; ++i)
      Add(0, kEnd - kDay + i * 7 * kMinute + 1, -0.0, 229.5);  // late
    Commit(true);
    if (append_) {
      clock_.Set(base::Timestamp(std::chrono::nanoseconds(kEnd)));
      ASSERT_TRUE(store_->EnforceRetention().ok());
      ASSERT_NO_FATAL_FAILURE(Open());  // what is sealed goes into files
    }
    for (int64_t i = 0; i < 30; ++i) Add(0, kEnd + i * kMinute, 200.25, kMissing);
    for (int64_t i = 1; i <= 5; ++i) Add(0, kEnd - i * kHour, kMissing, 231);  // over sealed ones
    Commit(false);
  }

  void ExpectContent() {
    ASSERT_EQ(store_->DeviceName(0), "A");
    ASSERT_EQ(store_->DeviceName(1), "B");
    ASSERT_EQ(store_->FieldName(0), "power");
    ASSERT_EQ(store_->FieldName(1), "voltage");
    ASSERT_EQ(store_->retention().raw_from_ns, kEnd - 2 * kDay);
    ASSERT_TRUE(store_->Stats().rollups_complete);
    for (const DeviceRef device : {0u, 1u}) {
      ASSERT_NO_FATAL_FAILURE(ExpectReadings(device));
      for (const Resolution resolution : {Resolution::kHourly, Resolution::kDaily}) {
        const auto rollups = store_->ReadRollups({.device = device,
                                                  .start_ns = kStart - 10 * kDay,
                                                  .end_ns = kEnd + 10 * kDay,
                                                  .fields = {0, 1},
                                                  .resolution = resolution});
        ASSERT_TRUE(rollups.ok()) << rollups.status().ToString();
        ASSERT_NO_FATAL_FAILURE(
            oracle::ExpectRollups(*rollups, oracle::Recompute(expected_[device], resolution)));
      }
    }
    ASSERT_EQ(store_->LatestOf(0)->time_ns, kEnd + 29 * kMinute);
    ASSERT_EQ(store_->LatestOf(1)->time_ns, kEnd - 20 * kMinute);
  }

 private:
  void Add(DeviceRef device, int64_t time_ns, double power, double voltage) {
    const FieldRef fields[] = {0, 1};
    const double values[] = {power, voltage};
    batch_.Add(device, time_ns, fields, values);
    for (const FieldRef field : fields) {
      if (!std::isnan(values[field])) expected_[device][time_ns][field] = values[field];
    }
  }
  void Commit(bool seal) {
    if (append_) {
      ASSERT_TRUE(store_->Append(batch_).ok());
      if (seal) {
        ASSERT_TRUE(store_->Seal().ok());
      }
    }
    batch_.Clear();
  }
  void ExpectReadings(DeviceRef device) {
    const auto series = store_->Read({.device = device,
                                      .start_ns = 0,
                                      .end_ns = kNewestTime,
                                      .fields = {0, 1},
                                      .limit = 1'000'000});
    ASSERT_TRUE(series.ok()) << series.status().ToString();
    auto expected = expected_[device].lower_bound(kEnd - 2 * kDay);
    for (size_t r = 0; r < series->time_ns.size(); ++r, ++expected) {
      ASSERT_TRUE(expected != expected_[device].end());
      ASSERT_EQ(series->time_ns[r], expected->first);
      for (FieldRef field = 0; field < 2; ++field) {
        const auto value = expected->second.find(field);
        const double wanted = value == expected->second.end() ? kMissing : value->second;
        ASSERT_TRUE(std::isnan(wanted) ? std::isnan(series->columns[field][r])
                                       : oracle::SameBits(series->columns[field][r], wanted));
      }
    }
    ASSERT_TRUE(expected == expected_[device].end());
  }

  EmbeddedOptions options_;
  base::ManualClock clock_{base::Timestamp(std::chrono::nanoseconds(kStart))};
  base::Metrics metrics_;
  std::unique_ptr<EmbeddedStore> store_;
  bool append_ = false;
  Batch batch_;
  oracle::Readings expected_[2];
};

// Makes what testdata holds, in the folder SERIES_GOLDEN_FOLDER.
TEST(GoldenStore, DISABLED_Make) {
  const char* folder = std::getenv("SERIES_GOLDEN_FOLDER");
  if (folder == nullptr) GTEST_SKIP() << "SERIES_GOLDEN_FOLDER is not set";
  Golden golden(folder);
  ASSERT_NO_FATAL_FAILURE(golden.Open());
  for (const char* device : {"A", "B"}) ASSERT_TRUE(golden.store().OpenDevice(device).ok());
  for (const char* field : {"power", "voltage"}) ASSERT_TRUE(golden.store().OpenField(field).ok());
  ASSERT_NO_FATAL_FAILURE(golden.Fill(true));
  ASSERT_NO_FATAL_FAILURE(golden.ExpectContent());
}

TEST(GoldenStore, VersionOneWithRollupsAndALogIsReadAndGoesOn) {
  TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "telemetry";
  std::filesystem::copy(std::filesystem::path(ENERGY_SERIES_TESTDATA) / "v1-rollups", path);
  Golden golden(path);
  golden.Fill(false);
  ASSERT_NO_FATAL_FAILURE(golden.Open());
  EXPECT_EQ(golden.store().replay().readings, 35u);
  ASSERT_NO_FATAL_FAILURE(golden.ExpectContent());
  ASSERT_TRUE(golden.store().Seal().ok());
  ASSERT_NO_FATAL_FAILURE(golden.ExpectContent());
  ASSERT_TRUE(golden.store().GiveSpaceBack().ok());
  ASSERT_NO_FATAL_FAILURE(golden.Open());
  EXPECT_EQ(golden.store().replay().readings, 0u);
  ASSERT_NO_FATAL_FAILURE(golden.ExpectContent());
}

// testdata/v1 is of the version before rollups: it reads the same, and gets its rollups built.
TEST(GoldenStore, VersionOneWithoutRollupsGetsThem) {
  TemporaryFolder folder;
  EmbeddedOptions options;
  options.path = folder.path() / "telemetry";
  options.seal_check = std::chrono::milliseconds(1);
  std::filesystem::copy(std::filesystem::path(ENERGY_SERIES_TESTDATA) / "v1", options.path);
  const base::SystemClock clock;
  base::Metrics metrics;
  auto opened = EmbeddedStore::Open(options, clock, base::NullLogger(), metrics);
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  std::unique_ptr<EmbeddedStore> store = std::move(*opened);
  const DeviceRef device = *store->FindDevice("A");
  const RollupQuery query{.device = device,
                          .start_ns = 19'675 * kDay,
                          .end_ns = 19'678 * kDay,
                          .fields = {*store->FindField("power")},
                          .resolution = Resolution::kHourly};
  const auto before = store->ReadRollups(query);
  ASSERT_TRUE(before.ok()) << before.status().ToString();
  ASSERT_EQ(before->start_ns.size(), 31u);
  EXPECT_EQ(before->columns[0][1].count, 30u);
  EXPECT_FALSE(store->Stats().rollups_complete);
  ASSERT_TRUE(store->Start().ok());
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!store->Stats().rollups_complete) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "never built";
    std::this_thread::yield();
  }
  ASSERT_TRUE(store->Seal().ok());
  const auto after = store->ReadRollups(query);
  ASSERT_TRUE(after.ok()) << after.status().ToString();
  ASSERT_EQ(after->start_ns, before->start_ns);
  for (size_t i = 0; i < after->start_ns.size(); ++i) {
    EXPECT_EQ(after->columns[0][i].sum, before->columns[0][i].sum);
    EXPECT_EQ(after->columns[0][i].integral_h, before->columns[0][i].integral_h);
  }
  store.reset();
  opened = EmbeddedStore::Open(options, clock, base::NullLogger(), metrics);
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  EXPECT_TRUE((*opened)->Stats().rollups_complete);
  EXPECT_EQ((*opened)
                ->Read({.device = device, .start_ns = 0, .end_ns = kNewestTime, .fields = {}})
                ->time_ns.size(),
            900u);
}

}  // namespace
}  // namespace energy::series
