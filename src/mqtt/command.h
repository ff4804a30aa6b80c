#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

/// Helper of this module's tests.
namespace energy::mqtt::test {

struct Outcome {
  int exit_code = -1;
  std::string output;
};

/// Runs a shell command; its output, errors included.
inline Outcome RunCommand(const std::string& command) {
  Outcome outcome;
  FILE* pipe = ::popen(("(" + command + ") 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> buffer{};
  while (const size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    outcome.output.append(buffer.data(), count);
  }
  const int status = ::pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

}  // namespace energy::mqtt::test
