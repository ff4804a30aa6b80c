#include "base/config.h"

#include <gtest/gtest.h>

#include <map>

namespace energy::base {
namespace {

struct Options {
  int64_t port = 8080;
  std::string level = "info";
  std::string secret;
  bool anonymous = false;
  std::vector<std::string> roles{"all"};
};

struct Fixture {
  Options options;
  Config config;
  std::map<std::string, std::string> variables;

  Fixture() {
    config.Bind("http.port", &options.port,
                {.description = "Port of the API.", .min = 0, .max = 65535});
    config.Bind("log.level", &options.level,
                {.description = "Detail.", .one_of = {"debug", "info"}});
    config.Bind("auth.jwt_secret", &options.secret,
                {.description = "Key.", .secret = true, .alias = "JWT_SECRET"});
    config.Bind("mqtt.allow_anonymous", &options.anonymous, {.description = "No login."});
    config.Bind("server.roles", &options.roles,
                {.description = "Roles.", .one_of = {"all", "data", "web"}});
  }
  Config::Environment environment() {
    return [this](const char* name) -> const char* {
      const auto found = variables.find(name);
      return found == variables.end() ? nullptr : found->second.c_str();
    };
  }
};

TEST(Config, LaterSourcesWin) {
  Fixture f;
  f.variables = {{"ENERGY_HTTP__PORT", "9000"}, {"JWT_SECRET", "alias"}};
  f.config.LoadYaml("http: {port: 8000}\nlog: {level: debug}\nserver: {roles: [data, web]}",
                    "f.yaml", f.environment());
  EXPECT_EQ(f.options.port, 8000);
  f.config.LoadEnvironment(f.environment());
  EXPECT_EQ(f.options.port, 9000);
  EXPECT_EQ(f.options.secret, "alias");
  f.config.Set("http.port", "0", "--http");
  EXPECT_EQ(f.options.port, 0);
  EXPECT_EQ(f.options.roles, (std::vector<std::string>{"data", "web"}));
  EXPECT_TRUE(f.config.Check().ok()) << f.config.Check().ToString();
}

TEST(Config, ReportsEveryMistakeAtOnceAndKeepsTheDefaults) {
  Fixture f;
  f.config.LoadYaml(
      "http: {port: 70000, prot: 1}\nlog: {level: loud}\nmqtt: {allow_anonymous: yes}", "f.yaml",
      f.environment());
  const Status status = f.config.Check();
  ASSERT_EQ(status.fields().size(), 4u) << status.ToString();
  EXPECT_EQ(status.fields()[0].field, "http.port");
  EXPECT_EQ(status.fields()[1].field, "http.prot");
  EXPECT_EQ(status.fields()[2].field, "log.level");
  EXPECT_EQ(status.fields()[3].field, "mqtt.allow_anonymous");
  EXPECT_EQ(f.options.port, 8080);
}

TEST(Config, TakesValuesFromTheEnvironmentInsideTheFile) {
  Fixture f;
  f.variables = {{"SECRET", "s3cr3t"}};
  f.config.LoadYaml("auth: {jwt_secret: \"${SECRET}\"}", "f.yaml", f.environment());
  EXPECT_EQ(f.options.secret, "s3cr3t");
  f.config.LoadYaml("auth: {jwt_secret: \"${MISSING}\"}", "f.yaml", f.environment());
  EXPECT_FALSE(f.config.Check().ok());
}

TEST(Config, NeverPrintsASecret) {
  Fixture f;
  f.config.Set("auth.jwt_secret", "s3cr3t", "flag");
  EXPECT_EQ(f.config.Print().find("s3cr3t"), std::string::npos);
  EXPECT_NE(f.config.Print().find("jwt_secret: \"***\""), std::string::npos);
}

TEST(Config, ItsExampleLoadsAsItself) {
  Fixture f;
  const std::string example = f.config.Example();
  Fixture g;
  g.config.LoadYaml(example, "example", g.environment());
  EXPECT_TRUE(g.config.Check().ok()) << g.config.Check().ToString();
  EXPECT_EQ(g.config.Print(), f.config.Print());
}

TEST(Config, RefusesADocumentThatIsNoMap) {
  Fixture f;
  f.config.LoadYaml("- a\n- b", "f.yaml", f.environment());
  EXPECT_FALSE(f.config.Check().ok());
  Fixture g;
  g.config.LoadYaml("a: [", "f.yaml", g.environment());
  EXPECT_FALSE(g.config.Check().ok());
}

}  // namespace
}  // namespace energy::base
