#include "sql/transfer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/json.h"
#include "sql/catalog.h"
#include "sql/migrations.h"
#include "sql/test_database.h"
#include "sql/test_fixture.h"

namespace energy::sql {
namespace {

const base::SystemClock kClock;

using Rows = std::map<std::string, std::vector<std::vector<std::optional<std::string>>>>;

/// Everything that a database holds, its JSON in one form. SQLite.
Rows AllRows(Database& database) {
  Rows all;
  const auto read = database.Read([&](Connection& c) -> base::Status {
    ENERGY_ASSIGN_OR_RETURN(const auto tables, ReadCatalog(c));
    for (const Table& table : tables) {
      std::string columns;
      for (const Column& column : table.columns) {
        columns += (columns.empty() ? "" : ", ") + column.name;
      }
      ENERGY_ASSIGN_OR_RETURN(
          const auto rows, c.Query("SELECT " + columns + " FROM " + table.name + " ORDER BY 1", {},
                                   table.columns.size()));
      for (const Row& row : rows) {
        auto& texts = all[table.name].emplace_back();
        for (size_t i = 0; i < row.size(); ++i) {
          std::optional<std::string> text = row.OptText(i);
          // base::Json keeps the order of members, PostgreSQL does not.
          const auto json = nlohmann::json::parse(text.value_or(""), nullptr, false);
          if (json.is_structured()) text = json.dump();
          texts.push_back(std::move(text));
        }
      }
    }
    return {};
  });
  EXPECT_TRUE(read.ok()) << read.ToString();
  return all;
}

/// Of each table the columns with their types, the indexes and the triggers, so that two schemas
/// can be compared.
std::vector<std::string> Schema(Database& database) {
  std::vector<std::string> lines;
  const auto read = database.Read([&](Connection& c) -> base::Status {
    const bool sqlite = c.dialect() == Dialect::kSqlite;
    ENERGY_ASSIGN_OR_RETURN(
        const auto columns,
        c.Query(sqlite ? "SELECT t.name || '.' || c.name || ' ' || c.type || c.\"notnull\" FROM "
                         "sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' "
                         "ORDER BY 1"
                       : "SELECT table_name || '.' || column_name || ' ' || udt_name || "
                         "is_nullable FROM information_schema.columns WHERE table_schema = "
                         "current_schema() ORDER BY 1",
                {}, 1));
    ENERGY_ASSIGN_OR_RETURN(
        const auto indexes,
        c.Query(sqlite ? "SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger') "
                         "ORDER BY 1"
                       : "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() "
                         "UNION SELECT trigger_name FROM information_schema.triggers "
                         "WHERE trigger_schema = current_schema() ORDER BY 1",
                {}, 1));
    for (const auto* rows : {&columns, &indexes}) {
      for (const Row& row : *rows) lines.push_back(row.Text(0));
    }
    return {};
  });
  EXPECT_TRUE(read.ok()) << read.ToString();
  return lines;
}

int64_t Number(Database& database, const std::string& sql) {
  const auto rows = database.Read([&](Connection& c) { return c.Query(sql, {}, 1); });
  return rows.ok() && !rows->empty() ? rows->at(0).Int(0) : -1;
}

TEST(Upgrade, OfAPopulatedDatabaseOfEachVersionKeepsItsRows) {
  TestDatabase fresh;
  for (const int version : {1, 2, 3, 4, 5, 6, 7, 8, 9}) {
    SCOPED_TRACE("from version " + std::to_string(version));
    TestDatabase database(/*migrate=*/false);
    const base::Status loaded = LoadFixture(*database, ENERGY_SQL_TESTDATA, version);
    ASSERT_TRUE(loaded.ok()) << loaded.ToString();
    const auto pending = PendingMigrations(*database, EmbeddedMigrations());
    ASSERT_TRUE(pending.ok()) << pending.status().ToString();
    const auto all = EmbeddedMigrations();
    EXPECT_EQ(static_cast<ptrdiff_t>(pending->size()),
              std::count_if(all.begin(), all.end(),
                            [&](const Migration& step) { return step.version > version; }));
    const base::Status migrated = database->Migrate(kClock);
    ASSERT_TRUE(migrated.ok()) << migrated.ToString();
    EXPECT_TRUE(PendingMigrations(*database, EmbeddedMigrations())->empty());
    EXPECT_EQ(Schema(*database), Schema(*fresh));
    EXPECT_EQ(Number(*database, "SELECT COUNT(*) FROM alerts WHERE worst_value = 60.25"), 2);
    EXPECT_EQ(Number(*database, "SELECT COUNT(*) FROM rules WHERE threshold = 0.005"), 1);
    EXPECT_EQ(Number(*database, "SELECT COUNT(*) FROM users WHERE is_active = false"), 1);
    EXPECT_EQ(Number(*database, "SELECT COUNT(*) FROM dead_letters"), 2);
    EXPECT_EQ(Number(*database,
                     "SELECT COUNT(*) FROM notification_logs WHERE status = 'sent' "
                     "AND attempts = 2 AND sent_at > created_at AND updated_at = created_at"),
              1);
    // What came with later versions.
    for (const auto& [since, count] : std::map<int, const char*>{
             {2, "SELECT COUNT(*) FROM telemetry_deletions WHERE device_id = 'D7'"},
             {3,
              "SELECT COUNT(*) FROM api_keys k JOIN users u ON u.id = k.created_by "
              "WHERE u.version = 3"},
             {4, "SELECT COUNT(*) FROM audit_log l JOIN audit_head h ON h.hash = l.hash"},
             {5,
              "SELECT COUNT(*) FROM second_factors f JOIN recovery_codes r "
              "ON r.user_id = f.user_id WHERE f.last_step = 60000000"},
             {6, "SELECT COUNT(*) FROM audit_head WHERE pruned = 1"},
             {7,
              "SELECT COUNT(*) FROM user_identities i JOIN users u ON u.id = i.user_id "
              "WHERE i.subject = 'f:1b:eve'"},
             {8,
              "SELECT COUNT(*) FROM rules r JOIN alerts a ON a.rule_snapshot IS NOT NULL "
              "WHERE r.device_type = 'bulb' AND r.definition IS NOT NULL"},
             {9,
              "SELECT COUNT(*) FROM notification_logs n JOIN user_notifications u "
              "ON u.quiet_start = 1320 JOIN rule_notifications r ON r.escalation_minutes = 15 "
              "WHERE n.sent_with = n.id AND n.language = 'de'"}}) {
      EXPECT_EQ(Number(*database, count), version >= since ? 1 : 0) << count;
    }
  }
}

TEST(Upgrade, OfAnEmptyDatabaseIsPending) {
  TestDatabase database(/*migrate=*/false);
  EXPECT_EQ(PendingMigrations(*database, EmbeddedMigrations())->size(),
            EmbeddedMigrations().size());
}

class TransferTest : public ::testing::Test {
 protected:
  /// A SQLite database, whatever the tests run on.
  std::unique_ptr<Database> OpenSqlite(const std::string& name) {
    return std::move(
        *Database::Open({.url = "sqlite://" + (target_.folder() / name).string(), .pool_size = 1},
                        base::NullLogger()));
  }
  std::unique_ptr<Database> Populated() {
    auto database = OpenSqlite("populated.db");
    const base::Status loaded = LoadFixture(*database, ENERGY_SQL_TESTDATA, 9);
    EXPECT_TRUE(loaded.ok()) << loaded.ToString();
    EXPECT_TRUE(database->Migrate(kClock).ok());
    return database;
  }
  TestDatabase target_{/*migrate=*/false};
};

TEST_F(TransferTest, CopiesEverythingThereAndBack) {
  const auto from = Populated();
  const auto there = Transfer(*from, *target_, kClock, {});
  ASSERT_TRUE(there.ok()) << there.status().ToString();
  int64_t rows = 0;
  for (const TransferredTable& table : *there) rows += table.rows;
  EXPECT_GE(rows, 19);
  const auto back = OpenSqlite("back.db");
  const auto again = Transfer(*target_, *back, kClock, {});
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(AllRows(*back), AllRows(*from));

  // Keys that the database counts go on behind those that came.
  const auto id = target_->Transaction([](Connection& c) {
    return c.Query(
        "INSERT INTO mqtt_acl (username, topic, action) VALUES ('x', 'y', 'all') RETURNING id", {},
        1);
  });
  ASSERT_TRUE(id.ok()) << id.status().ToString();
  EXPECT_EQ(id->at(0).Int(0), 10);
}

TEST_F(TransferTest, RefusesATargetThatHoldsSomething) {
  const auto from = Populated();
  ASSERT_TRUE(target_->Migrate(kClock).ok());
  ASSERT_TRUE(target_
                  ->Transaction([](Connection& c) {
                    return c.Execute("INSERT INTO devices (id, name, type) VALUES ('X', 'x', 'y')");
                  })
                  .ok());
  const auto refused = Transfer(*from, *target_, kClock, {});
  EXPECT_EQ(refused.status().code(), base::Code::kConflict);
  EXPECT_NE(refused.status().message().find("devices"), std::string::npos);
  EXPECT_EQ(Number(*target_, "SELECT COUNT(*) FROM users"), 0);
}

TEST_F(TransferTest, ThatFailsLeavesNothing) {
  const auto from = Populated();
  ASSERT_TRUE(target_->Migrate(kClock).ok());
  // The target refuses one of the last rows.
  ASSERT_TRUE(target_
                  ->Transaction([](Connection& c) {
                    return c.Execute("CREATE UNIQUE INDEX only_one_alert ON alerts(device_id)");
                  })
                  .ok());
  EXPECT_EQ(Transfer(*from, *target_, kClock, {}).status().code(), base::Code::kConflict);
  EXPECT_EQ(Number(*target_, "SELECT COUNT(*) FROM users"), 0);
}

TEST_F(TransferTest, CopiesMoreThanFitsIntoOnePart) {
  const auto from = Populated();
  std::vector<Params> devices;
  for (int i = 0; i < 2500; ++i) devices.push_back({{"id", "many-" + std::to_string(i)}});
  ASSERT_TRUE(from->Transaction([&](Connection& c) {
                    return c.ExecuteMany(
                        "INSERT INTO devices (id, name, type) VALUES (:id, 'x', 'y')", devices);
                  })
                  .ok());
  int64_t seen = 0;
  const auto report = [&](const std::string& table, int64_t done, int64_t total) {
    if (table == "devices") seen = std::max(seen, done);
    EXPECT_LE(done, total);
  };
  ASSERT_TRUE(Transfer(*from, *target_, kClock, report).ok());
  EXPECT_EQ(seen, 2502);
  const auto back = OpenSqlite("back.db");
  ASSERT_TRUE(Transfer(*target_, *back, kClock, {}).ok());
  EXPECT_EQ(Number(*back, "SELECT COUNT(*) FROM devices"), 2502);
}

TEST_F(TransferTest, AsksForTheMigrationOfItsSource) {
  const auto from = OpenSqlite("empty.db");
  const auto refused = Transfer(*from, *target_, kClock, {});
  EXPECT_EQ(refused.status().code(), base::Code::kConflict);
  EXPECT_NE(refused.status().message().find("energy-platform migrate"), std::string::npos);
}

}  // namespace
}  // namespace energy::sql
