#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <thread>

#include "series/embedded_store.h"
#include "series/test_support.h"

namespace energy::series {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDay = 24 * 3600 * kSecond;
constexpr int64_t kBase = 19'676 * kDay;
constexpr int kDevices = 20;
constexpr int64_t kReadings = 2000;

// Two files of chunks, each with half of the readings of all devices.
class Damage : public testing::Test {
 protected:
  Damage() {
    options_.path = folder_.path() / "telemetry";
    options_.seal_check = std::chrono::milliseconds(1);
    Open();
    field_ = *store_->OpenField("power");
    for (int d = 0; d < kDevices; ++d) (void)*store_->OpenDevice("D" + std::to_string(d));
    for (int half = 0; half < 2; ++half) {
      AppendHalf(half);
      EXPECT_TRUE(store_->Seal().ok());
      Open();  // writes it into files
    }
  }
  void Open() {
    store_.reset();
    auto opened = EmbeddedStore::Open(options_, clock_, base::NullLogger(), metrics_);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    store_ = std::move(*opened);
  }
  void AppendHalf(int half) {
    Batch batch;
    for (DeviceRef device = 0; device < kDevices; ++device) {
      for (int64_t i = half * kReadings / 2; i < (half + 1) * kReadings / 2; ++i) {
        batch.Add(device, kBase + i * 10 * kSecond, std::vector<FieldRef>{field_},
                  std::vector<double>{static_cast<double>(i % 97) / 7});
      }
    }
    ASSERT_TRUE(store_->Append(batch).ok());
  }
  std::filesystem::path LargestFile() const {
    std::filesystem::path largest;
    uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options_.path)) {
      if (entry.path().extension() != ".sst" || entry.file_size() <= bytes) continue;
      bytes = entry.file_size();
      largest = entry.path();
    }
    return largest;
  }
  void FlipBits(const std::filesystem::path& path) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path) / 2));
    file.write("\x5a\xa5\x5a\xa5", 4);
  }
  base::Result<Series> Read(DeviceRef device) const {
    return store_->Read(
        {.device = device, .start_ns = 0, .end_ns = 2 * kBase, .fields = {}, .limit = 1u << 20});
  }
  // How many readings there are, each as it was written.
  size_t Readable() const {
    size_t readings = 0;
    for (DeviceRef device = 0; device < kDevices; ++device) {
      const auto series = Read(device);
      EXPECT_TRUE(series.ok()) << series.status().ToString();
      if (!series.ok()) continue;
      for (size_t r = 0; r < series->time_ns.size(); ++r) {
        const int64_t i = (series->time_ns[r] - kBase) / (10 * kSecond);
        EXPECT_EQ(series->columns[0][r], static_cast<double>(i % 97) / 7);
      }
      readings += series->time_ns.size();
    }
    return readings;
  }
  void ExpectRollupsBuiltAgain() {
    ASSERT_TRUE(store_->Start().ok());
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!store_->Stats().rollups_complete) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "never built";
      std::this_thread::yield();
    }
    size_t readings = 0;
    for (DeviceRef device = 0; device < kDevices; ++device) {
      const auto rollups = store_->ReadRollups(
          {.device = device, .start_ns = kBase, .end_ns = kBase + 3 * kDay, .fields = {field_}});
      ASSERT_TRUE(rollups.ok()) << rollups.status().ToString();
      for (const FieldSummary& hour : rollups->columns[0]) readings += hour.count;
    }
    // Hours of which readings are lost are those of what is left, or still know all.
    EXPECT_GE(readings, Readable());
  }

  TemporaryFolder folder_;
  EmbeddedOptions options_;
  base::ManualClock clock_{base::Timestamp(std::chrono::nanoseconds(kBase + kDay))};
  base::Metrics metrics_;
  std::unique_ptr<EmbeddedStore> store_;
  FieldRef field_ = 0;
};

TEST_F(Damage, FlippedBitsCostABlockAndNotTheFile) {
  ASSERT_EQ(Readable(), size_t{kDevices} * kReadings);
  const std::filesystem::path file = LargestFile();
  store_.reset();
  FlipBits(file);
  Open();
  int failed = 0;
  for (DeviceRef device = 0; device < kDevices; ++device) failed += Read(device).ok() ? 0 : 1;
  EXPECT_GT(failed, 0);
  EXPECT_LT(failed, kDevices);
  EXPECT_NE(store_->Stats().damage, "");

  // A seal that meets it goes on all the same.
  AppendHalf(1);
  ASSERT_TRUE(store_->Seal().ok()) << store_->Stats().error;
  EXPECT_EQ(store_->Stats().damaged_total, 1u);
  EXPECT_TRUE(std::filesystem::exists(options_.path / "quarantine" / file.filename()));
  const size_t left = Readable();
  EXPECT_GT(left, size_t{kDevices} * kReadings * 9 / 10);
  ASSERT_NO_FATAL_FAILURE(ExpectRollupsBuiltAgain());
  Open();
  EXPECT_EQ(Readable(), left);
  EXPECT_EQ(store_->Stats().damaged_total, 0u);
}

TEST_F(Damage, AStartedStoreSetsItAsideByItself) {
  const std::filesystem::path file = LargestFile();
  store_.reset();
  FlipBits(file);
  Open();
  ASSERT_TRUE(store_->Start().ok());
  for (DeviceRef device = 0; device < kDevices; ++device) (void)Read(device);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (store_->Stats().damaged_total == 0) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "never set aside";
    std::this_thread::yield();
  }
  EXPECT_GT(Readable(), size_t{kDevices} * kReadings * 9 / 10);
  ASSERT_NO_FATAL_FAILURE(ExpectRollupsBuiltAgain());
}

TEST_F(Damage, AFileCutShortDoesNotKeepTheStoreFromOpening) {
  const std::filesystem::path file = LargestFile();
  store_.reset();
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  Open();
  EXPECT_EQ(store_->Stats().damaged_total, 1u);
  EXPECT_TRUE(std::filesystem::exists(options_.path / "quarantine" / file.filename()));
  // Each file holds one half, and the chunks of the first half are in both.
  EXPECT_GE(Readable(), size_t{kDevices} * kReadings / 4);
  AppendHalf(0);
  AppendHalf(1);
  ASSERT_TRUE(store_->Seal().ok());
  EXPECT_EQ(Readable(), size_t{kDevices} * kReadings);
  ASSERT_NO_FATAL_FAILURE(ExpectRollupsBuiltAgain());
}

}  // namespace
}  // namespace energy::series
