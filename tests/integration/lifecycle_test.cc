#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <regex>
#include <set>
#include <sstream>

#include "integration/load.h"
#include "integration/platform_test.h"

namespace energy::integration {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class Lifecycle : public PlatformTest {
 protected:
  static mode_t ModeOf(const std::filesystem::path& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0;
  }
  // What the program says about its own failure, without its log.
  static std::vector<std::string> Messages(const std::string& err) {
    std::vector<std::string> lines;
    std::istringstream text(err);
    for (std::string line; std::getline(text, line);) {
      if (!std::regex_search(line, std::regex(R"(^\d{4}-\d\d-\d\dT\S+Z \w+ \[)"))) {
        lines.push_back(line);
      }
    }
    return lines;
  }
  static Arguments ServeOn(const std::filesystem::path& data_dir,
                           const std::string& http = "127.0.0.1:0",
                           const std::string& mqtt = "127.0.0.1:0") {
    return {"serve", "--data-dir", data_dir.string(), "--http", http, "--mqtt", mqtt};
  }
};

TEST_F(Lifecycle, TheFirstStartMakesKeysAndCredentialsForItsOwnerOnly) {
  Start();
  EXPECT_EQ(ModeOf(data_dir() / "admin-credentials.json"), 0600U);
  EXPECT_EQ(ModeOf(data_dir() / "keys/jwt.key"), 0600U);
  EXPECT_EQ(ModeOf(data_dir() / "keys/mqtt.key"), 0600U);
  EXPECT_EQ(ModeOf(data_dir() / "metadata.db") & 077U, 0U);
  const base::Json admin = base::Json::parse(ReadFile(data_dir() / "admin-credentials.json"));
  const std::string out = platform().process().Out();
  EXPECT_NE(out.find(admin.at("email").get<std::string>()), std::string::npos) << out;
  EXPECT_NE(out.find(admin.at("password").get<std::string>()), std::string::npos) << out;
  EXPECT_NE(out.find("http://127.0.0.1:" + std::to_string(platform().http_port())),
            std::string::npos)
      << out;
  EXPECT_NE(out.find(std::to_string(platform().mqtt_port())), std::string::npos) << out;
  // The log goes to files and collectors: no secrets there.
  EXPECT_EQ(platform().process().Err().find(admin.at("password").get<std::string>()),
            std::string::npos);

  Restart(SIGINT);
  EXPECT_EQ(platform().process().Out().find(admin.at("password").get<std::string>()),
            std::string::npos)
      << "a later start prints the password again";
  EXPECT_EQ(base::Json::parse(ReadFile(data_dir() / "admin-credentials.json")), admin);
}

TEST_F(Lifecycle, TheAdminIsTheOneOfTheEnvironment) {
  const Environment environment{{"ENERGY_ADMIN_EMAIL", "boss@example.com"},
                                {"ENERGY_ADMIN_PASSWORD", "a password of mine"}};
  Platform platform({.data_dir = data_dir(), .environment = environment});
  ApiClient api(platform.http_port());
  api.Login("boss@example.com", "a password of mine");
  const base::Json me = api.GetData("/api/auth/me");
  EXPECT_EQ(me.at("email"), "boss@example.com");
  EXPECT_EQ(me.at("role"), "admin");
}

TEST_F(Lifecycle, ALaterStartKeepsEverything) {
  Start();
  const Credential device = api().MakeDevice("D1");
  const std::string rule = api()
                               .PostData("/api/rules", {{"name", "r"},
                                                        {"device_id", "D1"},
                                                        {"property", "power"},
                                                        {"operator", ">"},
                                                        {"threshold", 400}})
                               .at("id");
  const Reading reading{NowMs() - minutes(1)};
  ASSERT_TRUE(Publish(*Connect(device), device, reading).ok());
  const base::Json before = api().GetData("/api/rules/" + rule);
  Restart(SIGINT);
  // Also the session and the device's password.
  EXPECT_EQ(api().GetData("/api/rules/" + rule), before);
  EXPECT_EQ(Stored("D1", reading.time, reading.time + seconds(1)), std::vector{reading});
  EXPECT_EQ(api().GetData("/api/devices/D1").at("last_seen"), base::FormatTimestamp(reading.time));
  EXPECT_TRUE(Publish(*Connect(device), device, {NowMs()}).ok());
}

class StopSignal : public Lifecycle, public testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Signals, StopSignal, testing::Values(SIGINT, SIGTERM));

