#include "app/commands.h"

#include <pthread.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/command_flags.h"
#include "app/database_commands.h"
#include "app/demo.h"
#include "app/import.h"
#include "app/maintenance_commands.h"
#include "app/platform.h"
#include "app/settings.h"
#include "app/version.h"
#include "base/time_text.h"
#include "sqlquery/helper.h"

namespace energy::app {
namespace {

// SIGINT and SIGTERM are taken by the main thread alone; blocked before any other thread starts.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A peer that went away is an error of write(2), not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Each connection is an open file, and the usual soft limit is 1,024.
void AllowManyFiles(const Settings& settings, const base::Logger& logger) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) getrlimit(RLIMIT_NOFILE, &limit);
  constexpr rlim_t kForTheRest = 2000;  // the stores, and browsers
  const rlim_t needed = static_cast<rlim_t>(settings.mqtt_max_connections) + kForTheRest;
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= needed) return;
  logger->warn(
      "this process may open {} files, but mqtt.max_connections = {} needs {}: raise the hard "
      "limit "
      "(ulimit -Hn, LimitNOFILE in systemd) or lower mqtt.max_connections",
      limit.rlim_cur, settings.mqtt_max_connections, needed);
}

void WaitForStopSignal(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
}

void PrintWhereToGo(const Platform& platform, const Settings& settings, bool demo) {
  std::cout << "\n  energy-platform " << kVersion << (demo ? " (demo)" : "") << " is ready\n\n"
            << "  Web page   " << platform.http_url() << "\n"
            << "  MQTT       " << platform.mqtt_endpoint() << "\n"
            << "  Data       " << std::filesystem::absolute(settings.data_dir).string() << "\n";
  const std::filesystem::path data_dir = std::filesystem::absolute(settings.data_dir);
  if (const auto& admin = platform.first_admin()) {
    std::cout << "\n  Log in as  " << admin->email << "\n"
              << "  Password   " << admin->generated_password.value_or("as configured") << "\n";
    if (admin->generated_password) {
      std::cout << "             (also in admin-credentials.json in the data folder)\n";
    }
  } else if (std::filesystem::exists(data_dir / "admin-credentials.json")) {
    std::cout
        << "\n  The admin's first password is in admin-credentials.json in the data folder.\n";
  }
  std::cout << "\n  Ctrl-C stops it; the data stays.\n" << std::endl;
}

// Runs the platform until a signal. `demo` furnishes it and simulates its device.
int Serve(const Settings& settings, const std::optional<DemoOptions>& demo_options) {
  const sigset_t signals = BlockStopSignals();
  const base::Logger logger = base::MakeLogger("app", settings.log_level);
  AllowManyFiles(settings, logger);
  auto opened = Platform::Open(settings, logger);
  if (!opened.ok()) return Fail(opened.status(), kFailed);
  Platform& platform = **opened;
  if (const base::Status status = platform.Start(); !status.ok()) return Fail(status, kFailed);

  std::optional<Demo> demo;
  if (demo_options) {
    demo.emplace(platform, *demo_options);
    base::Status status = demo->Furnish();
    if (status.ok()) status = demo->StartSimulator();
    if (!status.ok()) return Fail(status, kFailed);
  }
  if (const base::Status status = platform.Announce(); !status.ok()) return Fail(status, kFailed);
  PrintWhereToGo(platform, settings, demo.has_value());

  WaitForStopSignal(signals);
  logger->info("stopping");
  if (demo) demo->Stop();
  platform.Stop();
  logger->info("stopped; everything acknowledged is stored");
  return 0;
}

