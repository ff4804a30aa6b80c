#include <cmath>
#include <filesystem>
#include <fstream>

#include "cache/test_support.h"
#include "integration/platform_test.h"
#include "integration/postgresql_server.h"

/// Two programs, copies of one installation, and one Redis: what must hold on both.
namespace energy::integration {
namespace {

class Replicas : public testing::Test {
 protected:
  // The second is a copy of the first's data: the same keys and users.
  void Start(Environment environment = {}) {
    environment.emplace_back("ENERGY_CACHE__URL", redis_.url());
    environment.emplace_back("ENERGY_CACHE__TIMEOUT_MS", "2000");
    const auto first = folder_.path() / "one";
    const auto second = folder_.path() / "two";
    {
      Platform maker({.data_dir = first});
      maker.process().Interrupt();
    }
    std::filesystem::copy(first, second, std::filesystem::copy_options::recursive);
    one_ = std::make_unique<Platform>(
        Platform::Options{.data_dir = first, .environment = environment});
    two_ = std::make_unique<Platform>(
        Platform::Options{.data_dir = second, .environment = environment});
    here_ = std::make_unique<ApiClient>(one_->http_port());
    there_ = std::make_unique<ApiClient>(two_->http_port());
    here_->LoginAsAdmin(first);
    there_->set_token(here_->token());
  }
  // One sample of /metrics; NaN when it is not there.
  static double Metric(ApiClient& api, const std::string& name) {
    const std::string text = api.Get("/metrics").response.Body();
    const size_t at = text.find("\n" + name + " ");
    return at == std::string::npos ? NAN : std::stod(text.substr(at + name.size() + 2));
  }

  cache::test::RedisServer redis_{"s3cret"};
  TemporaryFolder folder_;
  std::unique_ptr<Platform> one_;
  std::unique_ptr<Platform> two_;
  std::unique_ptr<ApiClient> here_;
  std::unique_ptr<ApiClient> there_;
};

TEST_F(Replicas, ALogoutHoldsOnBoth) {
  Start();
  EXPECT_EQ(here_->Get("/api/auth/me").status, 200);
  EXPECT_EQ(there_->Get("/api/auth/me").status, 200);
  EXPECT_EQ(here_->Post("/api/auth/logout", base::Json::object()).status, 200);
  EXPECT_EQ(there_->Get("/api/auth/me").status, 401);
  EXPECT_EQ(here_->Get("/api/auth/me").status, 401);
}

TEST_F(Replicas, FailedLoginsCountOnBoth) {
  Start({{"ENERGY_AUTH__BCRYPT_COST", "4"}});
  const base::Json wrong{{"email", "admin@localhost"}, {"password", "not this one"}};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ((i % 2 == 0 ? here_ : there_)->Post("/api/auth/login", wrong).status, 401);
  }
  for (ApiClient* api : {here_.get(), there_.get()}) {
    const Answer locked = api->Post("/api/auth/login", wrong);
    EXPECT_EQ(locked.status, 429);
    EXPECT_FALSE(locked.response.Header("Retry-After").empty());
  }
}

TEST_F(Replicas, AnOutageRefusesSessionsAndEnds) {
  Start();
  EXPECT_EQ(Metric(*here_, "cache_up"), 1);
  redis_.Kill();
  ASSERT_TRUE(WaitUntil([&] { return here_->Get("/ready").status == 503; }));
  EXPECT_EQ(Metric(*here_, "cache_up"), 0);
  const Answer refused = here_->Get("/api/auth/me");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.error().at("code"), "UNAVAILABLE");
  EXPECT_EQ(here_->Get("/health").status, 200);

  redis_.Start();
  ASSERT_TRUE(WaitUntil([&] { return here_->Get("/ready").status == 200; }));
  ASSERT_TRUE(WaitUntil([&] { return there_->Get("/ready").status == 200; }));
  EXPECT_EQ(here_->Get("/api/auth/me").status, 200);
}

TEST_F(Replicas, WhereASitePrefersItAnOutageAcceptsSessionsAndRemembersLogouts) {
  Start({{"ENERGY_AUTH__SESSIONS_WITHOUT_CACHE", "accept"}});
  redis_.Kill();
  ASSERT_TRUE(WaitUntil([&] { return Metric(*here_, "cache_up") == 0; }));
  EXPECT_EQ(here_->Get("/ready").status, 200);
  EXPECT_EQ(there_->Get("/api/auth/me").status, 200);
  EXPECT_EQ(here_->Post("/api/auth/logout", base::Json::object()).status, 200);
  EXPECT_EQ(here_->Get("/api/auth/me").status, 401);

  redis_.Start();  // empty: the first tells what it knows
  EXPECT_TRUE(WaitUntil([&] { return there_->Get("/api/auth/me").status == 401; }));
}

