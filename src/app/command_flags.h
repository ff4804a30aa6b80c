#pragma once

#include <string>

#include "base/config.h"
#include "base/status.h"

namespace energy::app {

// Exit codes of the program; 0: done.
inline constexpr int kFailed = 1;
inline constexpr int kBadUsage = 2;

/// What the command line may say of the configuration.
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

/// Loads file, environment and flags, in this order, into `config`. Errors: all that is wrong.
base::Status LoadConfig(const Flags& flags, base::Config& config);

/// Prints what went wrong and returns `code`.
int Fail(const base::Status& status, int code);

}  // namespace energy::app
