#pragma once

#include <cstddef>
#include <span>

#include "base/status.h"
#include "sqlquery/table.h"

namespace energy::sqlquery {

/// A scan has a room and a thread.
inline constexpr size_t kMostScans = 64;

/// Memory of one query that the server writes and its helper reads: a room for each scan. The
/// system lets the helper neither write it nor change its size. Takes only the memory that was
/// written.
class Window {
 public:
  /// Of the server. Errors: kUnavailable when the system has no memory.
  static base::Result<Window> Make();
  /// Of the helper, for reading only. Errors: kUnavailable.
  static base::Result<Window> Open(int fd);
  ~Window();
  Window(Window&& other) noexcept;
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;
  Window& operator=(Window&&) = delete;

  /// To hand on; -1 in a helper.
  int fd() const { return fd_; }
  /// `scan`: below kMostScans, else the room is empty.
  Room RoomOf(size_t scan) const;

 private:
  Window(int fd, std::byte* memory) : fd_(fd), memory_(memory) {}

  int fd_;
  std::byte* memory_;
};

}  // namespace energy::sqlquery
