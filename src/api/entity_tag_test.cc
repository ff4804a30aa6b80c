#include "api/entity_tag.h"

#include <gtest/gtest.h>

namespace energy::api {
namespace {

class EntityTagTest : public ::testing::Test {
 protected:
  static http::Request With(const std::string& name, const std::string& value) {
    http::Request request;
    request.method = http::Method::kGet;
    request.headers.emplace_back(name, value);
    return request;
  }
  std::string TagOf(const base::Json& data, std::optional<int64_t> version) const {
    return std::string(WithEntityTag({}, envelope_.Ok(data), version).Header("ETag"));
  }
  // What a write with this header comes to on a resource of version 3.
  int Write(const std::string& if_match, std::optional<int64_t> body_version,
            int64_t stored_version = 3) const {
    IfMatch condition(If(if_match));
    std::optional<int64_t> version = body_version;
    base::Status status =
        condition.Guard([]() -> base::Result<int64_t> { return int64_t{3}; }, version);
    // The service's own check, perhaps after another write.
    if (status.ok() && version.value_or(stored_version) != stored_version) {
      status = base::Conflict("changed", {{"version", "is not the present one"}});
    }
    return status.ok() ? 200 : condition.Error(status, envelope_).status;
  }
  static http::Request If(const std::string& value) {
    return value.empty() ? http::Request() : With("If-Match", value);
  }

  base::ManualClock clock_{base::Timestamp(std::chrono::seconds(1'770'463'560))};
  Envelope envelope_{clock_};
};

TEST_F(EntityTagTest, IsOfTheResourceAndNotOfTheTime) {
  const std::string tag = TagOf({{"a", 1}}, 3);
  EXPECT_TRUE(tag.starts_with("W/\"3-")) << tag;
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(TagOf({{"a", 1}}, 3), tag);
  EXPECT_NE(TagOf({{"a", 2}}, 3), tag);
  EXPECT_FALSE(TagOf({{"a", 1}}, std::nullopt).starts_with("W/\"3-"));
  const auto same = WithEntityTag(With("If-None-Match", tag), envelope_.Ok({{"a", 1}}), 3);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.Body(), "");
  const auto missing = WithEntityTag({}, envelope_.Error(base::NotFound("no")), 3);
  EXPECT_EQ(missing.Header("ETag"), "");
}

TEST_F(EntityTagTest, AWriteIsForTheVersionInTheTag) {
  EXPECT_EQ(Write("W/\"3-00\"", std::nullopt), 200);
  EXPECT_EQ(Write("\"2-aa\", W/\"3-bb\"", std::nullopt), 200);
  EXPECT_EQ(Write("*", std::nullopt), 200);
  EXPECT_EQ(Write("", std::nullopt), 200);
  for (const char* other :
       {"W/\"2-00\"", "\"30-00\"", "\"3\"", "\"abc\"", "3-00", "nonsense", ","}) {
    EXPECT_EQ(Write(other, std::nullopt), 412) << other;
  }
}

TEST_F(EntityTagTest, AWriteMayNameItsVersionInTheBodyToo) {
  EXPECT_EQ(Write("W/\"3-00\"", 3), 200);
  EXPECT_EQ(Write("W/\"2-00\"", 3), 412);
  EXPECT_EQ(Write("W/\"3-00\"", 2), 409);  // that condition holds, the body's does not
  EXPECT_EQ(Write("", 2), 409);
}

TEST_F(EntityTagTest, AChangeBetweenCheckAndWriteIsSeen) {
  EXPECT_EQ(Write("W/\"3-00\"", std::nullopt, /*stored_version=*/4), 412);
}

TEST_F(EntityTagTest, OtherConflictsStayWhatTheyAre) {
  IfMatch condition(If("W/\"3-00\""));
  std::optional<int64_t> version;
  ASSERT_TRUE(condition.Guard([]() -> base::Result<int64_t> { return int64_t{3}; }, version).ok());
  EXPECT_EQ(version, 3);
  EXPECT_EQ(condition.Error(base::Conflict("the last admin"), envelope_).status, 409);
  EXPECT_EQ(condition.Error(base::NotFound("gone"), envelope_).status, 404);
  const base::Status gone =
      condition.Guard([]() -> base::Result<int64_t> { return base::NotFound("gone"); }, version);
  EXPECT_EQ(gone.code(), base::Code::kNotFound);
}

}  // namespace
}  // namespace energy::api
