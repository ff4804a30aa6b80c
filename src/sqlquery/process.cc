#include "sqlquery/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "sqlquery/helper.h"

namespace energy::sqlquery {
namespace {

base::Status CannotStart(const char* what, int error) {
  return base::Unavailable(std::string("the SQL helper cannot be started: ") + what + ": " +
                           std::strerror(error));
}

// Descriptors that are closed when they are not handed on.
struct Descriptor {
  int fd = -1;
  Descriptor() = default;
  explicit Descriptor(int opened) : fd(opened) {}
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int Release() { return std::exchange(fd, -1); }
};

// How the child is set up; the two lists need their own destructors.
struct SpawnSetup {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  SpawnSetup() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
};

// A group of its own, so that Ctrl-C reaches the server alone; no signal is blocked.
void SetAttributes(SpawnSetup& setup) {
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&setup.attributes, &none);
  posix_spawnattr_setpgroup(&setup.attributes, 0);
  posix_spawnattr_setflags(&setup.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
}

void SetDescriptors(SpawnSetup& setup, int socket, int file) {
  posix_spawn_file_actions_addopen(&setup.actions, 0, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&setup.actions, 0, 1);
  posix_spawn_file_actions_adddup2(&setup.actions, socket, kHelperSocket);
  posix_spawn_file_actions_adddup2(&setup.actions, file, kHelperFile);
  // Not all libraries open theirs with close-on-exec.
  posix_spawn_file_actions_addclosefrom_np(&setup.actions, kHelperFile + 1);
}

// Both must be out of the way of the numbers they get in the child.
int OutOfTheWay(int fd) {
  const int moved = fcntl(fd, F_DUPFD_CLOEXEC, kHelperFile + 1);
  close(fd);
  return moved;
}

}  // namespace

base::Result<std::unique_ptr<SqlHelper>> SqlHelper::Start(const HelperCommand& command) {
  std::array<int, 2> ends{-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return CannotStart("socketpair", errno);
  }
  Descriptor ours(ends[0]);
  const Descriptor theirs(OutOfTheWay(ends[1]));
  Descriptor file(OutOfTheWay(memfd_create("sql-result", MFD_CLOEXEC)));
  if (theirs.fd < 0 || file.fd < 0) return CannotStart("memfd_create", errno);

  SpawnSetup setup;
  SetAttributes(setup);
  SetDescriptors(setup, theirs.fd, file.fd);
  std::vector<char*> arguments{const_cast<char*>("energy-platform")};
  for (const std::string& argument : command.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  std::array<char*, 2> environment{const_cast<char*>("TZ=UTC"), nullptr};
  pid_t pid = -1;
  const int error = posix_spawn(&pid, command.program.c_str(), &setup.actions, &setup.attributes,
                                arguments.data(), environment.data());
  if (error != 0) return CannotStart("posix_spawn", error);
  return std::unique_ptr<SqlHelper>(new SqlHelper(pid, ours.Release(), file.Release()));
}

SqlHelper::~SqlHelper() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(file_);
}

void SqlHelper::YieldToOthers() const {
  constexpr int kLowest = 19;
  setpriority(PRIO_PROCESS, static_cast<id_t>(pid_), kLowest);
}

base::Result<std::string> SqlHelper::ReadFile(uint64_t limit) const {
  struct stat info {};
  if (fstat(file_, &info) != 0) return base::Internal("the file of the SQL helper is gone");
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size > limit) return base::TooLarge("the result is larger than one may be");
  std::string content(size, '\0');
  size_t done = 0;
  while (done < size) {
    const ssize_t got = pread(file_, content.data() + done, size - done, static_cast<off_t>(done));
    if (got <= 0) return base::Internal("the file of the SQL helper cannot be read");
    done += static_cast<size_t>(got);
  }
  return content;
}

base::Status SqlHelper::WhyItEnded() {
  // It has closed its channel: it is ending. Should it not, it is made to.
  kill(pid_, SIGKILL);
  int how = 0;
  if (waitpid(std::exchange(pid_, -1), &how, 0) < 0) how = 0;
  if (WIFSIGNALED(how) && WTERMSIG(how) == SIGXCPU) {
    return base::TooLarge("the query took more processor time than one may");
  }
  return base::TooLarge(
      "the query ended its helper, most likely for want of memory: narrow its time range, or group "
      "and aggregate");
}

}  // namespace energy::sqlquery
