#pragma once

#include <filesystem>
#include <string>

#include "base/random.h"
#include "base/status.h"

namespace energy::auth {

/// The secret key in `path`, made at first start: a line of hex in a file with mode 0600, in a
/// folder with mode 0700 when that is new too.
///
/// `bytes`: the size of a new key, and the least that an existing one may have.
/// Errors: kInvalidArgument when the file is damaged, too short or readable by others, with the
///   remedy; kUnavailable when it cannot be read or written.
/// Threads: safe, also against another process that starts at the same time: both get one key.
base::Result<std::string> LoadOrCreateKey(const std::filesystem::path& path, size_t bytes,
                                          base::Random& random);

}  // namespace energy::auth
