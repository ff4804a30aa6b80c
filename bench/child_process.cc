#include "child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

namespace energy::bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPoll{20};
constexpr milliseconds kIdleSample{100};
constexpr std::chrono::seconds kIdleLimit{20};
constexpr std::chrono::seconds kStopLimit{20};

[[noreturn]] void BecomeProgram(const std::vector<std::string>& command, int output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

base::Result<ChildProcess> ChildProcess::Start(const std::vector<std::string>& command,
                                               const std::filesystem::path& output,
                                               const Environment& environment) {
  const int file = open(output.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) {
    return base::Unavailable("cannot write " + output.string() + ": " + std::strerror(errno));
  }
  const pid_t pid = fork();
  if (pid == 0) {
    for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
    BecomeProgram(command, file);
  }
  close(file);
  if (pid < 0) return base::Unavailable(std::string("fork: ") + std::strerror(errno));
  return ChildProcess(pid, output);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::move(other.output_)),
      exit_status_(other.exit_status_) {}

ChildProcess::~ChildProcess() {
  if (pid_ <= 0) return;
  if (!Stop().ok()) Kill();
}

void ChildProcess::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

bool ChildProcess::running() {
  if (pid_ <= 0) return false;
  if (waitpid(pid_, &exit_status_, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

base::Result<std::string> ChildProcess::Finish(std::chrono::seconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (running()) {
    if (std::chrono::steady_clock::now() >= until) {
      return base::Unavailable("a program did not end in time: " + output_.string());
    }
    std::this_thread::sleep_for(kPoll);
  }
  if (exit_status_ == 0) return Output();
  return base::Unavailable("a program failed: " + Output());
}

base::Result<std::string> ChildProcess::Stop() {
  if (running()) kill(pid_, SIGTERM);
  return Finish(kStopLimit);
}

std::string ChildProcess::Output() const { return ReadFile(output_); }

double ChildProcess::CpuSeconds() const {
  const std::string stat = ReadFile("/proc/" + std::to_string(pid_) + "/stat");
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return 0;
  // After the name: state is field 3, utime and stime are 14 and 15.
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double ChildProcess::StatusMebibytes(std::string_view entry) const {
  std::istringstream status(ReadFile("/proc/" + std::to_string(pid_) + "/status"));
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with(entry)) return std::stod(line.substr(entry.size())) / 1024;
  }
  return 0;
}

void ChildProcess::AwaitIdle() const {
  const auto until = std::chrono::steady_clock::now() + kIdleLimit;
  double before = CpuSeconds();
  while (std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kIdleSample);
    const double now = CpuSeconds();
    if (now - before < 0.015) return;
    before = now;
  }
}

}  // namespace energy::bench
