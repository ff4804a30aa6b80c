#include "audit/audit.h"

#include <gtest/gtest.h>

#include <thread>

#include "audit/audit_log.h"
#include "sql/test_database.h"
#include "sql/test_fixture.h"

namespace energy::audit {
namespace {

class Audit : public testing::Test {
 protected:
  base::Status Add(const std::string& id, const base::Json& before, const base::Json& after) {
    return database_->Transaction([&](sql::Connection& connection) {
      return Record(connection, clock_, {"device.update", "device", id, before, after});
    });
  }
  base::Status Execute(const std::string& sql) {
    return database_->Transaction(
        [&](sql::Connection& connection) { return connection.Execute(sql, {}).status(); });
  }
  // What only who owns the database can do.
  void DisarmDatabase() {
    std::vector<std::string> statements{"ALTER TABLE audit_log DISABLE TRIGGER USER",
                                        "ALTER TABLE audit_head DISABLE TRIGGER USER"};
    if (database_.is_sqlite()) {
      statements = {"DROP TRIGGER audit_log_update", "DROP TRIGGER audit_log_delete",
                    "DROP TRIGGER audit_head_update"};
    }
    for (const std::string& statement : statements) ASSERT_TRUE(Execute(statement).ok());
  }
  void AddThree() {
    for (const char* id : {"D1", "D2", "D3"}) {
      ASSERT_TRUE(Add(id, {{"name", "a"}}, {{"name", "b"}}).ok());
      clock_.Advance(std::chrono::seconds(1));
    }
  }

