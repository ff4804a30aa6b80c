#include "app/commands.h"

#include <pthread.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "app/demo.h"
#include "app/platform.h"
#include "app/settings.h"
#include "app/version.h"
#include "base/time_text.h"

namespace energy::app {
namespace {

constexpr int kFailed = 1;
constexpr int kBadUsage = 2;

struct Flags {
  std::string config_file;
  std::string data_dir;
  std::string roles;
  std::string http;
  std::string mqtt;
  bool print_config = false;
  bool print_example = false;
  bool print_markdown = false;
};

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

void WaitForStopSignal(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
}

int Fail(const base::Status& status, int code) {
  std::cerr << "energy-platform: " << status.message() << "\n";
  for (const base::FieldError& error : status.fields()) {
    std::cerr << "  " << error.field << " " << error.message << "\n";
  }
  return code;
}

void SetEndpoint(base::Config& config, const std::string& section, const std::string& text) {
  if (text.empty()) return;
  std::string address;
  std::string port;
  const std::string flag = "--" + section;
  if (SplitEndpoint(text, address, port)) {
    config.Set(section + ".address", address, flag);
    config.Set(section + ".port", port, flag);
  } else {
    config.Set(section + ".port", text, flag + " takes ADDR:PORT");
  }
}

base::Status LoadConfig(const Flags& flags, base::Config& config) {
  if (!flags.config_file.empty()) {
    std::ifstream file(flags.config_file);
    if (!file) return base::InvalidArgument("cannot read the file " + flags.config_file);
    std::stringstream text;
    text << file.rdbuf();
    config.LoadYaml(text.str(), flags.config_file, std::getenv);
  }
  config.LoadEnvironment(std::getenv);
  if (!flags.data_dir.empty()) config.Set("server.data_dir", flags.data_dir, "--data-dir");
  if (!flags.roles.empty()) config.Set("server.roles", flags.roles, "--role");
  SetEndpoint(config, "http", flags.http);
  SetEndpoint(config, "mqtt", flags.mqtt);
  return config.Check();
}

void PrintWhereToGo(const Platform& platform, const Settings& settings, bool demo) {
  std::cout << "\n  energy-platform " << kVersion << (demo ? " (demo)" : "") << " is ready\n\n"
            << "  Web page   " << platform.http_url() << "\n"
            << "  MQTT       " << platform.mqtt_endpoint() << "\n"
            << "  Data       " << std::filesystem::absolute(settings.data_dir).string() << "\n";
  if (const auto& admin = platform.first_admin()) {
    std::cout << "\n  Log in as  " << admin->email << "\n"
              << "  Password   " << admin->password << "\n"
              << "             (also in admin-credentials.json in the data folder)\n";
  } else {
    std::cout
        << "\n  The admin's first password is in admin-credentials.json in the data folder.\n";
  }
  std::cout << "\n  Ctrl-C stops it; the data stays.\n" << std::endl;
}

// Runs the platform until a signal. `demo` furnishes it and simulates its device.
int Serve(const Settings& settings, const std::optional<DemoOptions>& demo_options) {
  const sigset_t signals = BlockStopSignals();
  const base::Logger logger = base::MakeLogger("app", settings.log_level);
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
  CLI::App* check = app.add_subcommand("check-config", "check the configuration and end");
  AddServeFlags(*check, flags);
  check->add_flag("--example", flags.print_example,
                  "print a file with every option and its default");
  check->add_flag("--markdown", flags.print_markdown, "print the options as a table");
  CLI::App* version = app.add_subcommand("version", "print the version");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadUsage;
  }
  if (version->parsed()) {
    std::cout << "energy-platform " << kVersion << "\n";
    return 0;
  }
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
