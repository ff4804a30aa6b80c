#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "cache/test_support.h"
#include "integration/api_fixture.h"

/// Behind a real nginx, which speaks to the platform from an address of its own: identities and
/// limits are the same as without it.
namespace energy::integration {
namespace {

constexpr const char* kProxyAddress = "127.0.0.9";

// nginx in the foreground, with its files in a folder of its own; ends with this object.
class Nginx {
 public:
  explicit Nginx(uint16_t target) {
    const std::string folder = folder_.path().string();
    const std::string configuration =
        "daemon off; master_process off; pid " + folder + "/pid; error_log " + folder +
        "/errors;\nevents {}\nhttp {\n access_log off; client_body_temp_path " + folder +
        "/body; proxy_temp_path " + folder + "/proxy; fastcgi_temp_path " + folder +
        "/fastcgi; uwsgi_temp_path " + folder + "/uwsgi; scgi_temp_path " + folder +
        "/scgi;\n server { listen 127.0.0.1:" + std::to_string(port_) +
        ";\n  location / { proxy_pass http://127.0.0.1:" + std::to_string(target) +
        "; proxy_bind " + kProxyAddress +
        "; proxy_http_version 1.1; proxy_set_header Host $http_host;"
        " proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; } } }\n";
    WriteFile(folder_.path() / "nginx.conf", configuration);
    const std::string program = Program();
    const std::string file = folder + "/nginx.conf";
    const std::string errors = folder + "/errors";
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::execl(program.c_str(), program.c_str(), "-p", folder.c_str(), "-c", file.c_str(), "-e",
              errors.c_str(), nullptr);
      ::_exit(127);
    }
    const bool serves =
        WaitUntil([this] { return http::Client("127.0.0.1", port_).Get("/health").ok(); });
    if (!serves) throw std::runtime_error("nginx does not start: " + ReadFile(errors));
  }
  ~Nginx() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  uint16_t port() const { return port_; }

 private:
  static std::string Program() {
    namespace fs = std::filesystem;
    const fs::path self = fs::read_symlink("/proc/self/exe");
    for (fs::path folder = self.parent_path(); folder.has_relative_path();
         folder = folder.parent_path()) {
      const fs::path unpacked = folder / "tools/nginx/usr/sbin/nginx";
      if (fs::exists(unpacked)) return unpacked.string();
    }
    if (fs::exists("/usr/sbin/nginx")) return "/usr/sbin/nginx";
    throw std::runtime_error("nginx is not there: ./dev setup unpacks it");
  }

  TemporaryFolder folder_;
  const uint16_t port_ = cache::test::FreePort();
  pid_t pid_ = -1;
};

class Proxy : public Api {
 protected:
  void SetUp() override {
    Start({{"ENERGY_HTTP__TRUSTED_PROXIES", kProxyAddress}, {"ENERGY_LIMITS__ENABLED", "true"}});
    nginx_ = std::make_unique<Nginx>(platform().http_port());
  }
  // The access line of a request.
  base::Json Line(const std::string& request_id) {
    base::Json found;
    EXPECT_TRUE(WaitUntil([&] {
      std::istringstream lines(ReadFile(data_dir() / "access.log"));
      for (std::string line; std::getline(lines, line);) {
        if (line.find("\"" + request_id + "\"") == std::string::npos) continue;
        found = base::Json::parse(line, nullptr, false);
        return found.is_object();
      }
      return false;
    })) << request_id;
    return found;
  }
  Answer LogIn(ApiClient& client, const std::string& forwarded_for) {
    return client.Call(http::Method::kPost, "/api/auth/login", "{}",
                       {{"X-Forwarded-For", forwarded_for}});
  }

