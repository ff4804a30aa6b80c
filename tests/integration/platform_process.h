#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "integration/temporary_folder.h"
#include "integration/waiting.h"

namespace energy::integration {

using Arguments = std::vector<std::string>;
using Environment = std::vector<std::pair<std::string, std::string>>;

/// How a program ended.
struct Ended {
  int exit_code = -1;  ///< -1 when a signal ended it
  int signal = 0;
};

/// What a program that ends by itself said.
struct Outcome {
  int exit_code = -1;
  std::string out;
  std::string err;
};

/// One run of the program as a child process. The child dies with this object, and with the thread
/// that started it. Threads: one.
class PlatformProcess {
 public:
  /// Starts the program with the arguments, beginning with the command. The environment is that of
  /// the test without its options of the program, plus `environment`.
  explicit PlatformProcess(const Arguments& arguments, const Environment& environment = {});
  ~PlatformProcess();
  PlatformProcess(const PlatformProcess&) = delete;
  PlatformProcess& operator=(const PlatformProcess&) = delete;

  pid_t pid() const { return pid_; }
  bool Running();
  void Signal(int signal);
  /// SIGKILL, and waits.
  void Kill();
  /// SIGINT, and waits. Answers how it ended and how long that took.
  std::pair<Ended, std::chrono::milliseconds> Interrupt();
  /// Waits for its end; nothing when it still runs after `timeout`.
  std::optional<Ended> Wait(std::chrono::milliseconds timeout = kPatience);

  /// Of its memory, what is in RAM.
  size_t ResidentBytes() const;

  /// What it has written so far.
  std::string Out() const;
  std::string Err() const;

 private:
  TemporaryFolder folder_;  // of the texts: the program's own may be full
  pid_t pid_ = -1;
  std::optional<Ended> ended_;
};

/// Runs the program to its end.
Outcome RunProgram(const Arguments& arguments, const Environment& environment = {});

/// Where a platform listens and who may log in, read from its data folder.
struct Endpoints {
  uint16_t http_port = 0;
  uint16_t mqtt_port = 0;
};

/// A running platform: `serve` or `demo` on free ports.
class Platform {
 public:
  struct Options {
    std::filesystem::path data_dir;
    std::string command = "serve";
    Arguments arguments = {};
    Environment environment = {};
  };

  /// Starts it and waits until it serves. Throws std::runtime_error with what the program said when
  /// it ends or does not become ready.
  explicit Platform(Options options);
  /// Starts it and does not wait.
  struct DoNotWait {};
  Platform(Options options, DoNotWait);

  PlatformProcess& process() { return process_; }
  uint16_t http_port() const { return endpoints_.http_port; }
  uint16_t mqtt_port() const { return endpoints_.mqtt_port; }
  /// From the start of the program until it said where it listens.
  std::chrono::milliseconds start_time() const { return start_time_; }

 private:
  static Arguments CommandLine(const Options& options);
  void WaitUntilReady(const std::filesystem::path& data_dir);

  std::chrono::steady_clock::time_point started_;
  PlatformProcess process_;
  Endpoints endpoints_;
  std::chrono::milliseconds start_time_{};
};

}  // namespace energy::integration
