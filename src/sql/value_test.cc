#include "sql/value.h"

#include <gtest/gtest.h>

#include "sql/dialect.h"

namespace energy::sql {
namespace {

TEST(Value, TakesWhatRepositoriesHold) {
  const Params params = {{"a", 7},
                         {"b", 2.5},
                         {"c", true},
                         {"d", "text"},
                         {"e", std::string_view("view")},
                         {"f", kNull},
                         {"g", std::optional<std::string>()},
                         {"h", Optional(std::optional<int>(3))},
                         {"i", base::Timestamp(std::chrono::seconds(1))}};
  EXPECT_EQ(std::get<int64_t>(params[0].second.variant()), 7);
  EXPECT_EQ(std::get<double>(params[1].second.variant()), 2.5);
  EXPECT_TRUE(std::get<bool>(params[2].second.variant()));
  EXPECT_EQ(std::get<std::string>(params[3].second.variant()), "text");
  EXPECT_EQ(std::get<std::string>(params[4].second.variant()), "view");
  EXPECT_TRUE(params[5].second.is_null());
  EXPECT_TRUE(params[6].second.is_null());
  EXPECT_EQ(std::get<int64_t>(params[7].second.variant()), 3);
  EXPECT_EQ(std::get<std::string>(params[8].second.variant()), "1970-01-01T00:00:01.000000000Z");
}

TEST(Row, ReadsBothDatabasesForms) {
  const Row row({"42", "2.5", "t", "1", "0", "2026-01-02 03:04:05.5+00", std::nullopt, "4x"});
  EXPECT_EQ(row.Int(0), 42);
  EXPECT_DOUBLE_EQ(row.Double(1), 2.5);
  EXPECT_TRUE(row.Bool(2));
  EXPECT_TRUE(row.Bool(3));
  EXPECT_FALSE(row.Bool(4));
  EXPECT_EQ(base::FormatTimestamp(row.Time(5)), "2026-01-02T03:04:05.500Z");
  EXPECT_TRUE(row.IsNull(6));
  EXPECT_EQ(row.OptText(6), std::nullopt);
  EXPECT_EQ(row.OptInt(7), std::nullopt);
}

TEST(StorableText, IsUtf8WithoutNul) {
  EXPECT_TRUE(IsStorableText(""));
  EXPECT_TRUE(IsStorableText("25 \u00b0C \u20ac \U0001F4A1"));
  EXPECT_FALSE(IsStorableText(std::string_view("a\0b", 3)));
  EXPECT_FALSE(IsStorableText("\xff"));
  EXPECT_FALSE(IsStorableText("\xc0\xaf"));          // overlong
  EXPECT_FALSE(IsStorableText("\xed\xa0\x80"));      // surrogate
  EXPECT_FALSE(IsStorableText("\xf4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(IsStorableText("\xe2\x82"));          // cut off
}

TEST(Array, ComesBackFromBothForms) {
  const std::vector<std::string> items = {"email", "a \"b\" \\ c", "x,y}", ""};
  for (const Dialect dialect : {Dialect::kSqlite, Dialect::kPostgresql}) {
    const Value value = ArrayValue(dialect, items);
    EXPECT_EQ(ParseArray(std::get<std::string>(value.variant())), items);
  }
  EXPECT_EQ(ParseArray("{email,telegram}"), (std::vector<std::string>{"email", "telegram"}));
  EXPECT_TRUE(ParseArray("{}").empty());
  EXPECT_TRUE(ParseArray("[]").empty());
  EXPECT_TRUE(ParseArray("not an array").empty());
  EXPECT_TRUE(ParseArray("{\"open").empty());
}

}  // namespace
}  // namespace energy::sql
