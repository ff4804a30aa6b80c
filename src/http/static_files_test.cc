#include "http/static_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace energy::http {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    Write("site/index.html", "<html>page</html>");
    Write("site/assets/index-B3x9_kQa.js", std::string(5000, 'x'));
    Write("site/assets/composed-together.png", "png");
    Write("site/docs/index.html", "<html>docs</html>");
    Write("site/.secret", "hidden");
    Write("outside.txt", "outside");
    fs::create_symlink(root_ / "outside.txt", root_ / "site/link.txt");
    auto loaded = StaticFiles::Load(root_ / "site");
    ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
    files_ = std::move(loaded).value();
  }
  void TearDown() override { fs::remove_all(root_); }

  void Write(const std::string& name, const std::string& data) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << data;
  }
  std::optional<Response> Get(std::string_view target, Headers headers = {}) {
    Request request;
    request.method = Method::kGet;
    request.headers = std::move(headers);
    if (!SetTarget(target, request).ok()) return std::nullopt;
    return files_->Serve(request);
  }

  const fs::path root_ =
      fs::temp_directory_path() / ("http-static-" + std::to_string(::getpid()) + "-" +
                                   testing::UnitTest::GetInstance()->current_test_info()->name());
  std::optional<StaticFiles> files_;
};

TEST_F(StaticFilesTest, ServesFilesWithTypeAndCaching) {
  const auto page = Get("/");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->Body(), "<html>page</html>");
  EXPECT_EQ(page->Header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(page->Header("Cache-Control"), "no-cache");
  const auto script = Get("/assets/index-B3x9_kQa.js");
  ASSERT_TRUE(script);
  EXPECT_EQ(script->Header("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(script->Header("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(Get("/assets/composed-together.png")->Header("Cache-Control"), "no-cache");
  EXPECT_EQ(Get("/docs/")->Body(), "<html>docs</html>");
}

TEST_F(StaticFilesTest, PathsOfThePageGetThePage) {
  EXPECT_EQ(Get("/devices/D7?tab=live")->Body(), "<html>page</html>");
  EXPECT_EQ(Get("/missing.js"), std::nullopt);
}

TEST_F(StaticFilesTest, AnswersKnownTagsWith304) {
  const std::string tag(Get("/")->Header("ETag"));
  for (const std::string& sent : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
    const auto answer = Get("/", {{"If-None-Match", sent}});
    EXPECT_EQ(answer->status, 304) << sent;
    EXPECT_EQ(answer->Body(), "");
    EXPECT_EQ(answer->Header("ETag"), tag);
  }
  EXPECT_EQ(Get("/", {{"If-None-Match", "\"other\""}})->status, 200);
}

TEST_F(StaticFilesTest, SendsTheCompressedFormWithItsOwnTag) {
  const auto plain = Get("/assets/index-B3x9_kQa.js");
  const auto gzip = Get("/assets/index-B3x9_kQa.js", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(plain->Body().size(), 5000u);
  EXPECT_LT(gzip->Body().size(), 500u);
  EXPECT_EQ(gzip->Header("Content-Encoding"), "gzip");
  EXPECT_EQ(gzip->Header("Vary"), "Accept-Encoding");
  EXPECT_NE(gzip->Header("ETag"), plain->Header("ETag"));
}

TEST_F(StaticFilesTest, NothingOutsideIsReachable) {
  for (const char* target : {"/../outside.txt", "/../etc/passwd", "/%2e%2e/etc/passwd",
                             "/..%2foutside.txt", "/%2e%2e/outside.txt", "/docs/../../outside.txt",
                             "/..\\outside", "/./..", "/link.txt", "/.secret", "//etc/passwd.txt",
                             "/%00index.html", "/assets/%2e%2e%2f%2e%2e%2foutside.txt"}) {
    EXPECT_EQ(Get(target), std::nullopt) << target;
  }
}

TEST_F(StaticFilesTest, OtherMethodsAreNotServed) {
  Request request;
  request.method = Method::kPost;
  request.path = "/";
  EXPECT_EQ(files_->Serve(request), std::nullopt);
}

TEST(StaticFiles, NamesAMissingFolder) {
  const auto loaded = StaticFiles::Load("/nonexistent/web");
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.status().code(), base::Code::kNotFound);
  EXPECT_NE(loaded.status().message().find("/nonexistent/web"), std::string::npos);
}

}  // namespace
}  // namespace energy::http
