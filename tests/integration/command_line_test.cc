#include <gtest/gtest.h>

#include "integration/platform_process.h"

namespace energy::integration {
namespace {

TEST(CommandLine, AllErrorsOfAConfigurationAreToldAtOnce) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "bad.yaml";
  const std::filesystem::path data_dir = folder.path() / "data";
  WriteFile(file,
            "http:\n  port: 99999\n  colour: blue\n"
            "mqtt:\n  allow_anonymous: perhaps\n  max_connections: many\n"
            "log:\n  level: loud\n"
            "auth:\n  jwt_secret: ${NO_SUCH_VARIABLE}\n"
            "typo: 1\n");
  for (const char* command : {"serve", "demo", "check-config"}) {
    SCOPED_TRACE(command);
    const Outcome outcome =
        RunProgram({command, "--config", file.string(), "--data-dir", data_dir.string()},
                   {{"ENERGY_SERIES__SEAL_AGE_S", "0"}});
    EXPECT_EQ(outcome.exit_code, 2);
    for (const char* part :
         {"http.port", "http.colour", "mqtt.allow_anonymous", "mqtt.max_connections", "log.level",
          "NO_SUCH_VARIABLE", "typo", "series.seal_age_s", "ENERGY_SERIES__SEAL_AGE_S", "65535"}) {
      EXPECT_NE(outcome.err.find(part), std::string::npos) << part << " in\n" << outcome.err;
    }
  }
  EXPECT_FALSE(std::filesystem::exists(data_dir));

  WriteFile(file, "http: [1, 2\n");
  EXPECT_EQ(RunProgram({"check-config", "--config", file.string()}).exit_code, 2);
  const Outcome missing = RunProgram({"check-config", "--config", "/no/such/file.yaml"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_NE(missing.err.find("/no/such/file.yaml"), std::string::npos) << missing.err;
}

TEST(CommandLine, ASigningKeyThatIsTooShortIsRefused) {
  const TemporaryFolder folder;
  const Environment environment{{"JWT_SECRET", "too short"}};
  const Outcome serve = RunProgram({"serve", "--data-dir", folder.path().string(), "--http",
                                    "127.0.0.1:0", "--mqtt", "127.0.0.1:0"},
                                   environment);
  EXPECT_NE(serve.exit_code, 0);
  EXPECT_NE(serve.err.find("auth.jwt_secret"), std::string::npos) << serve.err;
  EXPECT_EQ(serve.err.find("too short"), std::string::npos) << "prints the secret: " << serve.err;
}

TEST(CommandLine, TheExampleIsAGoodConfiguration) {
  const Outcome example = RunProgram({"check-config", "--example"});
  ASSERT_EQ(example.exit_code, 0) << example.err;
  const TemporaryFolder folder;
  WriteFile(folder.path() / "example.yaml", example.out);
  const Outcome checked =
      RunProgram({"check-config", "--config", (folder.path() / "example.yaml").string()});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_NE(checked.out.find("fine"), std::string::npos) << checked.out;
}

TEST(CommandLine, TheEffectiveConfigurationIsPrintedWithoutSecrets) {
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

TEST(CommandLine, TheCommandLineIsChecked) {
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

}  // namespace
}  // namespace energy::integration
