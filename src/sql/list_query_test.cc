#include "sql/list_query.h"

#include <gtest/gtest.h>

#include <set>

#include "sql/test_database.h"

namespace energy::sql {
namespace {

const std::vector<SortKey> kKeys = {{"name", "name"}, {"size", "size"}};

class ListQueryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const base::Status status = database_->Transaction([](Connection& c) -> base::Status {
      ENERGY_RETURN_IF_ERROR(
          c.Execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, size INTEGER, at TEXT)")
              .status());
      std::vector<Params> rows;
      const auto add = [&](int id, const char* name, const Value& size) {
        rows.push_back({{"id", id},
                        {"name", name},
                        {"size", size},
                        {"at", base::Timestamp(std::chrono::seconds(id))}});
      };
      add(1, "Pump", 30);
      add(2, "lamp_1", 10);
      add(3, "lampX1", kNull);
      add(4, "50% dimmer", 20);
      add(5, "lamp", 10);
      return c.ExecuteMany("INSERT INTO t VALUES (:id, :name, :size, :at)", rows).status();
    });
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  void Insert(const std::vector<std::pair<int, std::string>>& named) {
    std::vector<Params> rows;
    for (const auto& [id, name] : named) rows.push_back({{"id", id}, {"name", name}});
    const auto inserted = database_->Transaction([&](Connection& c) {
      return c.ExecuteMany("INSERT INTO t (id, name) VALUES (:id, :name)", rows);
    });
    ASSERT_TRUE(inserted.ok()) << inserted.status().ToString();
  }

  ListQuery List() { return ListQuery("id, name", 2, "t", "id"); }

  std::vector<int64_t> Ids(const ListQuery& query, Page page = {}) {
    const auto listing = Run(query, page);
    EXPECT_TRUE(listing.ok()) << listing.status().ToString();
    return listing.ok() ? listing->items : std::vector<int64_t>{};
  }
  base::Result<Listing<int64_t>> Run(const ListQuery& query, Page page = {}) {
    return database_->Read([&](Connection& c) {
      return query.Fetch<int64_t>(c, page, [](const Row& row) { return row.Int(0); });
    });
  }

  TestDatabase database_{/*migrate=*/false};
};

