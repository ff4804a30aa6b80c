#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "series/crash_support.h"
#include "series/embedded_store.h"
#include "series/store_check.h"
#include "series/test_support.h"

namespace energy::series {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kHour = 3600 * kSecond;
constexpr int64_t kBase = 472'222 * kHour;

class DeleteDevice : public testing::Test {
 protected:
  DeleteDevice() {
    options_.path = folder_.path() / "telemetry";
    options_.chunk_readings = 64;
    Open();
  }
  void Open() {
    store_.reset();
    auto opened = EmbeddedStore::Open(options_, clock_, base::NullLogger(), metrics_);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    store_ = std::move(*opened);
    field_ = *store_->OpenField("power");
  }
  void Append(DeviceRef device, int64_t from, int64_t count) {
    Batch batch;
    for (int64_t i = from; i < from + count; ++i) {
      batch.Add(device, kBase + i * kSecond, std::vector<FieldRef>{field_},
                std::vector<double>{std::sin(static_cast<double>(i))});
    }
    const base::Status status = store_->Append(batch);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  size_t Readings(DeviceRef device) {
    const auto read = store_->Read(
        {.device = device, .start_ns = 0, .end_ns = 2 * kBase, .fields = {}, .limit = 1'000'000});
    EXPECT_TRUE(read.ok()) << read.status().ToString();
    return read.ok() ? read->time_ns.size() : 0;
  }
  size_t Buckets(DeviceRef device, Resolution resolution) {
    const auto read = store_->ReadRollups({.device = device,
                                           .start_ns = 0,
                                           .end_ns = 48 * kHour * 20'000,
                                           .fields = {},
                                           .resolution = resolution});
    EXPECT_TRUE(read.ok()) << read.status().ToString();
    return read.ok() ? read->start_ns.size() : 0;
  }
  void ExpectUnknown(DeviceRef device) {
    const ScanQuery all{.device = device, .start_ns = 0, .end_ns = 2 * kBase};
    EXPECT_EQ(
        store_->Read({.device = device, .start_ns = 0, .end_ns = 1, .fields = {}}).status().code(),
        base::Code::kNotFound);
    EXPECT_EQ(store_->Scan(all, [](const auto&) { return true; }).code(), base::Code::kNotFound);
    EXPECT_EQ(
        store_->ReadRollups({.device = device, .start_ns = 0, .end_ns = kHour}).status().code(),
        base::Code::kNotFound);
    EXPECT_EQ(store_->Summarize(all).status().code(), base::Code::kNotFound);
    EXPECT_FALSE(store_->LatestOf(device));
    EXPECT_EQ(store_->DeviceName(device), "");
  }

  TemporaryFolder folder_;
  base::ManualClock clock_{base::Timestamp(std::chrono::nanoseconds(kBase))};
  base::Metrics metrics_;
  EmbeddedOptions options_;
  std::unique_ptr<EmbeddedStore> store_;
  FieldRef field_ = 0;
};

TEST_F(DeleteDevice, GivesUpSealedAndUnsealedReadingsAndRollups) {
  const DeviceRef device = *store_->OpenDevice("D1");
  const DeviceRef other = *store_->OpenDevice("D2");
  Append(device, 0, 5000);
  Append(other, 0, 5000);
  ASSERT_TRUE(store_->Seal().ok());
  Append(device, 5000, 100);
  Append(other, 5000, 100);
  ASSERT_EQ(Readings(device), 5100u);
  ASSERT_TRUE(store_->LatestOf(device));

  ASSERT_TRUE(store_->DeleteDevice("D1").ok());
  EXPECT_FALSE(store_->FindDevice("D1"));
  ExpectUnknown(device);
  EXPECT_EQ(Readings(other), 5100u);

  const DeviceRef again = *store_->OpenDevice("D1");
  EXPECT_NE(again, device);
  EXPECT_EQ(Readings(again), 0u);
  EXPECT_EQ(Buckets(again, Resolution::kHourly), 0u);
  EXPECT_FALSE(store_->LatestOf(again));
  Append(again, 10, 5);
  EXPECT_EQ(Readings(again), 5u);

  ASSERT_TRUE(store_->Seal().ok());
  Open();
  ExpectUnknown(device);
  EXPECT_EQ(store_->FindDevice("D1"), again);
  EXPECT_EQ(Readings(again), 5u);
  EXPECT_EQ(Buckets(again, Resolution::kDaily), 1u);
  EXPECT_EQ(Readings(other), 5100u);
}

TEST_F(DeleteDevice, WhatIsOnItsWayIsIgnoredAlsoByTheReplay) {
  const DeviceRef device = *store_->OpenDevice("D1");
  Append(device, 0, 10);
  ASSERT_TRUE(store_->DeleteDevice("D1").ok());
  Append(device, 10, 10);
  ExpectUnknown(device);
  EXPECT_EQ(store_->Stats().readings_appended_total, 10u);
  Open();
  ExpectUnknown(device);
  EXPECT_EQ(store_->replay().readings, 0u);
  ASSERT_TRUE(store_->Seal().ok());
  EXPECT_EQ(store_->Stats().chunks_sealed_total, 0u);
}

TEST_F(DeleteDevice, GivesTheSpaceBackAlsoAfterARestart) {
  const DeviceRef device = *store_->OpenDevice("D1");
  Append(device, 0, 200'000);
  ASSERT_TRUE(store_->Seal().ok());
  ASSERT_TRUE(store_->EnforceRetention().ok());
  const uint64_t before = store_->Stats().chunk_bytes;
  ASSERT_GT(before, 500'000u);
  ASSERT_TRUE(store_->DeleteDevice("D1").ok());
  Open();
  ASSERT_TRUE(store_->EnforceRetention().ok());
  EXPECT_LT(store_->Stats().chunk_bytes, before / 100);
}

TEST_F(DeleteDevice, IsNoDamage) {
  Append(*store_->OpenDevice("D1"), 0, 1000);
  Append(*store_->OpenDevice("D2"), 0, 1000);
  ASSERT_TRUE(store_->Seal().ok());
  ASSERT_TRUE(store_->DeleteDevice("D1").ok());
  Append(*store_->FindDevice("D2"), 1000, 10);  // in the log, with the highest handle
  store_.reset();
  const auto report = CheckStore({.path = options_.path, .progress = {}}, base::NullLogger());
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_TRUE(report->findings.empty()) << report->findings.front().what;
  EXPECT_EQ(report->contents.devices, 1u);
}

TEST_F(DeleteDevice, UnknownNamesAreOkAndOneStartsEmptyEachTime) {
  EXPECT_TRUE(store_->DeleteDevice("never").ok());
  for (int round = 0; round < 3; ++round) {
    const DeviceRef device = *store_->OpenDevice("D1");
    EXPECT_EQ(Readings(device), 0u);
    Append(device, 0, 10);
    ASSERT_TRUE(store_->DeleteDevice("D1").ok());
    EXPECT_TRUE(store_->DeleteDevice("D1").ok());
  }
}

EmbeddedOptions CrashOptions(const std::filesystem::path& path) {
  EmbeddedOptions options;
  options.path = path;
  options.head_bytes = 1 << 16;
  options.write_buffer_bytes = 1 << 16;
  options.chunk_readings = 32;
  return options;
}

// Fills D1 with the round's number and deletes it, over and over.
TEST(DeleteCrashChild, DISABLED_DeletesUntilKilled) {
  const auto task = CrashTask::OfThisProcess();
  if (!task) GTEST_SKIP() << "only for DeleteCrash.LeavesADeviceWholeOrGone";
  base::SystemClock clock;
  base::Metrics metrics;
  auto opened = EmbeddedStore::Open(CrashOptions(task->folder), clock, base::NullLogger(), metrics);
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  EmbeddedStore& store = **opened;
  ASSERT_TRUE(store.Start().ok());
  const FieldRef field = *store.OpenField("power");
  for (int64_t round = task->first; round < 1'000'000; ++round) {
    ASSERT_TRUE(store.DeleteDevice("D1").ok());
    const DeviceRef device = *store.OpenDevice("D1");
    for (int64_t part = 0; part < 10; ++part) {
      Batch batch;
      for (int64_t i = 0; i < 50; ++i) {
        const auto value = static_cast<double>(round);
        batch.Add(device, kBase + (part * 50 + i) * kSecond, {&field, 1}, {&value, 1});
      }
      ASSERT_TRUE(store.Append(batch).ok());
    }
    task->Acknowledge(round + 1);
  }
}

TEST(DeleteCrash, LeavesADeviceWholeOrGone) {
  TemporaryFolder folder;
  int64_t rounds = 0;
  for (int kill = 0; kill < 5; ++kill) {
    rounds = RunAndKill("DeleteCrashChild.DISABLED_DeletesUntilKilled", folder.path(), rounds,
                        3 + 5 * kill);
    base::SystemClock clock;
    base::Metrics metrics;
    auto store =
        EmbeddedStore::Open(CrashOptions(folder.path()), clock, base::NullLogger(), metrics);
    ASSERT_TRUE(store.ok()) << store.status().ToString();
    const auto device = (*store)->FindDevice("D1");
    if (!device) continue;  // deleted, and not opened again
    const auto read = (*store)->Read(
        {.device = *device, .start_ns = 0, .end_ns = 2 * kBase, .fields = {0}, .limit = 10'000});
    ASSERT_TRUE(read.ok()) << read.status().ToString();
    // Of one round alone: what was deleted never comes back. Whole where that is acknowledged.
    for (size_t r = 0; r < read->time_ns.size(); ++r) {
      ASSERT_EQ(read->columns[0][r], read->columns[0][0]) << "kill " << kill;
    }
    if (!read->time_ns.empty() && read->columns[0][0] < static_cast<double>(rounds)) {
      EXPECT_EQ(read->time_ns.size(), 500u) << "kill " << kill;
    }
  }
}

}  // namespace
}  // namespace energy::series
