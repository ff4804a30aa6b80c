#include "devices/last_seen.h"

#include <gtest/gtest.h>

#include "sql/test_database.h"

namespace energy::devices {
namespace {

using std::chrono::seconds;

class LastSeenTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const base::Status status = database_->Transaction([](sql::Connection& c) -> base::Status {
      return c
          .Execute(
              "INSERT INTO devices (id, name, type) VALUES ('D1', 'a', 'bulb'),"
              " ('D2', 'b', 'bulb')")
          .status();
    });
    ASSERT_TRUE(status.ok());
  }
  std::optional<base::Timestamp> Stored(const char* id) {
    const auto device = database_->Read([&](sql::Connection& c) { return devices_.Get(c, id); });
    return device.ok() ? device->last_seen : std::nullopt;
  }
  /// Makes every write fail until it is taken back.
  base::Status Rename(const char* from, const char* to) {
    return database_->Transaction([&](sql::Connection& c) {
      return c.Execute(std::string("ALTER TABLE ") + from + " RENAME TO " + to).status();
    });
  }

  const base::Timestamp start_{seconds(1'800'000'000)};
  base::ManualClock clock_{start_};
  sql::TestDatabase database_;
  DeviceRepository devices_{clock_};
};

TEST_F(LastSeenTest, WritesTheNewestOfEachDevice) {
  LastSeenTracker tracker(*database_, clock_, base::NullLogger());
  tracker.Note("D1", start_ + seconds(2));
  tracker.Note("D1", start_ + seconds(1));
  tracker.Note("D2", start_);
  tracker.Note("gone", start_);
  EXPECT_EQ(Stored("D1"), std::nullopt);
  ASSERT_TRUE(tracker.Flush().ok());
  EXPECT_EQ(Stored("D1"), start_ + seconds(2));
  EXPECT_EQ(Stored("D2"), start_);
}

TEST_F(LastSeenTest, NeverGoesBack) {
  LastSeenTracker tracker(*database_, clock_, base::NullLogger());
  tracker.Note("D1", start_);
  ASSERT_TRUE(tracker.Flush().ok());
  tracker.Note("D1", start_ - seconds(60));
  ASSERT_TRUE(tracker.Flush().ok());
  EXPECT_EQ(Stored("D1"), start_);
}

TEST_F(LastSeenTest, StopWritesTheRest) {
  LastSeenTracker tracker(*database_, clock_, base::NullLogger(), std::chrono::hours(1));
  ASSERT_TRUE(tracker.Start().ok());
  tracker.Note("D1", start_);
  tracker.Stop();
  EXPECT_EQ(Stored("D1"), start_);
  tracker.Stop();
}

TEST_F(LastSeenTest, WritesByItself) {
  LastSeenTracker tracker(*database_, clock_, base::NullLogger(), std::chrono::milliseconds(1));
  tracker.Note("D1", start_);
  ASSERT_TRUE(tracker.Start().ok());
  while (tracker.Pending("D1")) std::this_thread::yield();  // the test's time limit ends it
  EXPECT_EQ(Stored("D1"), start_);
}

TEST_F(LastSeenTest, KeepsWhatCouldNotBeWritten) {
  LastSeenTracker tracker(*database_, clock_, base::NullLogger());
  tracker.Note("D1", start_);
  ASSERT_TRUE(Rename("devices", "away").ok());
  EXPECT_FALSE(tracker.Flush().ok());
  EXPECT_EQ(tracker.Pending("D1"), start_);
  tracker.Note("D1", start_ - seconds(1));
  EXPECT_EQ(tracker.Pending("D1"), start_);
  ASSERT_TRUE(Rename("away", "devices").ok());
  ASSERT_TRUE(tracker.Flush().ok());
  EXPECT_EQ(Stored("D1"), start_);
}

TEST_F(LastSeenTest, IsBounded) {
  LastSeenTracker tracker(*database_, clock_, base::NullLogger(), seconds(5), 1);
  tracker.Note("D1", start_);
  tracker.Note("D2", start_);
  tracker.Note("D1", start_ + seconds(1));
  EXPECT_EQ(tracker.Pending("D2"), std::nullopt);
  EXPECT_EQ(tracker.Pending("D1"), start_ + seconds(1));
}

}  // namespace
}  // namespace energy::devices