  std::unique_ptr<Nginx> nginx_;
};

TEST_F(Proxy, TheClientIsWhoAskedTheProxy) {
  ApiClient client(nginx_->port());
  client.set_token(api().token());
  const Answer answer = client.Call(http::Method::kGet, "/api/auth/me", "",
                                    {{"X-Request-Id", "by-proxy"}, {"X-Forwarded-For", "1.2.3.4"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.response.Header("X-Request-Id"), "by-proxy");
  const base::Json line = Line("by-proxy");
  EXPECT_EQ(line.at("remote"), "127.0.0.1");  // not what the client wrote, nor the proxy
  EXPECT_EQ(line.at("user"), answer.data().at("id"));
  EXPECT_EQ(line.at("route"), "/api/auth/me");

  // Who is no proxy of ours is not believed.
  api().Call(http::Method::kGet, "/api/auth/me", "",
             {{"X-Request-Id", "direct"}, {"X-Forwarded-For", "1.2.3.4"}});
  EXPECT_EQ(Line("direct").at("remote"), "127.0.0.1");
}

TEST_F(Proxy, LimitsAreThoseOfTheClientWhicheverWayItComes) {
  ApiClient by_proxy(nginx_->port());
  ApiClient direct = Anonymous();
  // One place went to the login of this test itself.
  for (int i = 0; i < 19; ++i) {
    const Answer answer = LogIn(i % 2 == 0 ? by_proxy : direct, "10.0.0." + std::to_string(i));
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.response.Header("RateLimit-Limit"), "20");
    EXPECT_EQ(answer.response.Header("RateLimit-Remaining"), std::to_string(18 - i));
  }
  for (ApiClient* client : {&by_proxy, &direct}) {
    const Answer refused = LogIn(*client, "10.0.0.99");
    ExpectError(refused, 429, "RATE_LIMITED", {"limit", "retry_after_s"});
    const std::string wait(refused.response.Header("Retry-After"));
    EXPECT_GT(std::stoi(wait), 0);
    EXPECT_LE(std::stoi(wait), 120);
    EXPECT_EQ(refused.response.Header("RateLimit-Remaining"), "0");
    EXPECT_EQ(refused.response.Header("RateLimit-Reset"), wait);
  }
  EXPECT_EQ(api().Get("/api/auth/me").status, 200);  // a user has places of his own
}

TEST_F(Proxy, EachClassOfRoutesHasItsOwnLimitAndWritersHaveNone) {
  const Credential device = api().MakeDevice("D1");
  int devices = 0;
  while (api().Get("/api/devices").status == 200) ++devices;
  EXPECT_GE(devices, 90);
  EXPECT_LE(devices, 100);
  EXPECT_EQ(api().Get("/api/data/latest").response.Header("RateLimit-Limit"), "200");
  EXPECT_EQ(api().Get("/api/alerts").response.Header("RateLimit-Limit"), "100");
  for (int i = 0; i < 300; ++i) {
    const Answer written =
        api().Post("/api/data/telemetry/D1",
                   base::Json::parse(ToPayload("D1", {NowMs() - std::chrono::seconds(i)})));
    ASSERT_LT(written.status, 300) << written.response.Body();
  }
  for (int i = 0; i < 300; ++i) ASSERT_EQ(api().Get("/health").status, 200);
}

TEST_F(Proxy, ASingleResourceIsSentOnceWhileItStaysTheSame) {
  api().MakeDevice("D1");
  const Answer first = api().Get("/api/devices/D1");
  const std::string tag(first.response.Header("ETag"));
  ASSERT_TRUE(tag.starts_with("W/\"")) << tag;
  const auto again = [&] {
    return api().Call(http::Method::kGet, "/api/devices/D1", "", {{"If-None-Match", tag}});
  };
  const Answer same = again();
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.response.Body(), "");
  base::Json changed = first.data();
  const base::Json update{{"name", "another"},
                          {"type", changed.at("type")},
                          {"location", changed.at("location")},
                          {"version", changed.at("version")}};
  const Answer put = api().Put("/api/devices/D1", update);
  ASSERT_EQ(put.status, 200) << put.response.Body();
  EXPECT_EQ(again().status, 200);
  EXPECT_EQ(api().Get("/api/devices").response.Header("ETag"), "");
}

TEST_F(Proxy, TheAccessLogHasNoSecret) {
  ApiClient client(nginx_->port());
  client.Call(http::Method::kPost, "/api/auth/login",
              R"({"email":"a@b.c","password":"hunter2-in-a-body"})",
              {{"X-Request-Id", "secret-1"}});
  client.Call(http::Method::kPost, "/write?u=x&p=hunter2-in-a-query", "m v=1",
              {{"X-Request-Id", "secret-2"}});
  EXPECT_EQ(Line("secret-1").at("status"), 401);
  EXPECT_EQ(Line("secret-2").at("path"), "/write");
  const std::string log = ReadFile(data_dir() / "access.log");
  EXPECT_EQ(log.find("hunter2"), std::string::npos);
  EXPECT_EQ(log.find(api().token()), std::string::npos);
}

}  // namespace
}  // namespace energy::integration
