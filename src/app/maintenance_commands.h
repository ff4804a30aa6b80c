#pragma once

#include <optional>
#include <string>

#include "app/command_flags.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace energy::app {

/// The commands that keep a data folder safe: backup, restore, doctor.
class MaintenanceCommands {
 public:
  /// Adds them to the command line; `app` outlives this.
  explicit MaintenanceCommands(CLI::App& app);
  /// Runs the one that was given, and returns the exit code: 0 done and all is well, 1 failed or
  /// something is damaged, 2 bad configuration. Nothing when another command was given.
  std::optional<int> Run();

 private:
  int Backup();
  int Restore();
  int Doctor();

  Flags flags_;
  std::string folder_;  // DEST or SRC
  double mib_per_second_ = 64;
  bool force_ = false;
  bool repair_ = false;
  CLI::App* backup_;
  CLI::App* restore_;
  CLI::App* doctor_;
};

}  // namespace energy::app
