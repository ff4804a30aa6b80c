#include "app/command_flags.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "app/settings.h"

namespace energy::app {
namespace {

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

}  // namespace

int Fail(const base::Status& status, int code) {
  std::cerr << "energy-platform: " << status.message() << "\n";
  for (const base::FieldError& error : status.fields()) {
    std::cerr << "  " << error.field << " " << error.message << "\n";
  }
  return code;
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

}  // namespace energy::app
