#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace energy::cache {

/// A reply of a Redis server (RESP2, https://redis.io/docs/reference/protocol-spec).
struct Reply {
  enum class Kind { kNull, kText, kInteger, kError, kList };
  Kind kind = Kind::kNull;
  std::string text;  ///< of kText and kError
  int64_t integer = 0;
  std::vector<Reply> list;
};

/// Appends a command with its arguments.
void AppendCommand(std::string& out, const std::vector<std::string_view>& arguments);

/// Reads one reply from the front of `bytes` and takes it away; nothing when it is not whole yet.
/// Errors: kInternal for what is not RESP2, is nested deeper than 8 or holds more than 1 MiB, which
/// nothing here asks for.
base::Result<std::optional<Reply>> ReadReply(std::string_view& bytes);

}  // namespace energy::cache
