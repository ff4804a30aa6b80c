#include "series/embedded_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <fstream>
#include <thread>

#include "series/store_contract.h"
#include "series/test_support.h"

namespace energy::series {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kBase = 1'700'000'000 * kSecond;

base::Timestamp At(int64_t ns) { return base::Timestamp(std::chrono::nanoseconds(ns)); }

/// Opens, closes and opens again a store in a folder of its own.
class EmbeddedUnderTest final : public StoreUnderTest {
 public:
  explicit EmbeddedUnderTest(EmbeddedOptions options = {}) : options_(std::move(options)) {
    options_.path = folder_.path() / "telemetry";
    EmbeddedUnderTest::Reopen();
  }
  EmbeddedStore& store() override { return *store_; }
  void Reopen() override {
    store_.reset();
    auto opened = EmbeddedStore::Open(options_, clock_, base::NullLogger(), metrics_);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    store_ = std::move(*opened);
  }
  void Settle() override {
    const base::Status status = store_->Seal();
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  void Close() { store_.reset(); }
  base::ManualClock& clock() { return clock_; }
  EmbeddedOptions& options() { return options_; }

 private:
  TemporaryFolder folder_;
  EmbeddedOptions options_;
  base::ManualClock clock_{At(kBase)};
  base::Metrics metrics_;
  std::unique_ptr<EmbeddedStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Embedded, StoreContract,
                         testing::Values(StoreKind{
                             "Embedded", [] { return std::make_unique<EmbeddedUnderTest>(); }}));

// Small chunks, so that the random suites split, join and rewrite them.
INSTANTIATE_TEST_SUITE_P(EmbeddedSmallChunks, StoreContract,
                         testing::Values(StoreKind{"SmallChunks", [] {
                                                     EmbeddedOptions options;
                                                     options.chunk_readings = 16;
                                                     return std::make_unique<EmbeddedUnderTest>(
                                                         options);
                                                   }}));

// A tiny head, so that nearly every append has to seal first.
INSTANTIATE_TEST_SUITE_P(EmbeddedSmallHead, StoreContract,
                         testing::Values(StoreKind{"SmallHead", [] {
                                                     EmbeddedOptions options;
                                                     options.head_bytes = 1 << 16;
                                                     options.chunk_readings = 64;
                                                     return std::make_unique<EmbeddedUnderTest>(
                                                         options);
                                                   }}));

struct Fields {
  explicit Fields(Store& store) {
    for (const char* name : {"voltage_v", "current_a", "power_w", "temperature_c"}) {
      refs.push_back(*store.OpenField(name));
    }
  }
  std::vector<FieldRef> refs;
};

Batch MakeBatch(const Fields& fields, DeviceRef device, int64_t first, int64_t count) {
  Batch batch;
  for (int64_t i = first; i < first + count; ++i) {
    const double n = static_cast<double>(i);
    batch.Add(device, kBase + i * kSecond, fields.refs,
              std::vector<double>{230 + std::fmod(n, 7) / 10, std::fmod(n, 13) / 100, n, 21.5});
  }
  return batch;
}

RangeQuery All(DeviceRef device) {
  return {.device = device,
          .start_ns = 0,
          .end_ns = 2 * kBase,
          .fields = {},
          .limit = 10'000'000,
          .newest_first = false};
}

TEST(EmbeddedStore, ReplaysWhatIsNotSealed) {
  EmbeddedUnderTest test;
  Fields fields(test.store());
  const DeviceRef device = *test.store().OpenDevice("D1");
  ASSERT_TRUE(test.store().Append(MakeBatch(fields, device, 0, 100)).ok());
  ASSERT_TRUE(test.store().Append(MakeBatch(fields, device, 100, 50)).ok());
  test.Reopen();
  EXPECT_EQ(test.store().replay().records, 2u);
  EXPECT_EQ(test.store().replay().readings, 150u);
  EXPECT_EQ(test.store().replay().damaged_tail_bytes_or_records, 0u);
  EXPECT_GT(test.store().Stats().log_bytes, 150u * 32);
  test.Settle();
  EXPECT_EQ(test.store().Stats().log_bytes, 0u);
  EXPECT_EQ(test.store().Stats().head_readings, 0u);
  EXPECT_EQ(test.store().Stats().chunks_sealed_total, 1u);
  ASSERT_TRUE(test.store().Append(MakeBatch(fields, device, 150, 1)).ok());
  test.Reopen();
  EXPECT_EQ(test.store().replay().records, 1u);
  EXPECT_EQ(test.store().Read(All(device))->time_ns.size(), 151u);
}

TEST(EmbeddedStore, SealsInOrderReadingsIntoFullChunks) {
  EmbeddedOptions options;
  options.chunk_readings = 100;
  EmbeddedUnderTest test(options);
  Fields fields(test.store());
  const DeviceRef device = *test.store().OpenDevice("D1");
  for (int64_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(test.store().Append(MakeBatch(fields, device, i * 70, 70)).ok());
    test.Settle();
  }
  // Ten seals of 70 readings fill seven chunks; each seal but one also rewrites one that is not
  // full.
  EXPECT_LE(test.store().Stats().chunks_sealed_total, 17u);
  EXPECT_EQ(test.store().Read(All(device))->time_ns.size(), 700u);
}

TEST(EmbeddedStore, SealsByAge) {
  EmbeddedOptions options;
  options.seal_age = std::chrono::minutes(10);
  options.seal_check = std::chrono::milliseconds(1);
  EmbeddedUnderTest test(options);
  Fields fields(test.store());
  const DeviceRef device = *test.store().OpenDevice("D1");
  ASSERT_TRUE(test.store().Start().ok());
  ASSERT_TRUE(test.store().Append(MakeBatch(fields, device, 0, 10)).ok());
  EXPECT_EQ(test.store().Stats().head_readings, 10u);
  test.clock().Advance(std::chrono::minutes(11));
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (test.store().Stats().head_readings != 0) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "never sealed";
    std::this_thread::yield();
  }
  EXPECT_EQ(test.store().Stats().chunks_sealed_total, 1u);
}

TEST(EmbeddedStore, ABacklogKeepsTheHeadBounded) {
  EmbeddedOptions options;
  options.head_bytes = 1 << 20;
  EmbeddedUnderTest test(options);
  Fields fields(test.store());
  const DeviceRef device = *test.store().OpenDevice("D1");
  ASSERT_TRUE(test.store().Start().ok());
  // Two weeks at one reading every 5 s.
  constexpr int64_t kReadings = 241'920;
  uint64_t largest = 0;
  for (int64_t i = 0; i < kReadings; i += 960) {
    ASSERT_TRUE(test.store().Append(MakeBatch(fields, device, i, 960)).ok());
    largest = std::max(largest, test.store().Stats().head_bytes);
  }
  EXPECT_LT(largest, 3u << 20);  // twice, for vectors that have just grown, and a little
  EXPECT_EQ(test.store().Read(All(device))->time_ns.size(), static_cast<size_t>(kReadings));
  const auto start = std::chrono::steady_clock::now();
  test.store().Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  test.Reopen();
  EXPECT_EQ(test.store().Read(All(device))->time_ns.size(), static_cast<size_t>(kReadings));
}

TEST(EmbeddedStore, ReadsSeeEveryReadingOnceWhileSealing) {
  EmbeddedOptions options;
  options.chunk_readings = 64;
  EmbeddedUnderTest test(options);
  Fields fields(test.store());
  const DeviceRef device = *test.store().OpenDevice("D1");
  std::atomic<int64_t> acknowledged = 0;
  std::atomic<bool> done = false;
  std::atomic<uint64_t> reads = 0;

  const auto read = [&](bool newest_first) {
    while (!done) {
      const int64_t before = acknowledged;
      RangeQuery query = All(device);
      query.newest_first = newest_first;
      const auto series = test.store().Read(query);
      ASSERT_TRUE(series.ok());
      ASSERT_GE(static_cast<int64_t>(series->time_ns.size()), before);
      for (size_t i = 0; i < series->time_ns.size(); ++i) {
        ASSERT_EQ(series->time_ns[i], kBase + static_cast<int64_t>(i) * kSecond);
        ASSERT_EQ(series->columns[2][i], static_cast<double>(i));
      }
      const auto latest = test.store().LatestOf(device);
      ASSERT_TRUE(latest || before == 0);
      if (latest) {
        ASSERT_GE(latest->time_ns, kBase + (before - 1) * kSecond);
      }
      ++reads;
    }
  };
  std::jthread oldest_reader([&] { read(false); });
  std::jthread newest_reader([&] { read(true); });
  std::jthread sealer([&] {
    while (!done) ASSERT_TRUE(test.store().Seal().ok());
  });
  for (int64_t i = 0; i < 600; ++i) {
    ASSERT_TRUE(test.store().Append(MakeBatch(fields, device, i * 5, 5)).ok());
    acknowledged = (i + 1) * 5;
  }
  while (reads < 20) std::this_thread::yield();
  done = true;
}

TEST(EmbeddedStore, StopIsIdempotentAndSafeWithoutStart) {
  EmbeddedUnderTest test;
  test.store().Stop();
  ASSERT_TRUE(test.store().Start().ok());
  test.store().Stop();
  test.store().Stop();
  ASSERT_TRUE(test.store().Start().ok());
}

TEST(EmbeddedStore, TwoCannotHaveOneFolder) {
  EmbeddedUnderTest test;
  base::Metrics metrics;
  base::SystemClock clock;
  const auto second = EmbeddedStore::Open(test.options(), clock, base::NullLogger(), metrics);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), base::Code::kUnavailable);
  EXPECT_NE(second.status().message().find("in use"), std::string::npos)
      << second.status().message();
}

