#pragma once

namespace energy::app {

/// Runs the command line: serve, demo, simulate, import, backup, restore, doctor, check-config,
/// version. Returns the exit code: 0 done, 1 failed while running, 2 bad command line or
/// configuration.
int RunCommandLine(int argc, char** argv);

}  // namespace energy::app
