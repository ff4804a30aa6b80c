#include "integration/platform_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "base/json.h"

extern char** environ;

namespace energy::integration {
namespace {

constexpr std::chrono::milliseconds kPoll{2};

std::vector<std::string> EnvironmentOf(const Environment& extra) {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    if (text.starts_with("ENERGY_") || text.starts_with("JWT_SECRET=")) continue;
    entries.push_back(text);
  }
  for (const auto& [name, value] : extra) entries.push_back(name + "=" + value);
  // A password hash that takes 255 ms proves nothing in most tests. The first entry of a name
  // counts.
  entries.emplace_back("ENERGY_AUTH__BCRYPT_COST=4");
  // Tests ask more in a second than a person in a minute.
  entries.emplace_back("ENERGY_LIMITS__ENABLED=false");
  return entries;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

uint16_t PortOf(const std::string& endpoint) {
  return static_cast<uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
}

Ended FromStatus(int status) {
  if (WIFEXITED(status)) return {WEXITSTATUS(status), 0};
  return {-1, WIFSIGNALED(status) ? WTERMSIG(status) : 0};
}

}  // namespace

bool WaitUntil(const std::function<bool()>& condition, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(kPoll);
  }
  return true;
}

PlatformProcess::PlatformProcess(const Arguments& arguments, const Environment& environment) {
  std::vector<std::string> texts{ENERGY_PROGRAM};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = EnvironmentOf(environment);
  const std::vector<char*> argv = Pointers(texts);
  const std::vector<char*> envp = Pointers(variables);
  const std::string out = (folder_.path() / "out").string();
  const std::string err = (folder_.path() / "err").string();

  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ > 0) return;
  // Between fork and exec only what is safe in a process that had threads.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out_fd = open(out.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  const int err_fd = open(err.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  dup2(out_fd, STDOUT_FILENO);
  dup2(err_fd, STDERR_FILENO);
  // Connections of the test's clients must not live on in the child.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  execve(argv[0], argv.data(), envp.data());
  _exit(127);
}

PlatformProcess::~PlatformProcess() { Kill(); }

bool PlatformProcess::Running() { return !Wait(std::chrono::milliseconds(0)); }

void PlatformProcess::Signal(int signal) {
  if (!ended_) kill(pid_, signal);
}

void PlatformProcess::Kill() {
  if (ended_) return;
  kill(pid_, SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  ended_ = FromStatus(status);
}

std::pair<Ended, std::chrono::milliseconds> PlatformProcess::Interrupt() {
  const auto before = std::chrono::steady_clock::now();
  Signal(SIGINT);
  const auto ended = Wait();
  if (!ended) throw std::runtime_error("SIGINT does not stop the program:\n" + Err());
  return {*ended, std::chrono::duration_cast<std::chrono::milliseconds>(
                      std::chrono::steady_clock::now() - before)};
}

std::optional<Ended> PlatformProcess::Wait(std::chrono::milliseconds timeout) {
  WaitUntil(
      [this] {
        int status = 0;
        if (!ended_ && waitpid(pid_, &status, WNOHANG) == pid_) ended_ = FromStatus(status);
        return ended_.has_value();
      },
      timeout);
  return ended_;
}

size_t PlatformProcess::ResidentBytes() const {
  std::ifstream statm("/proc/" + std::to_string(pid_) + "/statm");
  size_t total = 0;
  size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

std::string PlatformProcess::Out() const { return ReadFile(folder_.path() / "out"); }
std::string PlatformProcess::Err() const { return ReadFile(folder_.path() / "err"); }

Outcome RunProgram(const Arguments& arguments, const Environment& environment) {
  PlatformProcess process(arguments, environment);
  const auto ended = process.Wait();
  if (!ended) throw std::runtime_error("the program does not end:\n" + process.Err());
  return {ended->exit_code, process.Out(), process.Err()};
}

Arguments Platform::CommandLine(const Options& options) {
  std::filesystem::remove(options.data_dir / "endpoints.json");  // of an earlier run
  Arguments arguments{options.command, "--data-dir",  options.data_dir.string(),
                      "--http",        "127.0.0.1:0", "--mqtt",
                      "127.0.0.1:0"};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  return arguments;
}

Platform::Platform(Options options, DoNotWait)
    : started_(std::chrono::steady_clock::now()),
      process_(CommandLine(options), options.environment) {}

Platform::Platform(Options options) : Platform(options, DoNotWait{}) {
  WaitUntilReady(options.data_dir);
}

void Platform::WaitUntilReady(const std::filesystem::path& data_dir) {
  const std::filesystem::path file = data_dir / "endpoints.json";
  const bool announced = WaitUntil(
      [&] { return std::filesystem::exists(file) || !process_.Running(); }, kPatience * 2);
  if (!announced || !process_.Running()) {
    throw std::runtime_error("the platform does not start:\n" + process_.Err());
  }
  start_time_ = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - started_);
  const base::Json endpoints = base::Json::parse(ReadFile(file));
  endpoints_.http_port = PortOf(endpoints.at("http").get<std::string>());
  endpoints_.mqtt_port = PortOf(endpoints.at("mqtt").get<std::string>());
}

}  // namespace energy::integration
