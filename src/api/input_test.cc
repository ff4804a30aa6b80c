#include "api/input.h"

#include <gtest/gtest.h>

#include "rules/model.h"

namespace energy::api {
namespace {

http::Request Body(std::string body) {
  http::Request request;
  request.body = std::move(body);
  return request;
}

http::Request Query(std::vector<std::pair<std::string, std::string>> query) {
  http::Request request;
  request.query = std::move(query);
  return request;
}

TEST(BodyInput, ReadsEachTypeAndReportsEveryMistakeAtOnce) {
  const auto request = Body(R"({"a":"x","b":1.5,"c":7,"d":null,"e":["p"],"f":true,"g":1})");
  BodyInput input(request);
  EXPECT_EQ(input.Text("a"), "x");
  EXPECT_EQ(input.Number("b"), 1.5);
  EXPECT_EQ(input.Integer("c"), 7);
  EXPECT_EQ(input.NullableNumber("d"), std::optional<std::optional<double>>(std::in_place));
  EXPECT_EQ(input.Texts("e"), (std::vector<std::string>{"p"}));
  EXPECT_EQ(input.Text("missing"), std::nullopt);
  EXPECT_TRUE(input.Integer("b") == std::nullopt);
  EXPECT_EQ(input.Text("f"), std::nullopt);
  const base::Status status = input.Check();
  ASSERT_EQ(status.fields().size(), 3u);
  EXPECT_EQ(status.fields()[0].field, "b");
  EXPECT_EQ(status.fields()[1].field, "f");
  EXPECT_EQ(status.fields()[2].field, "g") << "nobody asked for it";
}

TEST(BodyInput, RefusesWhatIsNoObjectOfText) {
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += R"({"a":)";
  for (const std::string& body :
       {std::string(), std::string("[]"), std::string("{"), std::string("1"),
        std::string(R"({"a":1,"a":2})"), std::string(R"({"a":{"b":1,"b":2}})"),
        std::string(R"({"a":"x\u0000y"})"), std::string("{\"a\":\"\xff\"}"), deep}) {
    const auto request = Body(body);
    BodyInput input(request);
    input.Text("a");
    input.Object("a");
    EXPECT_FALSE(input.Check().ok()) << body.substr(0, 40);
  }
}

TEST(BodyInput, AnEmptyBodyIsFineWhereItIsOptional) {
  const auto request = Body("");
  BodyInput input(request, /*optional=*/true);
  EXPECT_EQ(input.Text("comment"), std::nullopt);
  EXPECT_TRUE(input.Check().ok());
}

TEST(QueryInput, ReadsPagesTimesAndLists) {
  const auto request = Query({{"page", "2"},
                              {"page_size", "500"},
                              {"start", "2026-02-07T12:26:00+01:00"},
                              {"status", "active,paused"}});
  QueryInput input(request);
  EXPECT_EQ(input.Page().page, 2);
  EXPECT_EQ(input.Time("start"), base::Timestamp(std::chrono::seconds(1'770'463'560)));
  EXPECT_EQ(input.EnumList("status", rules::ParseRuleStatus, "…"),
            (std::vector<std::string>{"active", "paused"}));
  EXPECT_TRUE(input.Check().ok()) << input.Check().ToString();
}

TEST(QueryInput, RefusesUnknownRepeatedAndBadParameters) {
  const auto request = Query({{"page_size", "501"},
                              {"start", "yesterday"},
                              {"severity", "loud"},
                              {"colour", "red"},
                              {"page", "1"},
                              {"page", "2"}});
  QueryInput input(request);
  input.Page();
  input.Time("start");
  input.Enum("severity", rules::ParseSeverity, "low, medium, high, critical");
  const base::Status status = input.Check();
  std::vector<std::string> fields;
  for (const auto& error : status.fields()) fields.push_back(error.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"page_size", "start", "severity", "colour", "page"}));
}

}  // namespace
}  // namespace energy::api
