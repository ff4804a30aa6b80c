#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace energy::bench {

/// A program that this one started. It is ended (SIGTERM, later SIGKILL) with the object, and by
/// the kernel when this program dies.
class ChildProcess {
 public:
  using Environment = std::vector<std::pair<std::string, std::string>>;

  /// `output` takes standard output and standard error. Errors: kUnavailable.
  static base::Result<ChildProcess> Start(const std::vector<std::string>& command,
                                          const std::filesystem::path& output,
                                          const Environment& environment = {});
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  /// Waits for the end; what the program wrote. Errors: kUnavailable when it failed, with its
  /// output, or did not end within `timeout`.
  base::Result<std::string> Finish(std::chrono::seconds timeout);
  /// Asks it to end, then Finish.
  base::Result<std::string> Stop();
  /// Ends it at once, as a power cut would, and waits for that.
  void Kill();

  bool running();
  std::string Output() const;

  /// Processor time of all its threads so far, user and system, in 10 ms steps.
  double CpuSeconds() const;
  /// Memory it has resident, and the most it ever had.
  double Mebibytes() const { return StatusMebibytes("VmRSS:"); }
  double PeakMebibytes() const { return StatusMebibytes("VmHWM:"); }
  /// Waits until it has done (almost) nothing for 100 ms, for 20 s at the most.
  void AwaitIdle() const;

 private:
  ChildProcess(pid_t pid, std::filesystem::path output) : pid_(pid), output_(std::move(output)) {}

  double StatusMebibytes(std::string_view entry) const;

  pid_t pid_;
  std::filesystem::path output_;
  int exit_status_ = 0;
};

/// The content of a file; empty when it cannot be read.
std::string ReadFile(const std::filesystem::path& path);

}  // namespace energy::bench
