#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <regex>
#include <set>
#include <sstream>

#include "http/websocket_client.h"
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
  // Who configured the password knows it: it is neither shown nor written anywhere.
  const std::string said = platform.process().Out() + platform.process().Err();
  EXPECT_NE(said.find("boss@example.com"), std::string::npos) << said;
  EXPECT_EQ(said.find("a password of mine"), std::string::npos) << said;
  platform.process().Interrupt();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data_dir())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(ReadFile(entry.path()).find("a password of mine"), std::string::npos) << entry.path();
  }
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

}  // namespace
}  // namespace energy::integration
