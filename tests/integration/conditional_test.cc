#include "integration/api_fixture.h"

/// Entity tags, and writes that are for one version of a resource (RFC 9110 §13).
namespace energy::integration {
namespace {

using http::Method;

class Conditional : public Api {
 protected:
  void SetUp() override {
    Api::SetUp();
    api().MakeDevice("D1");
    rule_ = "/api/rules/" + api().PostData("/api/rules", RuleFor("D1")).at("id").get<std::string>();
    user_ =
        "/api/users/" + api()
                            .PostData("/api/auth/register", {{"email", "eve@example.com"},
                                                             {"full_name", "Eve"},
                                                             {"role", "viewer"},
                                                             {"password", "correct horse battery"}})
                            .at("id")
                            .get<std::string>();
  }
  std::string TagOf(const std::string& path) {
    const Answer answer = api().Get(path);
    EXPECT_EQ(answer.status, 200) << path;
    return std::string(answer.response.Header("ETag"));
  }
  Answer If(const std::string& tag, Method method, const std::string& path,
            const base::Json& body = nullptr) {
    return api().Call(method, path, body.is_null() ? "" : body.dump(), {{"If-Match", tag}});
  }
  // A change that is made from what `tag` was given for, once and not again.
  void ExpectGuarded(Method method, const std::string& path, const std::string& resource,
                     const base::Json& body) {
    const std::string tag = TagOf(resource);
    EXPECT_TRUE(tag.starts_with("W/\"")) << path << tag;
    ExpectError(If("W/\"77-0123456789abcdef\"", method, path, body), 412, "CONFLICT", {"If-Match"});
    EXPECT_EQ(If(tag, method, path, body).status, 200) << path;
    ExpectError(If(tag, method, path, body), 412, "CONFLICT", {"If-Match"});
    EXPECT_NE(TagOf(resource), tag) << path;
    EXPECT_EQ(If("*", method, path, body).status, 200) << path;
  }

  std::string rule_;
  std::string user_;
};

TEST_F(Conditional, EverySingleResourceHasATagAndIsSentOnce) {
  for (const std::string& path :
       {std::string("/api/devices/D1"), std::string("/api/profiles/bulb"), rule_, user_}) {
    const std::string tag = TagOf(path);
    ASSERT_TRUE(tag.starts_with("W/\"1-")) << path << " " << tag;
    const Answer same = api().Call(Method::kGet, path, "", {{"If-None-Match", tag}});
    EXPECT_EQ(same.status, 304) << path;
    EXPECT_EQ(same.response.Header("ETag"), tag) << path;
    EXPECT_EQ(same.response.Header("Cache-Control"), "private, no-cache") << path;
    EXPECT_EQ(api().Call(Method::kGet, path, "", {{"If-None-Match", "W/\"x\""}}).status, 200);
  }
  for (const char* path : {"/api/devices", "/api/profiles", "/api/rules", "/api/users"}) {
    EXPECT_EQ(api().Get(path).response.Header("ETag"), "") << path;
  }
}

TEST_F(Conditional, AChangeMayBeForOneVersionOnly) {
  ExpectGuarded(Method::kPut, "/api/devices/D1", "/api/devices/D1", {{"name", "another"}});
  ExpectGuarded(Method::kPut, rule_, rule_, {{"threshold", 60}});
  ExpectGuarded(Method::kPatch, rule_ + "/status", rule_, {{"status", "paused"}});
  ExpectGuarded(Method::kPut, user_, user_, {{"full_name", "Eve Example"}});
  const base::Json fields = api().GetData("/api/profiles/bulb").at("fields");
  ExpectGuarded(Method::kPut, "/api/profiles/bulb", "/api/profiles/bulb", {{"fields", fields}});
}

TEST_F(Conditional, TheBodyMayNameTheVersionToo) {
  const std::string tag = TagOf("/api/devices/D1");
  const base::Json stale{{"name", "another"}, {"version", 7}};
  ExpectError(If(tag, Method::kPut, "/api/devices/D1", stale), 409, "CONFLICT", {"version"});
  const base::Json good{{"name", "another"}, {"version", 1}};
  ExpectError(If("W/\"7-00\"", Method::kPut, "/api/devices/D1", good), 412, "CONFLICT",
              {"If-Match"});
  EXPECT_EQ(If(tag, Method::kPut, "/api/devices/D1", good).status, 200);
  EXPECT_EQ(If("\"1-0\"", Method::kPut, "/api/devices/D9", good).status, 404);
}

TEST_F(Conditional, ADeletionToo) {
  api().PostData("/api/profiles",
                 {{"type", "meter"},
                  {"fields", {{{"name", "power"}, {"unit", "W"}, {"min", 0}, {"max", 9}}}}});
  for (const std::string& path :
       {rule_, std::string("/api/profiles/meter"), std::string("/api/devices/D1")}) {
    ExpectError(If("W/\"7-00\"", Method::kDelete, path), 412, "CONFLICT", {"If-Match"});
    EXPECT_EQ(If(TagOf(path), Method::kDelete, path).status, 200) << path;
    EXPECT_EQ(api().Get(path).status, 404) << path;
  }
}

TEST_F(Conditional, ThatADeviceReportsComesBetweenNobodyAndHisChange) {
  const Credential device = api().IssueCredential("D1");
  const std::string tag = TagOf("/api/devices/D1");
  ASSERT_TRUE(Publish(*Connect(device), device, {NowMs()}).ok());
  // When it was last seen is another answer, and the same version.
  ASSERT_TRUE(WaitUntil([&] { return TagOf("/api/devices/D1") != tag; }));
  EXPECT_EQ(If(tag, Method::kPut, "/api/devices/D1", {{"name", "another"}}).status, 200);
}

}  // namespace
}  // namespace energy::integration
