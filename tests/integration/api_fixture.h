#pragma once

#include <set>
#include <string>
#include <vector>

#include "integration/platform_test.h"

namespace energy::integration {

/// A running platform, and what answers of its API must look like (LLD Appendix B).
class Api : public PlatformTest {
 protected:
  void SetUp() override { Start(); }

  // An answer that is an error as Appendix B of the LLD has it.
  void ExpectError(const Answer& answer, int status, const std::string& code,
                   const std::vector<std::string>& fields = {}) {
    EXPECT_EQ(answer.status, status) << answer.response.Body();
    ASSERT_TRUE(answer.body.is_object()) << answer.response.Body();
    EXPECT_EQ(answer.body.at("success"), false);
    EXPECT_TRUE(answer.data().is_null());
    ExpectTimestamp(answer.body.at("timestamp"));
    EXPECT_EQ(answer.error().at("code"), code);
    EXPECT_FALSE(answer.error().at("message").get<std::string>().empty());
    std::set<std::string> found;
    if (answer.error().contains("details")) {
      for (const auto& [field, message] : answer.error().at("details").items()) {
        EXPECT_FALSE(message.get<std::string>().empty()) << field;
        found.insert(field);
      }
    }
    EXPECT_EQ(found, std::set<std::string>(fields.begin(), fields.end())) << answer.body;
  }
  static void ExpectTimestamp(const base::Json& json) {
    ASSERT_TRUE(json.is_string()) << json;
    const std::string text = json;
    EXPECT_TRUE(base::ParseTimestamp(text).ok() && text.back() == 'Z') << text;
  }
  static void ExpectMembers(const base::Json& object, const std::set<std::string>& expected) {
    std::set<std::string> found;
    for (const auto& [name, value] : object.items()) found.insert(name);
    EXPECT_EQ(found, expected) << object;
  }
  ApiClient Anonymous() { return ApiClient(platform().http_port()); }
  base::Json RuleFor(const std::string& device) {
    return {{"name", "r"},
            {"device_id", device},
            {"property", "temperature"},
            {"operator", ">"},
            {"threshold", 50}};
  }
};

}  // namespace energy::integration