int Simulate(simulator::SimulatorOptions options, const std::string& log_level, int64_t count) {
  const sigset_t signals = BlockStopSignals();
  const base::Logger logger = base::MakeLogger("simulator", log_level);
  if (count > 0) {
    options.devices.clear();
    for (int64_t i = 1; i <= count; ++i) options.devices.push_back("D" + std::to_string(i));
  }
  const base::SystemClock clock;
  simulator::Simulator simulator(options, clock, logger);
  if (const base::Status status = simulator.Start(); !status.ok()) return Fail(status, kFailed);
  std::cout << "publishing " << options.devices.size() << " device(s) every "
            << options.interval.count() << " ms to " << options.host << ":" << options.port
            << "; Ctrl-C stops\n"
            << std::flush;
  WaitForStopSignal(signals);
  simulator.Stop();
  std::cout << simulator.acknowledged() << " readings acknowledged, " << simulator.refused()
            << " refused\n";
  return 0;
}

void AddServeFlags(CLI::App& command, Flags& flags) {
  command.add_option("--config", flags.config_file, "YAML file with options");
  command.add_option("--data-dir", flags.data_dir, "folder of the embedded stores");
  command.add_option("--role", flags.roles, "what this process does, comma-separated");
  command.add_option("--http", flags.http,
                     "ADDR:PORT of the API and the web page; port 0: a free one");
  command.add_option("--mqtt", flags.mqtt, "ADDR:PORT of the broker; port 0: a free one");
  command.add_flag("--print-config", flags.print_config, "print the effective options and end");
}

