#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <thread>

#include "series/embedded_store.h"
#include "series/test_support.h"

namespace energy::series {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'700'000'000 * kSecond;
constexpr DeviceRef kDevices = 20;

class Space : public testing::Test {
 protected:
  Space() {
    options_.path = folder_.path() / "telemetry";
    Open();
  }
  void Open() {
    store_.reset();
    auto opened = EmbeddedStore::Open(options_, clock_, base::NullLogger(), metrics_);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    store_ = std::move(*opened);
    for (DeviceRef device = 0; device < kDevices; ++device) {
      ASSERT_EQ(*store_->OpenDevice("D" + std::to_string(device)), device);
    }
    field_ = *store_->OpenField("power");
  }
  // `rounds` seals, each of which replaces the last chunk of every device.
  void AppendAndSeal(int rounds) {
    constexpr int64_t kReadings = 200;
    for (int round = 0; round < rounds; ++round) {
      Batch batch;
      for (DeviceRef device = 0; device < kDevices; ++device) {
        for (int64_t i = 0; i < kReadings; ++i) {
          const double value = std::sin(static_cast<double>(next_ + i) + device);
          batch.Add(device, kStart + (next_ + i) * kSecond, {&field_, 1}, {&value, 1});
        }
      }
      next_ += kReadings;
      ASSERT_TRUE(store_->Append(batch).ok());
      ASSERT_TRUE(store_->Seal().ok());
    }
  }
  size_t Readings() const {
    size_t readings = 0;
    for (DeviceRef device = 0; device < kDevices; ++device) {
      readings += store_
                      ->Read({.device = device,
                              .start_ns = 0,
                              .end_ns = 2 * kStart,
                              .fields = {},
                              .limit = 1u << 30})
                      ->time_ns.size();
    }
    return readings;
  }
  // Files and write-ahead log, without what RocksDB keeps of itself.
  uint64_t DataBytes() const {
    uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options_.path)) {
      const auto kind = entry.path().extension();
      std::error_code gone;
      const auto size = std::filesystem::file_size(entry.path(), gone);
      if (!gone && (kind == ".sst" || kind == ".log")) bytes += size;
    }
    return bytes;
  }
  // What the same readings take when nothing was ever replaced: random values, so 8 bytes each, and
  // a little for times, rollups, and what is not worth giving back.
  double IdealBytes() const { return static_cast<double>(Readings()) * 10.0; }

  TemporaryFolder folder_;
  EmbeddedOptions options_;
  base::ManualClock clock_{base::Timestamp(std::chrono::nanoseconds(kStart))};
  base::Metrics metrics_;
  std::unique_ptr<EmbeddedStore> store_;
  FieldRef field_ = 0;
  int64_t next_ = 0;
};

TEST_F(Space, WhatWasReplacedAndTheLogAreGivenBack) {
  ASSERT_NO_FATAL_FAILURE(AppendAndSeal(20));
  ASSERT_GT(static_cast<double>(DataBytes()), 2 * IdealBytes()) << "nothing to give back";
  ASSERT_TRUE(store_->GiveSpaceBack().ok());
  EXPECT_LT(static_cast<double>(DataBytes()), IdealBytes());
  EXPECT_EQ(Readings(), 20u * 200 * kDevices);
  Open();
  EXPECT_EQ(Readings(), 20u * 200 * kDevices);
}

TEST_F(Space, WhatTheNextWritesReplaceIsGivenBackToo) {
  ASSERT_NO_FATAL_FAILURE(AppendAndSeal(10));
  ASSERT_TRUE(store_->GiveSpaceBack().ok());
  ASSERT_NO_FATAL_FAILURE(AppendAndSeal(10));
  ASSERT_GT(static_cast<double>(DataBytes()), IdealBytes());
  ASSERT_TRUE(store_->GiveSpaceBack().ok());
  EXPECT_LT(static_cast<double>(DataBytes()), IdealBytes());
}

TEST_F(Space, FilesOfAnEarlierRunAreGivenBackToo) {
  options_.write_buffer_bytes = 1 << 16;  // into files as it goes
  Open();
  ASSERT_NO_FATAL_FAILURE(AppendAndSeal(40));
  Open();
  ASSERT_TRUE(store_->GiveSpaceBack().ok());
  EXPECT_LT(static_cast<double>(DataBytes()), IdealBytes());
}

// In a file of its own, below one with nothing but the deletes of what is sealed.
TEST_F(Space, TheSealedLogIsGivenBackHoweverShortItsDeletes) {
  constexpr int64_t kReadings = 100'000;
  Batch batch;
  for (int64_t i = 0; i < kReadings; ++i) {
    const double value = std::sin(static_cast<double>(i));
    batch.Add(0, kStart + i * kSecond, {&field_, 1}, {&value, 1});
  }
  ASSERT_TRUE(store_->Append(batch).ok());
  Open();  // writes what is in the write-ahead log into files
  ASSERT_TRUE(store_->Seal().ok());
  Open();
  ASSERT_GT(static_cast<double>(DataBytes()), IdealBytes()) << "nothing to give back";
  ASSERT_TRUE(store_->GiveSpaceBack().ok());
  EXPECT_LT(static_cast<double>(DataBytes()), IdealBytes());
  EXPECT_EQ(Readings(), static_cast<size_t>(kReadings));
}

TEST_F(Space, WhatIsNotSealedStays) {
  Batch batch;
  for (int64_t i = 0; i < 20'000; ++i) {
    const double value = static_cast<double>(i);
    batch.Add(0, kStart + i * kSecond, {&field_, 1}, {&value, 1});
  }
  ASSERT_TRUE(store_->Append(batch).ok());
  ASSERT_TRUE(store_->GiveSpaceBack().ok());
  EXPECT_EQ(store_->Stats().head_readings, 20'000u);
  Open();
  EXPECT_EQ(Readings(), 20'000u);
}

TEST_F(Space, AQuietStoreDoesItByItself) {
  options_.seal_check = std::chrono::milliseconds(1);
  Open();
  ASSERT_NO_FATAL_FAILURE(AppendAndSeal(20));
  const double ideal = IdealBytes();
  ASSERT_GT(static_cast<double>(DataBytes()), 2 * ideal);
  ASSERT_TRUE(store_->Start().ok());
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (static_cast<double>(DataBytes()) > ideal) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << DataBytes() << " of " << ideal;
    std::this_thread::yield();
  }
  store_->Stop();
  EXPECT_EQ(Readings(), 20u * 200 * kDevices);
}

}  // namespace
}  // namespace energy::series
