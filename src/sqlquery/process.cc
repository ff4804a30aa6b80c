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

#include "sqlquery/descriptors.h"
#include "sqlquery/helper.h"
#include "sqlquery/messages.h"

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

void SetDescriptors(SpawnSetup& setup, int socket) {
  posix_spawn_file_actions_addopen(&setup.actions, 0, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&setup.actions, 0, 1);
  posix_spawn_file_actions_adddup2(&setup.actions, socket, kTemplateSocket);
  // Not all libraries open theirs with close-on-exec.
  posix_spawn_file_actions_addclosefrom_np(&setup.actions, kTemplateSocket + 1);
}

// Out of the way of the number it gets in the child.
int OutOfTheWay(int fd) {
  const int moved = fcntl(fd, F_DUPFD_CLOEXEC, kTemplateSocket + 1);
  close(fd);
  return moved;
}

// Two ends of a stream socket.
struct SocketPair {
  Descriptor ours;
  Descriptor theirs;
  bool Open() {
    std::array<int, 2> ends{-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return false;
    ours.fd = ends[0];
    theirs.fd = OutOfTheWay(ends[1]);
    return theirs.fd >= 0;
  }
};

void KillAndWait(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

}  // namespace

base::Status HelperTemplate::Start() {
  SocketPair sockets;
  if (!sockets.Open()) return CannotStart("socketpair", errno);
  SpawnSetup setup;
  SetAttributes(setup);
  SetDescriptors(setup, sockets.theirs.fd);
  std::vector<char*> arguments{const_cast<char*>("energy-platform")};
  for (const std::string& argument : command_.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  // Names are looked up once here, and not in each copy.
  std::array<char*, 3> environment{const_cast<char*>("TZ=UTC"), const_cast<char*>("LD_BIND_NOW=1"),
                                   nullptr};
  const int error = posix_spawn(&pid_, command_.program.c_str(), &setup.actions, &setup.attributes,
                                arguments.data(), environment.data());
  if (error != 0) {
    pid_ = -1;
    return CannotStart("posix_spawn", error);
  }
  socket_ = sockets.ours.Release();
  return {};
}

void HelperTemplate::End() {
  if (pid_ < 0) return;
  KillAndWait(std::exchange(pid_, -1));
  close(std::exchange(socket_, -1));
}

void HelperTemplate::EndIf(pid_t pid) {
  const std::lock_guard lock(mutex_);
  if (pid_ == pid) End();
}

void HelperTemplate::Stop() {
  const std::lock_guard lock(mutex_);
  End();
}

pid_t HelperTemplate::pid() const {
  const std::lock_guard lock(mutex_);
  return pid_;
}

base::Status HelperTemplate::Announce(int socket, int file, int window, pid_t* asked) {
  const std::lock_guard lock(mutex_);
  if (pid_ < 0) ENERGY_RETURN_IF_ERROR(Start());
  *asked = pid_;
  if (SendDescriptors(socket_, {socket, file, window})) return {};
  return CannotStart("the template", errno);
}

base::Result<std::unique_ptr<SqlHelper>> HelperTemplate::Copy(const Check& check) {
  // Once more when the template turns out to be gone.
  for (bool again = true;; again = false) {
    SocketPair sockets;
    if (!sockets.Open()) return CannotStart("socketpair", errno);
    Descriptor file(memfd_create("sql-result", MFD_CLOEXEC));
    if (file.fd < 0) return CannotStart("memfd_create", errno);
    ENERGY_ASSIGN_OR_RETURN(Window window, Window::Make());
    pid_t asked = -1;
    base::Status status = Announce(sockets.theirs.fd, file.fd, window.fd(), &asked);
    if (status.ok()) {
      close(sockets.theirs.Release());
      std::unique_ptr<SqlHelper> helper(
          new SqlHelper(sockets.ours.Release(), file.Release(), std::move(window)));
      helper->channel().SetCheck(check);
      status = helper->AwaitReady();
      if (status.ok()) return helper;
      // Without a template there either is a copy by now, a child of this process that must be
      // waited for, or the channel is closed.
      EndIf(asked);
      helper->channel().SetCheck({});
      (void)helper->AwaitReady();
    }
    EndIf(asked);
    if (check) ENERGY_RETURN_IF_ERROR(check());
    if (!again) return status;
  }
}

base::Status SqlHelper::AwaitReady() {
  ENERGY_ASSIGN_OR_RETURN(const Channel::Message message, channel_.Receive());
  if (message.type != static_cast<uint8_t>(MessageType::kReady)) {
    return base::Internal("the SQL helper did not say that it is ready");
  }
  ENERGY_ASSIGN_OR_RETURN(const uint32_t pid, DecodeNumber(message.content));
  pid_ = static_cast<pid_t>(pid);
  return {};
}

SqlHelper::~SqlHelper() {
  if (pid_ > 0) KillAndWait(pid_);
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
