#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "sqlquery/check.h"

namespace energy::sqlquery {

/// Messages over a stream socket between the server and a helper: four bytes of length, one of
/// type, the content. Both ends are the same program on the same machine.
///
/// Threads: one at a time.
class Channel {
 public:
  struct Message {
    uint8_t type = 0;
    std::string content;
  };

  /// Takes the descriptor over.
  explicit Channel(int socket) : socket_(socket) {}
  ~Channel();
  Channel(Channel&& other) noexcept;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  Channel& operator=(Channel&&) = delete;

  void SetCheck(Check check) { check_ = std::move(check); }
  const Check& check() const { return check_; }

  /// Errors: kUnavailable when the other end is gone; that of the check.
  base::Status Send(uint8_t type, std::string_view content);
  /// Errors: the same; kInternal for a message over kMaxContent.
  base::Result<Message> Receive();

  static constexpr uint32_t kMaxContent = 64 << 20;

 private:
  base::Status Wait(short events) const;
  base::Status Read(char* to, size_t size) const;

  int socket_;
  Check check_;
};

}  // namespace energy::sqlquery
