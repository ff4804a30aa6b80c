#include "sql/migrations.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <set>
#include <thread>

#include "sql/test_database.h"

namespace energy::sql {
namespace {

const base::SystemClock kClock;

std::set<std::string> Tables(Database& database) {
  const auto rows = database.Read([](Connection& c) {
    return c.Query(c.dialect() == Dialect::kSqlite
                       ? "SELECT name FROM sqlite_master WHERE type = 'table'"
                       : "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
                   {}, 1);
  });
  std::set<std::string> names;
  for (const Row& row : *rows) names.insert(row.Text(0));
  return names;
}

TEST(Migrations, CreateEveryTableOnce) {
  TestDatabase database;
  const std::set<std::string> tables = Tables(*database);
  for (const char* name :
       {"users", "refresh_tokens", "devices", "device_profiles", "rules", "alerts",
        "analytics_results", "notification_logs", "mqtt_credentials", "mqtt_acl", "dead_letters"}) {
    EXPECT_TRUE(tables.contains(name)) << name;
  }
  EXPECT_TRUE(database->Migrate(kClock).ok());  // nothing left to do
  const auto rows = database->Read([](Connection& c) {
    return c.Query("SELECT version, name FROM schema_migrations ORDER BY version", {}, 2);
  });
  ASSERT_EQ(rows->size(), EmbeddedMigrations().size());
  EXPECT_EQ(rows->at(0).Text(1), "initial");
}

TEST(Migrations, DefaultTimesHaveTheSortableForm) {
  TestDatabase database;
  if (!database.is_sqlite()) GTEST_SKIP() << "about text that stands for times";
  const auto rows = database->Transaction([](Connection& c) {
    return c.Query(
        "INSERT INTO devices (id, name, type) VALUES ('D1', 'one', 'bulb')"
        " RETURNING created_at, status, version",
        {}, 3);
  });
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  const std::string created = rows->at(0).Text(0);
  EXPECT_EQ(created, base::FormatSortable(rows->at(0).Time(0)));
  EXPECT_EQ(rows->at(0).Text(1), "active");
  EXPECT_EQ(rows->at(0).Int(2), 1);
}

TEST(Migrations, AFailedStepLeavesNothing) {
  TestDatabase database(/*migrate=*/false);
  const std::array steps = {
      Migration{1, "good", "CREATE TABLE a (id INTEGER);"},
      Migration{2, "bad", "CREATE TABLE b (id INTEGER); CREATE TABLE a (id INTEGER);"}};
  EXPECT_FALSE(ApplyMigrations(*database, steps, kClock).ok());
  EXPECT_EQ(Tables(*database), (std::set<std::string>{"schema_migrations", "a"}));

  const std::array fixed = {steps[0], Migration{2, "good_now", "CREATE TABLE b (id INTEGER);"}};
  EXPECT_TRUE(ApplyMigrations(*database, fixed, kClock).ok());
  EXPECT_TRUE(Tables(*database).contains("b"));
}

TEST(Migrations, SeveralProcessesMayStartAtOnce) {
  TestDatabase database(/*migrate=*/false);
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> processes;
    for (int i = 0; i < 4; ++i) {
      processes.emplace_back([&] {
        const auto own =
            Database::Open({.url = database.url(), .pool_size = 1}, base::NullLogger());
        if (!own.ok() || !(*own)->Migrate(kClock).ok()) ++failures;
      });
    }
  }
  EXPECT_EQ(failures, 0);
  const auto rows = database->Read(
      [](Connection& c) { return c.Query("SELECT COUNT(*) FROM schema_migrations", {}, 1); });
  EXPECT_EQ(rows->at(0).Int(0), static_cast<int64_t>(EmbeddedMigrations().size()));
}

TEST(Migrations, RefuseANewerSchema) {
  TestDatabase database;
  const std::array older = {Migration{1, "initial", ""}};
  ASSERT_TRUE(database
                  ->Transaction([](Connection& c) -> base::Status {
                    return c
                        .Execute(
                            "INSERT INTO schema_migrations (version, name, applied_at)"
                            " VALUES (999, 'future', '2030-01-01T00:00:00.000000000Z')")
                        .status();
                  })
                  .ok());
  EXPECT_EQ(ApplyMigrations(*database, older, kClock).code(), base::Code::kConflict);
  EXPECT_EQ(database->Migrate(kClock).code(), base::Code::kConflict);
}

TEST(Migrations, SpeakBothDialects) {
  const Migration step{1, "x",
                       "-- a comment; with {{uuid}}\n"
                       "CREATE TABLE a (id {{uuid}}, t TEXT DEFAULT 'semi;colon -- text');\n"
                       "CREATE INDEX i ON a(id); -- end\n"};
  const auto sqlite = MigrationStatements(step, Dialect::kSqlite);
  const auto postgresql = MigrationStatements(step, Dialect::kPostgresql);
  ASSERT_EQ(sqlite->size(), 2U);
  ASSERT_EQ(postgresql->size(), 2U);
  EXPECT_NE(sqlite->at(0).find("(id TEXT, t TEXT DEFAULT 'semi;colon -- text')"),
            std::string::npos);
  EXPECT_NE(postgresql->at(0).find("id UUID"), std::string::npos);
  EXPECT_FALSE(MigrationStatements({1, "x", "SELECT {{nothing}}"}, Dialect::kSqlite).ok());
  const Migration trigger{1, "x",
                          "CREATE TABLE a (id {{uuid}});\n"
                          "{{sqlite}} CREATE TRIGGER t BEFORE UPDATE ON a\n"
                          "BEGIN SELECT RAISE(ABORT, 'no; never'); END;\n"
                          "{{postgresql}} CREATE FUNCTION f() AS 'BEGIN a; END';\n"
                          "{{postgresql}} CREATE TRIGGER t EXECUTE FUNCTION f();\n"};
  EXPECT_EQ(MigrationStatements(trigger, Dialect::kSqlite)->at(1),
            " CREATE TRIGGER t BEFORE UPDATE ON a\nBEGIN SELECT RAISE(ABORT, 'no; never'); END");
  EXPECT_EQ(MigrationStatements(trigger, Dialect::kSqlite)->size(), 2U);
  ASSERT_EQ(MigrationStatements(trigger, Dialect::kPostgresql)->size(), 3U);
  EXPECT_EQ(MigrationStatements(trigger, Dialect::kPostgresql)->at(1),
            " CREATE FUNCTION f() AS 'BEGIN a; END'");
  for (const Migration& migration : EmbeddedMigrations()) {
    EXPECT_TRUE(MigrationStatements(migration, Dialect::kPostgresql).ok());
  }
}

TEST(Schema, DeletesWhatBelongsToADevice) {
  TestDatabase database;
  const base::Status status = database->Transaction([](Connection& c) -> base::Status {
    for (const char* statement :
         {"INSERT INTO devices (id, name, type) VALUES ('D1', 'one', 'bulb')",
          "INSERT INTO rules (id, name, device_id, property, operator, threshold)"
          " VALUES ('00000000-0000-7000-8000-000000000001', 'hot', 'D1', 'temperature', '>', "
          "0.005)",
          "INSERT INTO alerts (id, rule_id, rule_name, device_id, property, operator, severity,"
          " message) VALUES ('00000000-0000-7000-8000-000000000002', "
          "'00000000-0000-7000-8000-000000000001', 'hot', 'D1', 'temperature', '>', 'high', 'm')",
          "INSERT INTO mqtt_credentials (username, secret_hash, device_id)"
          " VALUES ('device_D1', 'h', 'D1')",
          "INSERT INTO mqtt_acl (username, topic, action, device_id)"
          " VALUES ('device_D1', 't', 'publish', 'D1')",
          "DELETE FROM devices WHERE id = 'D1'"}) {
      ENERGY_RETURN_IF_ERROR(c.Execute(statement).status());
    }
    for (const char* table : {"rules", "alerts", "mqtt_credentials", "mqtt_acl"}) {
      ENERGY_ASSIGN_OR_RETURN(const auto rows,
                              c.Query(std::string("SELECT COUNT(*) FROM ") + table, {}, 1));
      EXPECT_EQ(rows.at(0).Int(0), 0) << table;
    }
    return {};
  });
  EXPECT_TRUE(status.ok()) << status.ToString();
}

}  // namespace
}  // namespace energy::sql