TEST(EmbeddedStore, RefusesOptionsOutOfBounds) {
  base::Metrics metrics;
  base::SystemClock clock;
  TemporaryFolder folder;
  EmbeddedOptions options;
  const auto code = [&] {
    return EmbeddedStore::Open(options, clock, base::NullLogger(), metrics).status().code();
  };
  EXPECT_EQ(code(), base::Code::kInvalidArgument);  // no path
  options.path = folder.path() / "a" / "b";
  options.chunk_readings = 15;
  EXPECT_EQ(code(), base::Code::kInvalidArgument);
  options.chunk_readings = 16;
  options.head_bytes = 1;
  EXPECT_EQ(code(), base::Code::kInvalidArgument);
  options.head_bytes = 1 << 16;
  EXPECT_EQ(code(), base::Code::kOk);
  options.path = "/proc/nowhere";
  EXPECT_EQ(code(), base::Code::kUnavailable);
}

std::filesystem::path NewestWal(const std::filesystem::path& folder) {
  std::filesystem::path newest;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".log" && entry.path() > newest) newest = entry.path();
  }
  return newest;
}

TEST(EmbeddedStore, ReportsADamagedTail) {
  EmbeddedUnderTest test;
  Fields fields(test.store());
  const DeviceRef device = *test.store().OpenDevice("D1");
  for (int64_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(test.store().Append(MakeBatch(fields, device, i * 10, 10)).ok());
  }
  test.Close();
  const auto wal = NewestWal(test.options().path);
  ASSERT_FALSE(wal.empty());
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(wal));
  std::fstream file(wal, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(size - 100);
  file.write("damage", 6);
  file.close();
  test.Reopen();
  EXPECT_EQ(test.store().replay().records, 4u);
  EXPECT_GT(test.store().replay().damaged_tail_bytes_or_records, 0u);
  EXPECT_EQ(test.store().Read(All(device))->time_ns.size(), 40u);
  ASSERT_TRUE(test.store().Append(MakeBatch(fields, device, 40, 10)).ok());
  test.Reopen();
  EXPECT_EQ(test.store().Read(All(device))->time_ns.size(), 50u);
}

}  // namespace
}  // namespace energy::series
