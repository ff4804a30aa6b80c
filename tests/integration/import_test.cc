#include "integration/api_fixture.h"

namespace energy::integration {
namespace {

// A real household, if the data lie beside the repository.
std::string Household() {
  for (const char* root : {"../shared/data/", "../../shared/data/", "../../../shared/data/"}) {
    const std::string path = std::string(root) + "household_power_2days.csv";
    if (std::filesystem::exists(path)) return std::filesystem::absolute(path).string();
  }
  return {};
}

// The readings are of 2007.
Environment KeepEverything() {
  return {{"ENERGY_SERIES__RETENTION_DAYS", "0"},
          {"ENERGY_SERIES__HOURLY_RETENTION_DAYS", "0"},
          {"ENERGY_SERIES__DAILY_RETENTION_DAYS", "0"}};
}

class Import : public Api {
 protected:
  void SetUp() override {
    if (Household().empty()) GTEST_SKIP() << "no household_power_2days.csv";
    Start(KeepEverything());
    base::Json fields = base::Json::array();
    for (const auto& [name, unit, max] : {std::tuple{"power", "W", 25'000},
                                          {"reactive_power", "var", 25'000},
                                          {"voltage", "V", 300},
                                          {"current", "A", 100}}) {
      fields.push_back({{"name", name}, {"unit", unit}, {"min", 0}, {"max", max}});
    }
    api().PostData("/api/profiles", {{"type", "household_meter"}, {"fields", fields}});
    api().PostData("/api/devices", {{"id", "H1"},
                                    {"name", "Household"},
                                    {"type", "household_meter"},
                                    {"metadata", {{"reporting_interval_s", 60}}}});
  }
  Outcome Run(const Arguments& more) {
    Arguments arguments{"import",        Household(),
                        "--device",      "H1",
                        "--data-dir",    data_dir().string(),
                        "--time-column", "Date,Time",
                        "--time-format", "%d/%m/%Y %H:%M:%S",
                        "--time-zone",   "Europe/Paris",
                        "--missing",     "?"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunProgram(arguments);
  }
  base::Json All() {
    return api().GetData(
        "/api/data/telemetry/H1?start=2007-01-01T00:00:00Z&end=2007-03-01T00:00:00Z");
  }
  const Arguments map_{"--map",
                       "power=Global_active_power,reactive_power=Global_reactive_power,"
                       "voltage=Voltage,current=Global_intensity",
                       "--scale", "power=1000,reactive_power=1000"};
};

TEST_F(Import, AHouseholdThroughTheRunningServerTwice) {
  for (int i = 0; i < 2; ++i) {
    const Outcome outcome = Run(map_);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "2880 readings of H1 stored, 0 rows refused\n") << outcome.err;
  }
  const base::Json stored = All();
  ASSERT_EQ(stored.at("count"), 2880);
  const base::Json& first = stored.at("data").at(0);
  EXPECT_EQ(first.at("timestamp"), "2007-01-31T23:00:00Z") << "midnight in Paris";
  EXPECT_EQ(first.at("power"), 326);
  EXPECT_EQ(first.at("voltage"), 243.15);
}

TEST_F(Import, IntoAStoppedDataFolder) {
  platform().process().Interrupt();
  const Outcome outcome = Run(map_);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("importing into it directly"), std::string::npos) << outcome.err;
  Start(KeepEverything());
  EXPECT_EQ(All().at("count"), 2880);
}

TEST_F(Import, NamesTheLinesThatAreRefused) {
  const Outcome high = Run({"--map", "power=Global_active_power", "--scale", "power=10000"});
  EXPECT_EQ(high.exit_code, 3) << high.err;
  EXPECT_NE(high.err.find("outside 0 to 25000"), std::string::npos) << high.err;
  const Outcome all = Run({"--map", "power=Voltage", "--scale", "power=1000"});
  EXPECT_EQ(all.exit_code, 1);
  EXPECT_NE(all.err.find("line 2: "), std::string::npos) << all.err;
  EXPECT_NE(all.err.find("none of the first 2000 rows was accepted"), std::string::npos) << all.err;
  const Outcome unknown = Run({"--map", "power=Nothing"});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_NE(unknown.err.find("the file has Date, Time, Global_active_power"), std::string::npos)
      << unknown.err;
}

}  // namespace
}  // namespace energy::integration