TEST_F(ListQueryTest, PagesAndCountsAll) {
  const auto second = Run(List(), {2, 2});
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->items, (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(second->total, 5);
  EXPECT_EQ(second->page.page, 2);
  EXPECT_EQ(Run(List(), {9, 2})->total, 5);
  EXPECT_TRUE(Ids(List(), {9, 2}).empty());
  EXPECT_TRUE(Ids(List(), {2'147'483'647, 500}).empty());
}

TEST_F(ListQueryTest, RefusesPagesOutOfRange) {
  EXPECT_EQ(Run(List(), {0, 10}).status().fields().at(0).field, "page");
  EXPECT_EQ(Run(List(), {1, 0}).status().fields().at(0).field, "page_size");
  EXPECT_EQ(Run(List(), {1, 501}).status().fields().at(0).field, "page_size");
}

TEST_F(ListQueryTest, SortsWithNullsLastAndTiesById) {
  ListQuery up = List();
  ASSERT_TRUE(up.Sort("size", kKeys, "name").ok());
  EXPECT_EQ(Ids(up), (std::vector<int64_t>{2, 5, 4, 1, 3}));
  ListQuery down = List();
  ASSERT_TRUE(down.Sort("", kKeys, "-size").ok());
  EXPECT_EQ(Ids(down), (std::vector<int64_t>{1, 4, 2, 5, 3}));
  const base::Status bad = List().Sort("id; DROP TABLE t", kKeys, "name");
  EXPECT_EQ(bad.fields().at(0).field, "sort");
}

TEST_F(ListQueryTest, SortsTextByBytesButForTheCaseOfAscii) {
  Insert({{6, "LAMP"}, {7, "Übel"}, {8, "übel"}, {9, "zebra"}, {10, "Zebra-2"}});
  ListQuery query = List();
  ASSERT_TRUE(query.Sort("name", {{"name", "name", /*ignore_case=*/true}}, "name").ok());
  EXPECT_EQ(Ids(query), (std::vector<int64_t>{4, 5, 6, 2, 3, 1, 9, 10, 7, 8}));
}

TEST_F(ListQueryTest, CountsWhatASearchFindsOnEveryPage) {
  ListQuery query = List();
  query.Search({"name"}, "lamp");
  ASSERT_TRUE(query.Sort("-name", kKeys, "name").ok());
  for (int page = 1; page <= 4; ++page) {
    const auto found = Run(query, {page, 1});
    ASSERT_TRUE(found.ok()) << found.status().ToString();
    EXPECT_EQ(found->total, 3) << page;
    EXPECT_EQ(found->items.size(), page == 4 ? 0u : 1u) << page;
  }
  ListQuery nothing = List();
  nothing.Search({"name"}, "there is none");
  EXPECT_EQ(Run(nothing)->total, 0);
}

TEST_F(ListQueryTest, PagesFollowEachOtherFarIntoTheList) {
  std::vector<std::pair<int, std::string>> more;
  // Names repeat: the order of the same name is that of the ids.
  for (int id = 6; id <= 3000; ++id) more.emplace_back(id, "name " + std::to_string(id % 7));
  Insert(more);
  for (const char* sort : {"name", "-name", "size", "id", "-id"}) {
    std::vector<int64_t> all;
    for (int page = 1; page <= 6; ++page) {
      ListQuery query = List();
      const std::vector<SortKey> keys{{"name", "name", true}, {"size", "size"}, {"id", "id"}};
      ASSERT_TRUE(query.Sort(sort, keys, "id").ok());
      const auto part = Ids(query, {page, 500});
      EXPECT_EQ(part.size(), 500u) << sort << page;
      all.insert(all.end(), part.begin(), part.end());
    }
    EXPECT_EQ(std::set<int64_t>(all.begin(), all.end()).size(), 3000u) << sort;
    if (std::string(sort) == "-name") {
      // 7 names of 428 or so devices each: a step of 7 within a name.
      EXPECT_EQ(all[1500 + 500], all[1500 + 499] + 7);
    }
  }
}

TEST_F(ListQueryTest, SearchIgnoresCase) {
  Insert({{6, "Übergabe ÄCKER"}});
  const auto found = [&](std::string_view text) {
    ListQuery query = List();
    query.Search({"name", "CAST(size AS TEXT)"}, text);
    return Ids(query) == std::vector<int64_t>{6};
  };
  EXPECT_TRUE(found("BERGABE"));
  EXPECT_TRUE(found("ÜberGabe"));
  EXPECT_FALSE(found("überfall"));
  // SQLite knows the case of ASCII's letters.
  EXPECT_EQ(found("übergabe äcker"), database_->dialect() == Dialect::kPostgresql);
}

TEST_F(ListQueryTest, JoinsConditions) {
  ListQuery query = List();
  query.In("size", {"10", "20"})
      .Search({"name"}, "LAMP")
      .Between("at", base::Timestamp(std::chrono::seconds(2)),
               base::Timestamp(std::chrono::seconds(5)))
      .Equals("name", std::nullopt)
      .Where("id <> :other", {{"other", 99}});
  EXPECT_EQ(Ids(query), (std::vector<int64_t>{2}));
  ListQuery equal = List();
  equal.Equals("name", "lamp");
  EXPECT_EQ(Ids(equal), (std::vector<int64_t>{5}));
}

TEST_F(ListQueryTest, SearchTakesWildcardsLiterally) {
  ListQuery percent = List();
  percent.Search({"name"}, "50%");
  EXPECT_EQ(Ids(percent), (std::vector<int64_t>{4}));
  ListQuery underscore = List();
  underscore.Search({"name"}, "lamp_1");
  EXPECT_EQ(Ids(underscore), (std::vector<int64_t>{2}));
  ListQuery injection = List();
  injection.Search({"name"}, "' OR 1=1 --");
  EXPECT_TRUE(Ids(injection).empty());
}

}  // namespace
}  // namespace energy::sql
