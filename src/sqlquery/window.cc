#include "sqlquery/window.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace energy::sqlquery {
namespace {

constexpr size_t kBytes = kMostScans * kRoomBytes;

base::Status NoWindow() {
  return base::Unavailable(std::string("no memory for what a SQL query reads: ") +
                           std::strerror(errno));
}

}  // namespace

base::Result<Window> Window::Make() {
  const int fd = memfd_create("sql-window", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  Window window(fd, nullptr);
  // A file that shrinks under its memory would end this process.
  if (fd < 0 || ftruncate(fd, kBytes) != 0 ||
      fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0) {
    return NoWindow();
  }
  void* memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
  if (memory == MAP_FAILED) return NoWindow();
  window.memory_ = static_cast<std::byte*>(memory);
  // From here on nobody else can write it.
  if (fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) != 0) return NoWindow();
  return window;
}

base::Result<Window> Window::Open(int fd) {
  void* memory = mmap(nullptr, kBytes, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd, 0);
  if (memory == MAP_FAILED) return NoWindow();
  return Window(-1, static_cast<std::byte*>(memory));
}

Window::~Window() {
  if (memory_ != nullptr) munmap(memory_, kBytes);
  if (fd_ >= 0) close(fd_);
}

Window::Window(Window&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), memory_(std::exchange(other.memory_, nullptr)) {}

Room Window::RoomOf(size_t scan) const {
  return scan < kMostScans ? Room(memory_ + scan * kRoomBytes, kRoomBytes) : Room();
}

}  // namespace energy::sqlquery