TEST_P(StopSignal, StopsWithin3SecondsUnderLoadAndLosesNothing) {
  Start();
  std::vector<Credential> devices;
  for (int i = 0; i < 8; ++i) {
    devices.push_back(api().MakeDevice("load-" + std::to_string(i), "counter"));
  }
  Load load(devices, 256);
  load.Start(platform().mqtt_port());
  ASSERT_TRUE(load.WaitForAcknowledged(5000));
  const auto before = std::chrono::steady_clock::now();
  platform().process().Signal(GetParam());
  const auto ended = platform().process().Wait();
  const auto took = std::chrono::steady_clock::now() - before;
  load.Abandon();
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->exit_code, 0) << platform().process().Err();
  if (!kSanitized) {
    EXPECT_LT(took, seconds(3));
  }
  EXPECT_NE(platform().process().Err().find("everything acknowledged is stored"),
            std::string::npos);
  Restart(SIGKILL);
  load.ExpectAllStored(api());
}

TEST_F(Lifecycle, StopsWhileClientsOnlyHold) {
  Start();
  const Credential device = api().MakeDevice("D1");
  const auto idle = Connect(device);
  http::WebSocketOptions options;
  options.port = platform().http_port();
  options.target = "/api/data/telemetry/D1/live";
  options.headers = {{"Authorization", "Bearer " + api().token()}};
  auto live = http::WebSocketClient::Connect(options);
  ASSERT_TRUE(live.ok()) << live.status().ToString();
  const auto [ended, took] = platform().process().Interrupt();
  EXPECT_EQ(ended.exit_code, 0);
  if (!kSanitized) {
    EXPECT_LT(took, seconds(3));
  }
  EXPECT_EQ(live->Receive(kPatience).status().code(), base::Code::kNotFound);
  EXPECT_EQ(live->close_code(), 1001);
}

TEST_F(Lifecycle, ASecondProcessOnTheSameFolderIsRefused) {
  Start();
  const Outcome second = RunProgram(ServeOn(data_dir()));
  EXPECT_EQ(second.exit_code, 1);
  const auto messages = Messages(second.err);
  ASSERT_EQ(messages.size(), 1U) << second.err;
  EXPECT_NE(
      messages[0].find("another energy-platform runs on the data folder " + data_dir().string()),
      std::string::npos)
      << messages[0];
  EXPECT_EQ(api().Get("/ready").status, 200);
  // The lock is not a file that a crash leaves behind.
  platform().process().Kill();
  Start();
  EXPECT_EQ(api().Get("/ready").status, 200);
}

