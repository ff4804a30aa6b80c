#include "sql/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <future>
#include <latch>
#include <thread>

#include "sql/migrations.h"
#include "sql/test_database.h"

namespace energy::sql {
namespace {

base::Status CreateThings(Database& database) {
  return database.Transaction([](Connection& c) -> base::Status {
    return c
        .Execute(
            "CREATE TABLE things (id INTEGER PRIMARY KEY NOT NULL, name TEXT UNIQUE,"
            " amount NUMERIC CHECK (amount >= 0), parent INTEGER REFERENCES things(id))")
        .status();
  });
}

base::Status Insert(Connection& c, int id, const Value& name, const Value& amount = kNull,
                    const Value& parent = kNull) {
  return c
      .Execute(
          "INSERT INTO things (id, name, amount, parent) VALUES (:id, :name, :amount, :parent)",
          {{"id", id}, {"name", name}, {"amount", amount}, {"parent", parent}})
      .status();
}

int64_t Count(Database& database) {
  const auto count = database.Read([](Connection& c) -> base::Result<int64_t> {
    ENERGY_ASSIGN_OR_RETURN(const auto rows, c.Query("SELECT COUNT(*) FROM things", {}, 1));
    return rows.at(0).Int(0);
  });
  return count.ok() ? *count : -1;
}

class DatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(CreateThings(*database_).ok()); }
  base::Status Insert(int id, const Value& name, const Value& amount = kNull,
                      const Value& parent = kNull) {
    return database_->Transaction(
        [&](Connection& c) { return sql::Insert(c, id, name, amount, parent); });
  }
  TestDatabase database_{/*migrate=*/false};
};

TEST_F(DatabaseTest, ReturnsRowsInOrderWithNulls) {
  ASSERT_TRUE(Insert(1, "one", 0.005).ok());
  ASSERT_TRUE(Insert(2, kNull, 12).ok());
  ASSERT_TRUE(Insert(3, "", kNull, 1).ok());
  const auto rows = database_->Read([](Connection& c) {
    return c.Query("SELECT id, name, amount, parent FROM things WHERE id >= :low ORDER BY id",
                   {{"low", 1}}, 4);
  });
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  ASSERT_EQ(rows->size(), 3U);
  EXPECT_EQ(rows->at(0).Text(1), "one");
  EXPECT_DOUBLE_EQ(rows->at(0).Double(2), 0.005);
  EXPECT_TRUE(rows->at(1).IsNull(1));
  EXPECT_DOUBLE_EQ(rows->at(1).Double(2), 12);
  EXPECT_EQ(rows->at(2).OptText(1), "");
  EXPECT_EQ(rows->at(2).OptInt(3), 1);
}

TEST_F(DatabaseTest, TellsErrorsApart) {
  ASSERT_TRUE(Insert(1, "one").ok());
  EXPECT_EQ(Insert(1, "other").code(), base::Code::kConflict);
  EXPECT_EQ(Insert(2, "one").code(), base::Code::kConflict);
  EXPECT_EQ(Insert(3, "three", kNull, 99).code(), base::Code::kInvalidArgument);
  EXPECT_EQ(Insert(4, "four", -1).code(), base::Code::kInvalidArgument);
  EXPECT_EQ(Insert(5, std::string("a\0b", 3)).code(), base::Code::kInvalidArgument);
  EXPECT_EQ(Insert(6, "\xff").fields().at(0).field, "name");
  const auto wrong = database_->Read([](Connection& c) { return c.Query("SELEKT 1", {}, 1); });
  EXPECT_EQ(wrong.status().code(), base::Code::kInternal);
  EXPECT_EQ(Count(*database_), 1);
}

TEST_F(DatabaseTest, RollsBackWhatFailed) {
  const base::Status status = database_->Transaction([](Connection& c) -> base::Status {
    ENERGY_RETURN_IF_ERROR(sql::Insert(c, 1, "one"));
    return base::NotFound("changed my mind");
  });
  EXPECT_EQ(status.code(), base::Code::kNotFound);
  EXPECT_EQ(Count(*database_), 0);
  EXPECT_TRUE(Insert(1, "one").ok());  // the session is usable
}

TEST_F(DatabaseTest, ReadingDoesNotWrite) {
  const base::Status status =
      database_->Read([](Connection& c) { return sql::Insert(c, 1, "one"); });
  EXPECT_EQ(status.code(), base::Code::kInternal);
  EXPECT_EQ(Count(*database_), 0);
}

TEST_F(DatabaseTest, ExecuteManyRunsEachSet) {
  std::vector<Params> sets;
  for (int i = 0; i < 100; ++i) {
    sets.push_back({{"id", i}, {"name", i % 2 == 0 ? Value("n" + std::to_string(i)) : Value()}});
  }
  const auto affected = database_->Transaction([&](Connection& c) {
    return c.ExecuteMany("INSERT INTO things (id, name) VALUES (:id, :name)", sets);
  });
  ASSERT_TRUE(affected.ok()) << affected.status().ToString();
  EXPECT_EQ(*affected, 100);
  const auto named = database_->Read([](Connection& c) {
    return c.Query("SELECT name FROM things WHERE name IS NOT NULL ORDER BY id", {}, 1);
  });
  ASSERT_EQ(named->size(), 50U);
  EXPECT_EQ(named->at(1).Text(0), "n2");
}

