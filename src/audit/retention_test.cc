#include "audit/retention.h"

#include <gtest/gtest.h>

#include <fstream>

#include "audit/audit.h"
#include "base/json.h"
#include "base/time_text.h"
#include "sql/test_database.h"

namespace energy::audit {
namespace {

using std::chrono::days;
using std::chrono::hours;

class RetentionTest : public testing::Test {
 protected:
  base::Status Execute(const std::string& sql) {
    return database_->Transaction(
        [&](sql::Connection& connection) { return connection.Execute(sql, {}).status(); });
  }
  // One entry now, and one twelve hours later.
  void AddDay() {
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(database_
                      ->Transaction([&](sql::Connection& connection) {
                        return Record(
                            connection, clock_,
                            {"device.update", "device", "D1", {{"b", 1.5}, {"a", "ü"}}, nullptr});
                      })
                      .ok());
      clock_.Advance(hours(12));
    }
  }
  Retention Keep(int64_t entries_at_once = 10'000, days keep = days(2)) {
    return Retention(log_, clock_, keep, folder_, base::NullLogger(), entries_at_once);
  }
  std::vector<base::Json> Lines() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      EXPECT_EQ(entry.path().extension(), ".ndjson");
      files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::vector<base::Json> lines;
    for (const auto& file : files) {
      std::ifstream in(file);
      for (std::string line; std::getline(in, line);) lines.push_back(base::Json::parse(line));
    }
    return lines;
  }

  sql::TestDatabase database_;
  const std::filesystem::path folder_ = database_.folder() / "audit";
  base::ManualClock clock_{base::Timestamp(days(20'000))};
  AuditLog log_{*database_};
};

TEST_F(RetentionTest, WholeOldDaysGoToFilesAndTheRestStaysAChain) {
  for (int day = 0; day < 5; ++day) AddDay();
  clock_.Advance(hours(1));
  // It is one o'clock of day 5: days 0 to 2 are older than two days.
  EXPECT_EQ(*Keep(/*entries_at_once=*/4).Run(), 6);
  EXPECT_EQ(*Keep().Run(), 0) << "nothing is left to remove";
  const auto verdict = log_.Verify();
  EXPECT_FALSE(verdict->broken) << verdict->reason;
  EXPECT_EQ(verdict->pruned, 6);
  EXPECT_EQ(verdict->entries, 6) << "four of the days that stay, two that tell of the removals";
  const auto listed = log_.List({.action = "audit.prune"}, {});
  ASSERT_EQ(listed->items.size(), 2U);

  // The files are the beginning of the same chain.
  std::string hash = kFirstHash;
  const std::vector<base::Json> lines = Lines();
  ASSERT_EQ(lines.size(), 6U);
  for (const base::Json& line : lines) {
    const Entry entry{.sequence = line.at("sequence"),
                      .time = *base::ParseTimestamp(line.at("time").get<std::string>()),
                      .actor_id = {},
                      .actor = line.at("actor"),
                      .address = {},
                      .request_id = {},
                      .action = line.at("action"),
                      .resource_type = line.at("resource_type"),
                      .resource_id = line.at("resource_id"),
                      .before = Canonical(line.at("before")),
                      .after = Canonical(line.at("after")),
                      .hash = {}};
    hash = HashOf(hash, entry);
    EXPECT_EQ(hash, line.at("hash"));
  }
  EXPECT_EQ(log_.Beginning()->hash, hash);
  AddDay();
  EXPECT_FALSE(log_.Verify()->broken);
}

TEST_F(RetentionTest, KeepsAllByDefaultAndAllThatIsYoung) {
  AddDay();
  clock_.Advance(days(1000));
  EXPECT_EQ(*Keep(10, days(0)).Run(), 0);
  EXPECT_EQ(*Keep(10, days(2000)).Run(), 0);
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(RetentionTest, WithoutItsFileNothingIsRemoved) {
  AddDay();
  clock_.Advance(days(10));
  std::ofstream(folder_) << "in the way";
  const auto removed = Keep().Run();
  EXPECT_EQ(removed.status().code(), base::Code::kUnavailable);
  EXPECT_NE(removed.status().message().find(folder_.string()), std::string::npos);
  EXPECT_EQ(log_.Verify()->entries, 2);
}

TEST_F(RetentionTest, ARemovalThatNobodyRecordedIsFound) {
  AddDay();
  AddDay();
  // Who can write the database could say that retention was there.
  const std::string hash = log_.Next({}, 1, 1)->front().hash;
  ASSERT_TRUE(Execute("UPDATE audit_head SET pruned = 2, pruned_hash = '" + hash + "'").ok());
  ASSERT_TRUE(Execute("DELETE FROM audit_log WHERE sequence <= 2").ok());
  EXPECT_EQ(log_.Verify()->broken, 2);
}

TEST_F(RetentionTest, WhatWasTamperedWithStays) {
  AddDay();
  ASSERT_TRUE(Execute(database_.is_sqlite() ? "DROP TRIGGER audit_log_update"
                                            : "ALTER TABLE audit_log DISABLE TRIGGER USER")
                  .ok());
  ASSERT_TRUE(Execute("UPDATE audit_log SET actor = 'bob' WHERE sequence = 2").ok());
  clock_.Advance(days(10));
  EXPECT_EQ(Keep().Run().status().code(), base::Code::kConflict);
  EXPECT_EQ(log_.Verify()->broken, 2);
  EXPECT_EQ(log_.Verify()->pruned, 1);
}

TEST_F(RetentionTest, OfTwoReplicasOneRemoves) {
  AddDay();
  const Anchor from = *log_.Beginning();
  const Anchor to{1, log_.Next({}, 0, 1)->front().hash};
  EXPECT_TRUE(*log_.Prune(clock_, from, to));
  EXPECT_FALSE(*log_.Prune(clock_, from, to));
  EXPECT_FALSE(log_.Verify()->broken);
}

}  // namespace
}  // namespace energy::audit