/// Two programs that were never one: each has a data folder of its own, and they share PostgreSQL,
/// Redis over TLS, and a folder of keys.
TEST(ReplicasFromTheStart, TakeEachOthersTokensKeysAndCredentials) {
  const PostgresqlServer database;
  const cache::test::Certificates certificates;
  const cache::test::RedisServer redis("s3cret", certificates);
  const TemporaryFolder folder;
  const auto password_file = folder.path() / "redis-password";
  std::ofstream(password_file) << "s3cret\n";
  const Environment environment{
      {"ENERGY_STORAGE__SQL__URL", database.url()},
      {"ENERGY_AUTH__KEYS_DIR", (folder.path() / "keys").string()},
      {"ENERGY_CACHE__URL", "rediss://localhost:" + std::to_string(redis.port())},
      {"ENERGY_CACHE__PASSWORD_FILE", password_file.string()},
      {"ENERGY_CACHE__TLS__CA_FILE", certificates.File("ca.crt")},
      {"ENERGY_CACHE__TIMEOUT_MS", "2000"},
      {"ENERGY_LIMITS__ENABLED", "false"}};
  Platform one({.data_dir = folder.path() / "one", .environment = environment});
  Platform two({.data_dir = folder.path() / "two", .environment = environment});
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "one/keys"));
  EXPECT_EQ(std::filesystem::status(folder.path() / "keys").permissions(),
            std::filesystem::perms::owner_all);
  ApiClient here(one.http_port());
  ApiClient there(two.http_port());
  ASSERT_EQ(there.Get("/ready").status, 200) << there.Get("/ready").response.Body();
  here.LoginAsAdmin(folder.path() / "one");

  // A key, and the password of a device, which one made.
  const base::Json made =
      here.PostData("/api/api-keys", {{"name", "reader"}, {"scopes", {"read_telemetry"}}});
  const Credential device = here.MakeDevice("D1");
  there.set_token(made.at("secret"));
  ASSERT_TRUE(WaitUntil([&] { return there.Get("/api/devices/D1").status == 200; }));
  mqtt::ClientOptions options;
  options.username = device.username;
  options.password = device.password;
  ASSERT_TRUE(
      WaitUntil([&] { return mqtt::Client(options).Connect("127.0.0.1", two.mqtt_port()).ok(); }));
  there.set_token(here.token());
  EXPECT_EQ(there.Get("/api/auth/me").status, 200);
  EXPECT_EQ(there.Post("/api/auth/logout", base::Json::object()).status, 200);
  EXPECT_EQ(here.Get("/api/auth/me").status, 401);
}

/// Two programs on one PostgreSQL: a device that one of them made, changed or removed is the same
/// for readings that the other takes.
TEST(ReplicasOnOneDatabase, TakeReadingsOfEachOthersDevices) {
  const PostgresqlServer database;
  const TemporaryFolder folder;
  const Environment environment{{"ENERGY_STORAGE__SQL__URL", database.url()},
                                {"ENERGY_AUTH__KEYS_DIR", (folder.path() / "keys").string()},
                                {"ENERGY_LIMITS__ENABLED", "false"}};
  Platform one({.data_dir = folder.path() / "one", .environment = environment});
  Platform two({.data_dir = folder.path() / "two", .environment = environment});
  ApiClient here(one.http_port());
  ApiClient there(two.http_port());
  here.LoginAsAdmin(folder.path() / "one");
  there.set_token(here.token());
  const auto write = [&](double voltage) {
    const base::Json reading{{"timestamp", base::FormatTimestamp(NowMs())},
                             {"voltage", voltage},
                             {"current", 1},
                             {"power", 200},
                             {"temperature", 40}};
    return there.Post("/api/data/telemetry/D1", reading).status;
  };
  ASSERT_EQ(write(230), 404);

  here.PostData("/api/devices", {{"id", "D1"}, {"name", "one"}, {"type", "bulb"}});
  const auto made = std::chrono::steady_clock::now();
  ASSERT_TRUE(WaitUntil([&] { return write(230) == 200; }));
  if (!kSanitized) {
    EXPECT_LT(std::chrono::steady_clock::now() - made, std::chrono::seconds(5));
  }

  ASSERT_NE(write(270), 200) << "beyond the range of the profile";
  base::Json fields = here.GetData("/api/profiles/bulb").at("fields");
  for (base::Json& field : fields) {
    if (field.at("name") == "voltage") field["max"] = 300;
  }
  ASSERT_EQ(here.Put("/api/profiles/bulb", {{"fields", fields}}).status, 200);
  ASSERT_TRUE(WaitUntil([&] { return write(270) == 200; }));

  ASSERT_EQ(here.Delete("/api/devices/D1").status, 200);
  ASSERT_TRUE(WaitUntil([&] { return write(230) == 404; }));
}

}  // namespace
}  // namespace energy::integration