TEST_F(Lifecycle, APortInUseIsOneClearLine) {
  Start();
  const TemporaryFolder other;
  const std::string http = "127.0.0.1:" + std::to_string(platform().http_port());
  const std::string mqtt = "127.0.0.1:" + std::to_string(platform().mqtt_port());
  for (const auto& [arguments, endpoint] :
       {std::pair{ServeOn(other.path() / "a", http), http},
        std::pair{ServeOn(other.path() / "b", "127.0.0.1:0", mqtt), mqtt}}) {
    const Outcome outcome = RunProgram(arguments);
    EXPECT_EQ(outcome.exit_code, 1);
    const auto messages = Messages(outcome.err);
    ASSERT_EQ(messages.size(), 1U) << outcome.err;
    EXPECT_NE(messages[0].find(endpoint), std::string::npos) << messages[0];
    EXPECT_TRUE(std::regex_search(messages[0], std::regex("listens on|in use"))) << messages[0];
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(Lifecycle, AFolderThatCannotBeWrittenIsOneClearLine) {
  const TemporaryFolder parent;
  WriteFile(parent.path() / "file", "");
  const std::filesystem::path below_a_file = parent.path() / "file" / "data";
  const Outcome outcome = RunProgram(ServeOn(below_a_file));
  EXPECT_EQ(outcome.exit_code, 1);
  const auto messages = Messages(outcome.err);
  ASSERT_EQ(messages.size(), 1U) << outcome.err;
  EXPECT_NE(messages[0].find(below_a_file.string()), std::string::npos) << messages[0];
  EXPECT_NE(messages[0].find("--data-dir"), std::string::npos) << messages[0];

  const Outcome a_file = RunProgram(ServeOn(parent.path() / "file"));
  EXPECT_EQ(a_file.exit_code, 1);
  EXPECT_EQ(Messages(a_file.err).size(), 1U) << a_file.err;

  if (geteuid() == 0) return;  // root may write anywhere
  std::filesystem::create_directory(parent.path() / "read-only");
  chmod((parent.path() / "read-only").c_str(), 0500);
  EXPECT_EQ(RunProgram(ServeOn(parent.path() / "read-only")).exit_code, 1);
}

TEST_F(Lifecycle, AMetadataDatabaseThatIsNoneIsRefused) {
  std::filesystem::create_directories(data_dir());
  WriteFile(data_dir() / "metadata.db", std::string(8192, 'x'));
  const Outcome outcome = RunProgram(ServeOn(data_dir()));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(Messages(outcome.err).size(), 1U) << outcome.err;
}

TEST_F(Lifecycle, AllErrorsOfAConfigurationAreToldAtOnce) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "bad.yaml";
  WriteFile(file,
            "http:\n  port: 99999\n  colour: blue\n"
            "mqtt:\n  allow_anonymous: perhaps\n  max_connections: many\n"
            "log:\n  level: loud\n"
            "auth:\n  jwt_secret: ${NO_SUCH_VARIABLE}\n"
            "typo: 1\n");
  for (const char* command : {"serve", "demo", "check-config"}) {
    SCOPED_TRACE(command);
    const Outcome outcome =
        RunProgram({command, "--config", file.string(), "--data-dir", data_dir().string()},
                   {{"ENERGY_SERIES__SEAL_AGE_S", "0"}});
    EXPECT_EQ(outcome.exit_code, 2);
    for (const char* part :
         {"http.port", "http.colour", "mqtt.allow_anonymous", "mqtt.max_connections", "log.level",
          "NO_SUCH_VARIABLE", "typo", "series.seal_age_s", "ENERGY_SERIES__SEAL_AGE_S", "65535"}) {
      EXPECT_NE(outcome.err.find(part), std::string::npos) << part << " in\n" << outcome.err;
    }
  }
  EXPECT_FALSE(std::filesystem::exists(data_dir()));

  WriteFile(file, "http: [1, 2\n");
  EXPECT_EQ(RunProgram({"check-config", "--config", file.string()}).exit_code, 2);
  const Outcome missing = RunProgram({"check-config", "--config", "/no/such/file.yaml"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_NE(missing.err.find("/no/such/file.yaml"), std::string::npos) << missing.err;
}

TEST_F(Lifecycle, ASigningKeyThatIsTooShortIsRefused) {
  const Environment environment{{"JWT_SECRET", "too short"}};
  const Outcome serve = RunProgram(ServeOn(data_dir()), environment);
  EXPECT_NE(serve.exit_code, 0);
  EXPECT_NE(serve.err.find("auth.jwt_secret"), std::string::npos) << serve.err;
  EXPECT_EQ(serve.err.find("too short"), std::string::npos) << "prints the secret: " << serve.err;
}

TEST_F(Lifecycle, TheExampleIsAGoodConfiguration) {
  const Outcome example = RunProgram({"check-config", "--example"});
  ASSERT_EQ(example.exit_code, 0) << example.err;
  const TemporaryFolder folder;
  WriteFile(folder.path() / "example.yaml", example.out);
  const Outcome checked =
      RunProgram({"check-config", "--config", (folder.path() / "example.yaml").string()});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_NE(checked.out.find("fine"), std::string::npos) << checked.out;
}

TEST_F(Lifecycle, TheEffectiveConfigurationIsPrintedWithoutSecrets) {
  const TemporaryFolder folder;
  WriteFile(folder.path() / "c.yaml",
            "http:\n  port: 1111\nmqtt:\n  port: 2222\nauth:\n  admin_password: ${MY_PASSWORD}\n");
  const Outcome outcome = RunProgram(
      {"serve", "--config", (folder.path() / "c.yaml").string(), "--mqtt", "127.0.0.2:4444",
       "--print-config"},
      {{"MY_PASSWORD", "hunter2-admin"},
       {"ENERGY_MQTT__PORT", "3333"},
       {"JWT_SECRET", "hunter2-jwt-0123456789abcdefghijk"},
       {"ENERGY_STORAGE__SQL__URL", "postgresql://energy:hunter2-sql@127.0.0.1/energy"}});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out.find("hunter2"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("***"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("port: 1111"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("port: 4444"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find("3333"), std::string::npos) << outcome.out;
}

TEST_F(Lifecycle, TheCommandLineIsChecked) {
  const Outcome version = RunProgram({"version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(version.out, "energy-platform " ENERGY_VERSION "\n");
  EXPECT_EQ(RunProgram({}).exit_code, 2);
  EXPECT_EQ(RunProgram({"fly"}).exit_code, 2);
  EXPECT_EQ(RunProgram({"serve", "--wings"}).exit_code, 2);
  EXPECT_EQ(RunProgram({"simulate", "--interval-ms", "0"}).exit_code, 2);
  EXPECT_EQ(RunProgram({"serve", "--http", "127.0.0.1:http"}).exit_code, 2);
  const Outcome help = RunProgram({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* command : {"serve", "demo", "simulate", "check-config", "version"}) {
    EXPECT_NE(help.out.find(command), std::string::npos) << command;
  }
}

TEST_F(Lifecycle, SimulatePublishesUntilItIsStopped) {
  Start();
  const Credential device = api().MakeDevice("D1");
  const Arguments arguments{"simulate",   "--port",        std::to_string(platform().mqtt_port()),
                            "--username", device.username, "--devices",
                            "D1",         "--interval-ms", "20"};
  PlatformProcess simulator(arguments, {{"ENERGY_SIMULATE_PASSWORD", device.password}});
  EXPECT_TRUE(WaitUntil([&] {
    return Stored("D1", NowMs() - minutes(10), NowMs() + minutes(1)).size() >= 20;
  })) << simulator.Err();
  const auto [ended, took] = simulator.Interrupt();
  EXPECT_EQ(ended.exit_code, 0);
  const size_t stored = Stored("D1", NowMs() - minutes(10), NowMs() + minutes(1)).size();
  EXPECT_NE(simulator.Out().find(std::to_string(stored) + " readings acknowledged, 0 refused"),
            std::string::npos)
      << simulator.Out() << stored;

  const Outcome refused = RunProgram(arguments, {{"ENERGY_SIMULATE_PASSWORD", "wrong"}});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(Messages(refused.err).size(), 1U) << refused.err;
}

class DemoTest : public testing::Test {
 protected:
  void StartDemo(const Arguments& arguments = {}) {
    platform_ = std::make_unique<Platform>(
        Platform::Options{.data_dir = data_dir_, .command = "demo", .arguments = arguments});
    api_ = std::make_unique<ApiClient>(platform_->http_port());
    api_->LoginAsAdmin(data_dir_);
  }
  // Readings of D1 in the last `age`, and whether they are a reading each five seconds.
  int64_t CountHistory(std::chrono::hours age) {
    const auto now = std::chrono::floor<std::chrono::hours>(NowMs());
    int64_t count = 0;
    constexpr std::chrono::hours kStep{24};  // 17,280 readings
    for (auto start = now - age; start < now; start += kStep) {
      count += api_->GetData("/api/data/telemetry/D1?fields=power&limit=100000&start=" +
                             base::FormatTimestamp(start) +
                             "&end=" + base::FormatTimestamp(std::min(start + kStep, now)))
                   .at("count")
                   .get<int64_t>();
    }
    return count;
  }

  TemporaryFolder folder_;
  const std::filesystem::path data_dir_ = folder_.path() / "data";
  std::unique_ptr<Platform> platform_;
  std::unique_ptr<ApiClient> api_;
};

TEST_F(DemoTest, HasADeviceTwoWeeksOfHistoryRulesAndLiveReadings) {
  StartDemo();
  std::cout << "first start: " << platform_->start_time().count() << " ms\n";
  EXPECT_EQ(api_->GetData("/api/devices").at("total"), 1);
  EXPECT_EQ(api_->GetData("/api/devices/D1").at("type"), "bulb");
  EXPECT_EQ(CountHistory(std::chrono::hours(24 * 13)), 13 * 17'280);
  // The first and the last day are not whole.
  const int64_t all = CountHistory(std::chrono::hours(24 * 15));
  EXPECT_GE(all, 241'920 - 720);
  EXPECT_LE(all, 241'920);
  std::set<std::string> rules;
  const base::Json listed = api_->GetData("/api/rules");
  for (const base::Json& rule : listed.at("rules")) {
    rules.insert(rule.at("property").get<std::string>() + rule.at("operator").get<std::string>() +
                 rule.at("threshold").dump());
  }
  EXPECT_EQ(rules, (std::set<std::string>{"temperature>50.0", "voltage>245.0"}));
  EXPECT_GT(api_->GetData("/api/alerts").at("total"), 0);

  http::WebSocketOptions options;
  options.port = platform_->http_port();
  options.target = "/api/data/telemetry/D1/live";
  options.subprotocols = {"bearer", api_->token()};
  auto live = http::WebSocketClient::Connect(options);
  ASSERT_TRUE(live.ok()) << live.status().ToString();
  const auto first = live->Receive(seconds(7));
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  const auto next = live->Receive(seconds(7));
  ASSERT_TRUE(next.ok()) << next.status().ToString();
  EXPECT_LT(std::chrono::abs(ToReading(base::Json::parse(*next)).time - NowMs()), seconds(2));
  EXPECT_EQ(api_->GetData("/api/devices/D1/status").at("online"), true);
  EXPECT_EQ(api_->GetData("/api/data/dead-letters").at("total"), 0);

  const auto memory = api_->GetData("/api/system").at("memory_bytes").get<int64_t>();
  std::cout << "memory: " << memory / 1'000'000 << " MB\n";
  EXPECT_GT(memory, 1'000'000);
  if (!kSanitized) {
    EXPECT_LT(memory, 120'000'000);
  }
}

TEST_F(DemoTest, ALaterStartIsReadyWithin2SecondsAndKeepsWhatIsThere) {
  StartDemo();
  ASSERT_EQ(api_->Put("/api/devices/D1", {{"name", "My lamp"}}).status, 200);
  const int64_t before = CountHistory(std::chrono::hours(24 * 13));
  for (const int signal : {SIGINT, SIGKILL}) {
    SCOPED_TRACE(signal);
    platform_->process().Signal(signal);
    ASSERT_TRUE(platform_->process().Wait());
    StartDemo();
    std::cout << "later start: " << platform_->start_time().count() << " ms\n";
    if (!kSanitized) {
      EXPECT_LT(platform_->start_time(), seconds(2));
    }
    EXPECT_EQ(CountHistory(std::chrono::hours(24 * 13)), before);
    EXPECT_EQ(api_->GetData("/api/devices/D1").at("name"), "My lamp");
    EXPECT_EQ(api_->GetData("/api/rules").at("total"), 2);
  }
  if (kSanitized) return;
  const auto memory = api_->GetData("/api/system").at("memory_bytes").get<int64_t>();
  std::cout << "memory: " << memory / 1'000'000 << " MB\n";
  EXPECT_LT(memory, 120'000'000);
}

TEST_F(DemoTest, AStopDuringTheFirstStartLeavesAFolderThatWorks) {
  for (const int signal : {SIGKILL, SIGINT}) {
    SCOPED_TRACE(signal);
    Platform starting({.data_dir = data_dir_, .command = "demo"}, Platform::DoNotWait{});
    // It is writing its history then.
    ASSERT_TRUE(WaitUntil([&] {
      return starting.process().Err().find("[http] listening") != std::string::npos;
    })) << starting.process().Err();
    starting.process().Signal(signal);
    ASSERT_TRUE(starting.process().Wait());
  }
  StartDemo();
  EXPECT_EQ(CountHistory(std::chrono::hours(24 * 13)), 13 * 17'280)
      << "the history of a first start that was cut off is never completed";
  EXPECT_EQ(api_->GetData("/api/rules").at("total"), 2);
}

}  // namespace
}  // namespace energy::integration
