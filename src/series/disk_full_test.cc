#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <vector>

#include "series/embedded_store.h"
#include "series/test_support.h"

namespace energy::series {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kBase = 1'700'000'000 * kSecond;

/// A small file system of its own, so that it can be filled.
class DiskFull : public testing::Test {
 protected:
  void SetUp() override {
    if (mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=48m") != 0) {
      GTEST_SKIP() << "cannot mount a tmpfs: " << std::strerror(errno);
    }
    mounted_ = true;
    options_.path = folder_.path() / "telemetry";
    options_.write_buffer_bytes = 1 << 20;
    options_.seal_check = std::chrono::milliseconds(5);
    Open();
    device_ = *store_->OpenDevice("D1");
    field_ = *store_->OpenField("power_w");
  }
  void TearDown() override {
    store_.reset();
    if (mounted_) umount2(folder_.path().c_str(), MNT_DETACH);
  }

  void Open() {
    store_.reset();
    auto opened = EmbeddedStore::Open(options_, clock_, base::NullLogger(), metrics_);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    store_ = std::move(*opened);
  }

  // Remembers what was acknowledged.
  base::Status Append(int readings) {
    Batch batch;
    const int64_t first = next_;
    for (int i = 0; i < readings; ++i, ++next_) {
      const double value = static_cast<double>(next_) * 1.1;
      batch.Add(device_, kBase + next_ * kSecond, {&field_, 1}, {&value, 1});
    }
    base::Status status = store_->Append(batch);
    if (!status.ok()) return status;
    for (int64_t i = first; i < next_; ++i) {
      acknowledged_[kBase + i * kSecond] = static_cast<double>(i) * 1.1;
    }
    return status;
  }

  void FillDisk() {
    const int fd = open((folder_.path() / "ballast").c_str(), O_CREAT | O_WRONLY, 0600);
    ASSERT_GE(fd, 0);
    for (const size_t piece : {size_t{1} << 16, size_t{1} << 12}) {
      const std::vector<char> zeros(piece);
      while (write(fd, zeros.data(), piece) == static_cast<ssize_t>(piece)) {
      }
    }
    close(fd);
  }
  void FreeDisk() { std::filesystem::remove(folder_.path() / "ballast"); }

  base::Status AppendUntilItFails() {
    for (int i = 0; i < 100'000; ++i) {
      base::Status status = Append(100);
      if (!status.ok()) return status;
    }
    return {};
  }

  void ExpectAllAcknowledged(const EmbeddedStore& store) const {
    const auto series = store.Read({.device = device_,
                                    .start_ns = 0,
                                    .end_ns = 2 * kBase,
                                    .fields = {},
                                    .limit = 10'000'000,
                                    .newest_first = false});
    ASSERT_TRUE(series.ok()) << series.status().ToString();
    std::map<int64_t, double> found;
    for (size_t r = 0; r < series->time_ns.size(); ++r) {
      found[series->time_ns[r]] = series->columns[0][r];
    }
    for (const auto& [time, value] : acknowledged_) {
      ASSERT_TRUE(found.contains(time)) << (time - kBase) / kSecond;
      ASSERT_EQ(found[time], value);
    }
  }

  // What a kill now would leave: the files as they are.
  void ExpectACrashKeepsAll() const {
    TemporaryFolder copy;
    // RocksDB may delete an obsolete file meanwhile: copy once more then.
    std::error_code error;
    for (int attempt = 0; attempt < 100; ++attempt) {
      std::filesystem::remove_all(copy.path() / "crashed");
      std::filesystem::copy(options_.path, copy.path() / "crashed",
                            std::filesystem::copy_options::recursive, error);
      if (!error) break;
    }
    ASSERT_FALSE(error) << error.message();
    EmbeddedOptions options = options_;
    options.path = copy.path() / "crashed";
    base::Metrics metrics;
    auto opened = EmbeddedStore::Open(options, clock_, base::NullLogger(), metrics);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    ExpectAllAcknowledged(**opened);
  }

  void FillFailHealAndCheck() {
    FillDisk();
    const base::Status failed = AppendUntilItFails();
    ASSERT_EQ(failed.code(), base::Code::kUnavailable) << failed.ToString();
    EXPECT_NE(failed.message().find("disk is full"), std::string::npos) << failed.message();
    EXPECT_FALSE(store_->Stats().writable);
    EXPECT_FALSE(store_->Stats().error.empty());
    EXPECT_EQ(Append(1).code(), base::Code::kUnavailable);
    EXPECT_EQ(store_->OpenDevice("another").status().code(), base::Code::kUnavailable);
    EXPECT_EQ(store_->Probe().code(), base::Code::kUnavailable);
    ExpectAllAcknowledged(*store_);
    FreeDisk();
    const base::Status healed = store_->Probe();
    ASSERT_TRUE(healed.ok()) << healed.ToString();
    EXPECT_TRUE(store_->Stats().writable);
    for (int i = 0; i < 20; ++i) {
      const base::Status again = Append(10);
      ASSERT_TRUE(again.ok()) << again.ToString();
    }
    ExpectACrashKeepsAll();
  }

  TemporaryFolder folder_;
  bool mounted_ = false;
  EmbeddedOptions options_;
  base::SystemClock clock_;
  base::Metrics metrics_;
  std::unique_ptr<EmbeddedStore> store_;
  DeviceRef device_ = 0;
  FieldRef field_ = 0;
  int64_t next_ = 0;
  std::map<int64_t, double> acknowledged_;
};

TEST_F(DiskFull, HealsWithoutRestartAndLosesNothing) {
  ASSERT_TRUE(store_->Start().ok());
  for (int cycle = 0; cycle < 3; ++cycle) {
    SCOPED_TRACE(cycle);
    ASSERT_TRUE(Append(1000).ok());
    FillFailHealAndCheck();
    if (HasFatalFailure()) return;
    ASSERT_TRUE(store_->Seal().ok());
    ExpectAllAcknowledged(*store_);
  }
  Open();
  ExpectAllAcknowledged(*store_);
}

// Nothing is in RocksDB's memtables then, which is a case of its own when it resumes.
TEST_F(DiskFull, HealsAfterTheFirstWriteSinceTheStartFailed) {
  for (int cycle = 0; cycle < 3; ++cycle) {
    SCOPED_TRACE(cycle);
    ASSERT_TRUE(Append(100).ok());
    Open();
    FillFailHealAndCheck();
    if (HasFatalFailure()) return;
  }
  Open();
  ExpectAllAcknowledged(*store_);
}

TEST_F(DiskFull, ASealThatFailsIsFinishedLater) {
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(Append(2000).ok());
  FillDisk();
  base::Status sealed = store_->Seal();
  for (int i = 0; sealed.ok() && i < 1000; ++i) {
    if (!Append(2000).ok()) break;
    sealed = store_->Seal();
  }
  EXPECT_FALSE(store_->Stats().writable);
  ExpectAllAcknowledged(*store_);
  FreeDisk();
  ASSERT_TRUE(store_->Probe().ok());
  ASSERT_TRUE(Append(10).ok());
  sealed = store_->Seal();
  ASSERT_TRUE(sealed.ok()) << sealed.ToString();
  EXPECT_EQ(store_->Stats().head_readings, 0u);
  EXPECT_EQ(store_->Stats().error, "");
  ExpectAllAcknowledged(*store_);
  ExpectACrashKeepsAll();
}

TEST_F(DiskFull, ProbeOfAHealthyStoreIsFine) {
  EXPECT_TRUE(store_->Probe().ok());
  EXPECT_TRUE(Append(1).ok());
}

}  // namespace
}  // namespace energy::series
