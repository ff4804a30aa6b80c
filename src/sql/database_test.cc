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

base::Status SelectOne(Database& database) {
  return database.Read([](Connection& c) { return c.Query("SELECT 1", {}, 1).status(); });
}

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

TEST_F(DatabaseTest, ASnapshotHoldsWhatWasCommittedAndIsPrivate) {
  if (database_->dialect() != Dialect::kSqlite) {
    EXPECT_EQ(database_->SnapshotTo("/nowhere").code(), base::Code::kInvalidArgument);
    return;
  }
  ASSERT_TRUE(Insert(1, "one").ok());
  const std::string path = (database_.folder() / "it's a copy.db").string();
  const base::Status status = database_->SnapshotTo(path);
  EXPECT_TRUE(status.ok()) << status.ToString();
  ASSERT_TRUE(Insert(2, "two").ok());
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  {
    const auto copy =
        Database::Open({.url = "sqlite://" + path, .pool_size = 1}, base::NullLogger());
    ASSERT_TRUE(copy.ok());
    EXPECT_EQ(Count(**copy), 1);
    EXPECT_EQ((*copy)->FindDamage().value(), std::vector<std::string>());
  }
  EXPECT_FALSE(database_->SnapshotTo(path).ok()) << "overwrites";
}

TEST_F(DatabaseTest, FindsRowsThatReferToNothing) {
  if (database_->dialect() != Dialect::kSqlite) return;
  ASSERT_TRUE(Insert(1, "one", kNull, kNull).ok());
  ASSERT_EQ(database_->FindDamage().value().size(), 0U);
  // Only a program that does not ask for foreign keys can do this.
  ASSERT_TRUE(database_
                  ->Read([](Connection& c) -> base::Status {
                    return c.Query("PRAGMA foreign_keys = OFF", {}, 0).status();
                  })
                  .ok());
  ASSERT_TRUE(Insert(2, "two", kNull, 77).ok());
  const auto found = database_->FindDamage();
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ((*found)[0], "1 rows of things refer to rows of things that are not there");
}

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
    return SelectOne(*database);  // needs a second session
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
  EXPECT_TRUE(SelectOne(*database).ok());
}

TEST(Database, NoticesThatTheServerEndedAnIdleConnection) {
  TestDatabase database(true, 2);
  if (database.is_sqlite()) GTEST_SKIP() << "SQLite has no connection to lose";
  // A backend of this pool ends another one, as the restart of a server does to all.
  const auto ended = database->Read([&](Connection& c) -> base::Result<std::vector<Row>> {
    return database->Read([&](Connection& other) -> base::Result<std::vector<Row>> {
      ENERGY_ASSIGN_OR_RETURN(const auto pid, c.Query("SELECT pg_backend_pid()", {}, 1));
      return other.Query("SELECT pg_terminate_backend(:pid, 5000)", {{"pid", pid[0].Int(0)}}, 1);
    });
  });
  ASSERT_TRUE(ended.ok()) << ended.status().ToString();
  EXPECT_TRUE(ended->at(0).Bool(0));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(SelectOne(*database).ok()) << i;
}

TEST(Database, StatementsHaveALimit) {
  TestDatabase database(true, 1);
  if (database.is_sqlite()) GTEST_SKIP() << "about a server";
  const auto opened = Database::Open(
      {.url = database.url(), .pool_size = 1, .statement_limit = std::chrono::milliseconds(50)},
      base::NullLogger());
  ASSERT_TRUE(opened.ok());
  const auto sleep = [](Connection& c) { return c.Query("SELECT pg_sleep(60)", {}, 1).status(); };
  const base::Status canceled = (*opened)->Read(sleep);
  EXPECT_EQ(canceled.code(), base::Code::kUnavailable);
  EXPECT_NE(canceled.message().find("statement timeout"), std::string::npos) << canceled.message();

  // A server that does not keep to the limit is one that does not answer.
  const base::Status cut = (*opened)->Read([&](Connection& c) -> base::Status {
    ENERGY_RETURN_IF_ERROR(c.Query("SET statement_timeout = 0", {}, 0).status());
    return sleep(c);
  });
  EXPECT_EQ(cut.code(), base::Code::kUnavailable);
  EXPECT_TRUE(SelectOne(**opened).ok());

  const auto longer = (*opened)->Transaction([](Connection& c) -> base::Status {
    ENERGY_RETURN_IF_ERROR(c.AllowFor(std::chrono::minutes(1)));
    return c.Query("SELECT pg_sleep(0.2)", {}, 1).status();
  });
  EXPECT_TRUE(longer.ok()) << longer.ToString();
  EXPECT_FALSE(
      (*opened)
          ->Read([](Connection& c) { return c.Query("SELECT pg_sleep(0.2)", {}, 1).status(); })
          .ok())
      << "the longer limit stays";
}

TEST(Database, NeverTellsThePassword) {
  for (const char* url : {"postgresql://someone:sesame-open@127.0.0.1:1/name",
                          "postgresql://someone:sesame-open@[::1/name",
                          "postgresql://someone:sesame-open@127.0.0.1:notaport/name"}) {
    const auto opened = Database::Open({.url = url, .pool_size = 1}, base::NullLogger());
    ASSERT_FALSE(opened.ok()) << url;
    EXPECT_EQ(opened.status().ToString().find("sesame"), std::string::npos)
        << opened.status().ToString();
  }
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