TEST_F(DatabaseTest, ReturningGivesRowsAndWrites) {
  const auto rows = database_->Transaction([](Connection& c) {
    return c.Query("INSERT INTO things (id, name) VALUES (7, :name) RETURNING id, name",
                   {{"name", "seven"}}, 2);
  });
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->at(0).Text(1), "seven");
  EXPECT_EQ(Count(*database_), 1);
}

TEST_F(DatabaseTest, WritersTakeTurns) {
  if (!database_.is_sqlite()) GTEST_SKIP() << "PostgreSQL locks rows, not the database";
  ASSERT_TRUE(Insert(1, "counter", 0).ok());
  constexpr int kThreads = 8;
  constexpr int kRounds = 20;
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kRounds; ++i) {
          const base::Status status = database_->Transaction([](Connection& c) -> base::Status {
            ENERGY_ASSIGN_OR_RETURN(const auto rows,
                                    c.Query("SELECT amount FROM things WHERE id = 1", {}, 1));
            return c
                .Execute("UPDATE things SET amount = :a WHERE id = 1",
                         {{"a", rows.at(0).Int(0) + 1}})
                .status();
          });
          if (!status.ok()) ++failures;
        }
      });
    }
  }
  EXPECT_EQ(failures, 0);
  const auto amount = database_->Read(
      [](Connection& c) { return c.Query("SELECT amount FROM things WHERE id = 1", {}, 1); });
  EXPECT_EQ(amount->at(0).Int(0), kThreads * kRounds);
}

TEST(Database, ReportsThatAllSessionsAreBusy) {
  TestDatabase database(true, 1, std::chrono::milliseconds(20));
  const base::Status status = database->Read([&](Connection&) -> base::Status {
    return database->Check();  // needs a second session
  });
  EXPECT_EQ(status.code(), base::Code::kUnavailable);
  EXPECT_TRUE(database->Check().ok());
}

TEST(Database, ReadsWhileAnotherThreadWrites) {
  TestDatabase database(true, 2);
  std::latch writing(1);
  std::promise<void> read;
  std::jthread writer([&] {
    EXPECT_TRUE(database
                    ->Transaction([&](Connection&) -> base::Status {
                      writing.count_down();
                      read.get_future().wait();
                      return {};
                    })
                    .ok());
  });
  writing.wait();
  EXPECT_TRUE(database->Check().ok());
  read.set_value();
}

TEST(Database, ConnectsAgainAfterALoss) {
  TestDatabase database(true, 1);
  if (database.is_sqlite()) GTEST_SKIP() << "SQLite has no connection to lose";
  const auto lost = database->Transaction([](Connection& c) {
    return c.Query("SELECT pg_terminate_backend(pg_backend_pid())", {}, 1);
  });
  EXPECT_EQ(lost.status().code(), base::Code::kUnavailable) << lost.status().ToString();
  EXPECT_TRUE(database->Check().ok());
}

TEST(Database, RefusesBadAddresses) {
  const auto open = [](std::string url) {
    return Database::Open({std::move(url), 1, std::chrono::milliseconds(10)}, base::NullLogger())
        .status()
        .code();
  };
  EXPECT_EQ(open("mysql://x"), base::Code::kInvalidArgument);
  EXPECT_EQ(open("postgresql://host:notaport"), base::Code::kUnavailable);
  EXPECT_EQ(open("postgresql://[::1"), base::Code::kInvalidArgument);
  EXPECT_EQ(open("sqlite://relative.db"), base::Code::kInvalidArgument);
  EXPECT_EQ(open("sqlite:///no/such/folder/meta.db"), base::Code::kUnavailable);
}

TEST(Database, KeepsTheFilePrivateAndTellsItsSize) {
  TestDatabase database;
  if (!database.is_sqlite()) GTEST_SKIP() << "about the SQLite file";
  for (const char* file : {"meta.db", "meta.db-wal"}) {
    struct stat info {};
    ASSERT_EQ(::stat((database.folder() / file).c_str(), &info), 0) << file;
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << file;
  }
  EXPECT_GT(database->SizeBytes(), 10'000U);
}

TEST(Database, EverySessionIsDurable) {
  TestDatabase database(true, 2);
  if (!database.is_sqlite()) GTEST_SKIP() << "about the SQLite file";
  const auto pragma = [](Connection& c, const char* name) {
    return c.Query(std::string("PRAGMA ") + name, {}, 1)->at(0).Text(0);
  };
  const auto check = [&](Connection& c) -> base::Status {
    EXPECT_EQ(pragma(c, "synchronous"), "2");  // FULL
    EXPECT_EQ(pragma(c, "journal_mode"), "wal");
    EXPECT_EQ(pragma(c, "foreign_keys"), "1");
    return {};
  };
  // The second session is used while the first is lent.
  EXPECT_TRUE(database
                  ->Read([&](Connection& c) -> base::Status {
                    ENERGY_RETURN_IF_ERROR(check(c));
                    return database->Read(check);
                  })
                  .ok());
}

TEST(Database, RefusesAFileThatIsNoDatabase) {
  TestDatabase database;
  if (!database.is_sqlite()) GTEST_SKIP() << "about the SQLite file";
  const auto path = database.folder() / "text.db";
  FILE* file = ::fopen(path.c_str(), "w");
  ::fputs(std::string(5000, 'x').c_str(), file);
  ::fclose(file);
  const auto opened = Database::Open(
      {"sqlite://" + path.string(), 1, std::chrono::milliseconds(10)}, base::NullLogger());
  EXPECT_EQ(opened.status().code(), base::Code::kUnavailable) << opened.status().ToString();
}

}  // namespace
}  // namespace energy::sql