void AddSimulateFlags(CLI::App& command, simulator::SimulatorOptions& options, int64_t& count,
                      int64_t& interval_ms, std::string& shape) {
  command.add_option("--host", options.host, "host of the broker")->capture_default_str();
  command.add_option("--port", options.port, "port of the broker")->capture_default_str();
  command.add_option("--username", options.username, "MQTT user name; none: anonymous");
  command
      .add_option("--password", options.password,
                  "MQTT password; better in ENERGY_SIMULATE_PASSWORD")
      ->envname("ENERGY_SIMULATE_PASSWORD");
  command.add_option("--devices", options.devices, "device ids, comma-separated")->delimiter(',');
  command.add_option("--count", count, "instead: this many devices, D1 to D<count>")
      ->check(CLI::Range(1, 100'000));
  command.add_option("--interval-ms", interval_ms, "time between two readings of a device")
      ->check(CLI::Range(1, 86'400'000))
      ->capture_default_str();
  command.add_option("--faults", options.model.fault_probability, "probability of a fault, 0 to 1")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--seed", options.model.seed, "the same seed gives the same readings")
      ->capture_default_str();
  command.add_option("--shape", shape, "constant (LLD 6.2) or rhythm (day and week)")
      ->check(CLI::IsMember({"constant", "rhythm"}))
      ->capture_default_str();
}

void AddImportFlags(CLI::App& command, Flags& flags, ImportOptions& options) {
  command.add_option("file", options.file, "CSV file with a header")->required();
  command.add_option("--device", options.device, "device that the readings are of")->required();
  command.add_option("--map", options.csv.map, "field=Column, comma-separated or repeated")
      ->delimiter(',')
      ->required();
  command
      .add_option("--time-column", options.csv.time_columns,
                  "column of the time; several, comma-separated, are joined by a blank")
      ->required();
  command
      .add_option("--time-format", options.csv.time_format,
                  "rfc3339, epoch_s, epoch_ms, or a format of strptime: '%d/%m/%Y %H:%M:%S'")
      ->capture_default_str();
  command
      .add_option("--time-zone", options.csv.time_zone,
                  "zone of times without an offset, such as Europe/Paris")
      ->capture_default_str();
  command.add_option("--scale", options.csv.scale, "field=factor, such as power=1000 for kW to W")
      ->delimiter(',');
  command.add_option("--delimiter", options.csv.delimiter,
                     "between columns; none: the one that the header has most");
  command.add_option("--missing", options.csv.missing, "text that stands for no value");
  command.add_option("--data-dir", flags.data_dir,
                     "data folder: of the running server, or to import into");
  command.add_option("--config", flags.config_file, "YAML file with options");
  command.add_option("--url", options.url, "server, instead of that of the data folder");
  command.add_option("--token", options.token, "access token; better in ENERGY_IMPORT_TOKEN")
      ->envname("ENERGY_IMPORT_TOKEN");
  command.add_option("--username", options.username, "MQTT credential of the device");
  command
      .add_option("--password", options.password, "its password; better in ENERGY_IMPORT_PASSWORD")
      ->envname("ENERGY_IMPORT_PASSWORD");
}

int RunImport(const Flags& flags, const ImportOptions& options) {
  Settings settings;
  base::Config config;
  settings.Bind(config);
  if (const base::Status status = LoadConfig(flags, config); !status.ok()) {
    return Fail(status, kBadUsage);
  }
  return Import(options, settings);
}

int RunServeLike(const Flags& flags, bool check_only, const std::optional<DemoOptions>& demo) {
  Settings settings;
  base::Config config;
  settings.Bind(config);
  if (flags.print_example) {
    std::cout << config.Example();
    return 0;
  }
  if (flags.print_markdown) {
    std::cout << config.Markdown();
    return 0;
  }
  if (const base::Status status = LoadConfig(flags, config); !status.ok()) {
    return Fail(status, kBadUsage);
  }
  if (flags.print_config) {
    std::cout << config.Print();
    return 0;
  }
  if (const auto oidc = settings.oidc.Check(); !oidc.ok()) return Fail(oidc.status(), kBadUsage);
  if (check_only) {
    std::cout << "the configuration is fine\n";
    return 0;
  }
  return Serve(settings, demo);
}

}  // namespace

int RunCommandLine(int argc, char** argv) {
  CLI::App app{"Energy intelligence and analytics platform"};
  app.require_subcommand(1);
  Flags flags;
  DemoOptions demo;
  simulator::SimulatorOptions simulate;
  int64_t count = 0;
  int64_t interval_ms = 5000;
  std::string shape = "constant";

  CLI::App* serve = app.add_subcommand("serve", "run the platform");
  AddServeFlags(*serve, flags);
  CLI::App* demo_command =
      app.add_subcommand("demo", "run the platform with a simulated device and its history");
  AddServeFlags(*demo_command, flags);
  demo_command->add_option("--faults", demo.fault_probability, "probability of a fault, 0 to 1")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  CLI::App* simulate_command =
      app.add_subcommand("simulate", "publish simulated telemetry by MQTT");
  AddSimulateFlags(*simulate_command, simulate, count, interval_ms, shape);
  ImportOptions import;
  CLI::App* import_command =
      app.add_subcommand("import", "store the rows of a CSV file as readings of a device");
  AddImportFlags(*import_command, flags, import);
  CLI::App* check = app.add_subcommand("check-config", "check the configuration and end");
  AddServeFlags(*check, flags);
  check->add_flag("--example", flags.print_example,
                  "print a file with every option and its default");
  check->add_flag("--markdown", flags.print_markdown, "print the options as a table");
  MaintenanceCommands maintenance(app);
  DatabaseCommands database(app);
  // Not for people: how the program starts itself for a SQL query.
  CLI::App* sql_helper = app.add_subcommand("sql-helper")->group("");
  CLI::App* version = app.add_subcommand("version", "print the version");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadUsage;
  }
  if (sql_helper->parsed()) return sqlquery::RunHelper();
  if (version->parsed()) {
    std::cout << "energy-platform " << kVersion << "\n";
    return 0;
  }
  if (import_command->parsed()) return RunImport(flags, import);
  if (const auto code = maintenance.Run()) return *code;
  if (const auto code = database.Run()) return *code;
  if (simulate_command->parsed()) {
    simulate.interval = std::chrono::milliseconds(interval_ms);
    simulate.model.shape =
        shape == "rhythm" ? simulator::LoadShape::kRhythm : simulator::LoadShape::kConstant;
    return Simulate(std::move(simulate), "info", count);
  }
  return RunServeLike(flags, check->parsed(),
                      demo_command->parsed() ? std::optional(demo) : std::nullopt);
}

}  // namespace energy::app
