// A library that is loaded before the program and makes its end a loss of power: at a chosen write
// to a file of a folder, everything that was written there and not synced is undone, and the
// process is killed. What a disk may have kept of it is not played through, nor are names of files
// (created, renamed, removed) that were not made durable.
//
// POWER_LOSS_FOLDER: the folder. POWER_LOSS_AFTER: how many writes it lives.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace {

template <class F>
F* Real(const char* name) {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

using Write = ssize_t(int, const void*, size_t);
using Pwrite = ssize_t(int, const void*, size_t, off64_t);
using Ftruncate = int(int, off64_t);
using Sync = int(int);
using OpenAt = int(int, const char*, int, ...);

struct FileState {
  int fd = -1;         // of its own and never closed: a close would drop the process's locks
  off64_t synced = 0;  // bytes that a loss of power keeps
  // What unsynced writes replaced, oldest first.
  std::vector<std::pair<off64_t, std::string>> undo;
};

using Identity = std::pair<dev_t, ino_t>;

std::mutex& Mutex() {
  static auto* mutex = new std::mutex;  // outlives the program's destructors
  return *mutex;
}
std::map<Identity, FileState>& Files() {
  static auto* files = new std::map<Identity, FileState>;
  return *files;
}

const std::string& Folder() {
  static const auto* folder = [] {
    const char* text = std::getenv("POWER_LOSS_FOLDER");
    return new std::string(text == nullptr ? "" : std::string(text) + "/");
  }();
  return *folder;
}

int64_t& WritesLeft() {
  static int64_t left = [] {
    const char* text = std::getenv("POWER_LOSS_AFTER");
    return text == nullptr ? INT64_MAX : std::atoll(text);
  }();
  return left;
}

// The state of an open file of the folder; null for others.
FileState* Find(int fd) {
  struct stat info {};
  if (Folder().empty() || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return nullptr;
  const auto found = Files().find({info.st_dev, info.st_ino});
  return found == Files().end() ? nullptr : &found->second;
}

void Track(int fd, int flags, off64_t size_before) {
  if (fd < 0 || Folder().empty() || (flags & O_ACCMODE) == O_RDONLY) return;
  char path[4096];
  const ssize_t size =
      readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path - 1);
  if (size <= 0) return;
  const std::string_view name(path, static_cast<size_t>(size));
  struct stat info {};
  if (!name.starts_with(Folder()) || name.ends_with("-shm") || name.ends_with("/lock") ||
      fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    return;
  }
  const std::lock_guard lock(Mutex());
  FileState& state = Files()[{info.st_dev, info.st_ino}];
  if (state.fd >= 0) return;
  state.fd = Real<OpenAt>("openat")(AT_FDCWD, ("/proc/self/fd/" + std::to_string(fd)).c_str(),
                                    O_RDWR | O_CLOEXEC);
  state.synced = size_before;
}

[[noreturn]] void LosePower() {
  for (auto& [identity, state] : Files()) {
    for (auto undo = state.undo.rbegin(); undo != state.undo.rend(); ++undo) {
      static Pwrite* const real = Real<Pwrite>("pwrite64");
      if (real(state.fd, undo->second.data(), undo->second.size(), undo->first) < 0) _exit(99);
    }
    static Ftruncate* const real = Real<Ftruncate>("ftruncate64");
    struct stat info {};
    if (fstat(state.fd, &info) == 0 && info.st_size > state.synced) {
      if (real(state.fd, state.synced) != 0) _exit(99);
    }
  }
  kill(getpid(), SIGKILL);
  while (true) pause();
}

// Before bytes of a file change; the mutex is held.
void Remember(int fd, off64_t offset, size_t size) {
  FileState* const state = Find(fd);
  if (state == nullptr) return;
  if (--WritesLeft() <= 0) LosePower();
  if (offset >= state->synced) return;
  std::string old(std::min<size_t>(size, static_cast<size_t>(state->synced - offset)), '\0');
  const ssize_t got = pread64(state->fd, old.data(), old.size(), offset);
  old.resize(got < 0 ? 0 : static_cast<size_t>(got));
  state->undo.emplace_back(offset, std::move(old));
}

off64_t PositionOf(int fd) {
  if ((fcntl(fd, F_GETFL) & O_APPEND) == 0) return lseek64(fd, 0, SEEK_CUR);
  struct stat info {};
  return fstat(fd, &info) == 0 ? info.st_size : 0;
}

int SyncWith(const char* name, int fd) {
  Sync* const real = Real<Sync>(name);
  if (Folder().empty()) return real(fd);
  const std::lock_guard lock(Mutex());
  const int result = real(fd);
  FileState* const state = Find(fd);
  struct stat info {};
  if (result == 0 && state != nullptr && fstat(fd, &info) == 0) {
    state->synced = info.st_size;
    state->undo.clear();
  }
  return result;
}

int OpenWith(const char* name, int folder, const char* path, int flags, mode_t mode) {
  struct stat info {};
  const bool existed = !Folder().empty() && fstatat(folder, path, &info, 0) == 0;
  // A file that is emptied at once loses what it had: that is not undone.
  const off64_t size = existed && (flags & O_TRUNC) == 0 ? info.st_size : 0;
  const int fd = Real<OpenAt>(name)(folder, path, flags, mode);
  const int error = errno;
  Track(fd, flags, size);
  errno = error;
  return fd;
}

mode_t ModeOf(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return OpenWith("openat", AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return OpenWith("openat64", AT_FDCWD, path, flags, mode);
}
int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return OpenWith("openat", folder, path, flags, mode);
}

ssize_t write(int fd, const void* data, size_t size) {
  static Write* const real = Real<Write>("write");
  if (Folder().empty()) return real(fd, data, size);
  std::unique_lock lock(Mutex());
  if (Find(fd) == nullptr) {
    lock.unlock();  // a pipe may block
    return real(fd, data, size);
  }
  Remember(fd, PositionOf(fd), size);
  return real(fd, data, size);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  static Pwrite* const real = Real<Pwrite>("pwrite64");
  const std::lock_guard lock(Mutex());
  Remember(fd, offset, size);
  return real(fd, data, size, offset);
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  return pwrite64(fd, data, size, offset);
}

int ftruncate64(int fd, off64_t size) {
  static Ftruncate* const real = Real<Ftruncate>("ftruncate64");
  const std::lock_guard lock(Mutex());
  if (FileState* const state = Find(fd); state != nullptr && size < state->synced) {
    Remember(fd, size, static_cast<size_t>(state->synced - size));
  }
  return real(fd, size);
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int fsync(int fd) { return SyncWith("fsync", fd); }
int fdatasync(int fd) { return SyncWith("fdatasync", fd); }

}  // extern "C"
