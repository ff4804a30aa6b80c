#include <gtest/gtest.h>

#include "integration/api_client.h"
#include "integration/platform_process.h"

namespace energy::integration {
namespace {

TEST(WebPage, IsServedWithAPolicyThatAllowsOnlyItself) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "web/assets");
  WriteFile(folder.path() / "web/index.html", "<!doctype html><title>the page</title>");
  WriteFile(folder.path() / "web/assets/app-0123abcd.js", "console.log(1)");
  Platform platform({.data_dir = folder.path() / "data",
                     .environment = {{"ENERGY_HTTP__WEB_DIR", (folder.path() / "web").string()}}});
  ApiClient api(platform.http_port());
  for (const char* path : {"/", "/devices/D1", "/login", "/api/docs"}) {
    const Answer page = api.Get(path);
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_NE(page.response.Body().find("the page"), std::string::npos) << path;
    EXPECT_TRUE(page.response.Header("Content-Type").starts_with("text/html")) << path;
  }
  EXPECT_EQ(api.Get("/assets/app-0123abcd.js").response.Body(), "console.log(1)");
  EXPECT_EQ(api.Get("/assets/gone.js").status, 404);
  EXPECT_EQ(api.Get("/../data/metadata.db").status == 200 &&
                api.Get("/../data/metadata.db").response.Body().find("SQLite") != std::string::npos,
            false);
  for (const char* path :
       {"/", "/assets/app-0123abcd.js", "/api/devices", "/api/no/such", "/health", "/metrics"}) {
    SCOPED_TRACE(path);
    const Answer answer = api.Get(path);
    const std::string policy(answer.response.Header("Content-Security-Policy"));
    EXPECT_NE(policy.find("default-src 'self'"), std::string::npos) << policy;
    EXPECT_NE(policy.find("script-src 'self';"), std::string::npos) << policy;
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos) << policy;
    EXPECT_EQ(policy.find("unsafe-eval"), std::string::npos) << policy;
    EXPECT_EQ(answer.response.Header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.response.Header("X-Frame-Options"), "DENY");
    EXPECT_EQ(answer.response.Header("Referrer-Policy"), "same-origin");
    EXPECT_EQ(answer.response.Header("Cross-Origin-Opener-Policy"), "same-origin");
  }
  const Answer too_large =
      api.Call(http::Method::kPost, "/api/auth/login", std::string(2 << 20, ' '));
  EXPECT_EQ(too_large.status, 413);
  EXPECT_EQ(too_large.response.Header("X-Content-Type-Options"), "nosniff");
}

}  // namespace
}  // namespace energy::integration
