#pragma once

#include <optional>
#include <string>

#include "app/command_flags.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace energy::app {

/// The commands about the metadata database: migrate and transfer.
class DatabaseCommands {
 public:
  /// Adds them to the command line; `app` outlives this.
  explicit DatabaseCommands(CLI::App& app);
  /// Runs the one that was given, and returns the exit code. Nothing when another was given.
  std::optional<int> Run();

 private:
  int Migrate();
  int Transfer();

  Flags flags_;
  bool dry_run_ = false;
  std::string from_;
  std::string to_;
  CLI::App* migrate_;
  CLI::App* transfer_;
};

}  // namespace energy::app