  sql::TestDatabase database_;
  base::ManualClock clock_{base::Timestamp(std::chrono::nanoseconds(1'770'463'560'123'456'789))};
  AuditLog log_{*database_};
};

TEST_F(Audit, KeepsWhoDidWhatWithTheStatesAndWithoutSecrets) {
  {
    const Acting acting({"u1", "ann@example.org", "10.0.0.1", "r1"});
    ASSERT_TRUE(Add("D1", nullptr,
                    {{"z", 1}, {"a", {{"Password", "x"}, {"api_key", nullptr}, {"list", {1, 2}}}}})
                    .ok());
  }
  ASSERT_TRUE(Add("D2", nullptr, nullptr).ok());
  const auto listing = log_.List({}, {});
  ASSERT_TRUE(listing.ok()) << listing.status().ToString();
  ASSERT_EQ(listing->items.size(), 2u);
  const Entry& first = listing->items[1];
  EXPECT_EQ(first.sequence, 1);
  EXPECT_EQ(first.actor, "ann@example.org");
  EXPECT_EQ(first.actor_id, "u1");
  EXPECT_EQ(first.request_id, "r1");
  EXPECT_EQ(first.before, "null");
  EXPECT_EQ(first.after, R"({"a":{"Password":"***","api_key":null,"list":[1,2]},"z":1})");
  EXPECT_EQ(listing->items[0].actor, "system");
}

TEST_F(Audit, IsPartOfTheTransaction) {
  const base::Status status = database_->Transaction([&](sql::Connection& connection) {
    EXPECT_TRUE(Record(connection, clock_, {"a", "device", "D1", nullptr, nullptr}).ok());
    return base::Conflict("no");
  });
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(log_.List({}, {})->total, 0);
  AddThree();
  EXPECT_EQ(log_.Verify()->entries, 3);
}

TEST_F(Audit, FiltersAndReadsOn) {
  AddThree();
  AuditFilter filter;
  filter.resource_id = "D2";
  EXPECT_EQ(log_.List(filter, {})->total, 1);
  filter = {};
  filter.start = clock_.Now() - std::chrono::milliseconds(2500);
  EXPECT_EQ(log_.List(filter, {})->total, 2);
  filter = {};
  filter.search = "\"b\"";
  EXPECT_EQ(log_.List(filter, {})->total, 3);
  EXPECT_EQ(log_.Next({}, 1, 1)->front().sequence, 2);
  EXPECT_FALSE(log_.List({.sort = "actor"}, {}).ok());
}

TEST_F(Audit, NamesTheFirstEntryThatWasChangedOrTaken) {
  AddThree();
  const auto sound = log_.Verify();
  ASSERT_TRUE(sound.ok());
  EXPECT_FALSE(sound->broken) << sound->reason;
  EXPECT_EQ(sound->entries, 3);

  DisarmDatabase();
  ASSERT_TRUE(Execute("UPDATE audit_log SET actor = 'bob' WHERE sequence = 2").ok());
  EXPECT_EQ(log_.Verify()->broken, 2);
  ASSERT_TRUE(Execute("UPDATE audit_log SET actor = 'system' WHERE sequence = 2").ok());
  EXPECT_FALSE(log_.Verify()->broken);
  ASSERT_TRUE(Execute("DELETE FROM audit_log WHERE sequence = 3").ok());
  EXPECT_EQ(log_.Verify()->broken, 3);
  ASSERT_TRUE(Execute("DELETE FROM audit_log WHERE sequence = 1").ok());
  EXPECT_EQ(log_.Verify()->broken, 1);
  ASSERT_TRUE(Execute("DELETE FROM audit_log").ok());
  ASSERT_TRUE(Execute("UPDATE audit_head SET sequence = 0").ok());
  EXPECT_TRUE(log_.Verify()->broken);
}

TEST_F(Audit, TheDatabaseRefusesChangesAndRemovals) {
  AddThree();
  std::vector<std::string> statements{
      "UPDATE audit_log SET actor = 'bob' WHERE sequence = 2",
      "DELETE FROM audit_log WHERE sequence = 1",
      "DELETE FROM audit_log",
      "DELETE FROM audit_head",
      "UPDATE audit_head SET sequence = 2",
      "UPDATE audit_head SET id = 2",
      "UPDATE audit_head SET pruned = 4",
      "INSERT INTO audit_head (id, sequence, hash) VALUES (1, 9, 'x')",
      "INSERT INTO audit_log SELECT * FROM audit_log WHERE sequence = 1"};
  if (database_.is_sqlite()) {
    statements.emplace_back("INSERT OR REPLACE INTO audit_log SELECT * FROM audit_log");
    statements.emplace_back("REPLACE INTO audit_head (id, sequence, hash) VALUES (1, 0, 'x')");
  } else {
    statements.emplace_back("TRUNCATE audit_log");
    statements.emplace_back("TRUNCATE audit_head");
  }
  for (const std::string& statement : statements) {
    const base::Status status = Execute(statement);
    EXPECT_TRUE(status.code() == base::Code::kInvalidArgument ||
                status.code() == base::Code::kConflict)
        << statement << ": " << status.ToString();
  }
  EXPECT_EQ(log_.Verify()->entries, 3);
  EXPECT_FALSE(log_.Verify()->broken);
}

TEST_F(Audit, AnUpgradeKeepsTheChain) {
  for (const int version : {4, 5, 6, 8}) {
    sql::TestDatabase older(/*migrate=*/false);
    ASSERT_TRUE(sql::LoadFixture(*older, ENERGY_SQL_TESTDATA, version).ok());
    ASSERT_TRUE(older->Migrate(clock_).ok());
    const auto verdict = AuditLog(*older).Verify();
    ASSERT_TRUE(verdict.ok()) << verdict.status().ToString();
    EXPECT_FALSE(verdict->broken) << verdict->reason;
    EXPECT_EQ(verdict->entries, 2);
  }
}

TEST_F(Audit, ChainHoldsWhenManyRecordAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 10; ++i) EXPECT_TRUE(Add("D", nullptr, nullptr).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto verdict = log_.Verify();
  EXPECT_FALSE(verdict->broken) << verdict->reason;
  EXPECT_EQ(verdict->entries, 40);
}

}  // namespace
}  // namespace energy::audit
