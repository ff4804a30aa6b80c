#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/status.h"

namespace energy::maintenance {

/// Holds work on a disk that others use to a rate. Threads: one.
class Pace {
 public:
  /// `bytes_per_second` 0: no limit. `clock` outlives it.
  Pace(const base::Clock& clock, uint64_t bytes_per_second)
      : clock_(clock), bytes_per_second_(bytes_per_second), began_(clock.Steady()) {}

  /// Waits until so many more bytes are due.
  void Spend(uint64_t bytes);

 private:
  const base::Clock& clock_;
  const uint64_t bytes_per_second_;
  std::chrono::steady_clock::time_point began_;
  uint64_t spent_ = 0;
};

/// What was copied, or read.
struct FileDigest {
  uint64_t bytes = 0;
  std::string sha256;  ///< hex
};

/// Told of every piece that was read.
using OnBytes = std::function<void(uint64_t bytes)>;

/// Reads a whole file. Errors: kUnavailable.
base::Result<FileDigest> DigestFile(const std::filesystem::path& path, const OnBytes& on_bytes);

/// Copies `from` to the new file `to` with this mode and syncs it, piece by piece, so that a large
/// copy never leaves much for another process's fsync to wait for. Errors: kUnavailable.
base::Result<FileDigest> CopyFile(const std::filesystem::path& from,
                                  const std::filesystem::path& to, unsigned mode,
                                  const OnBytes& on_bytes);

/// Writes a new file and syncs it. Errors: kUnavailable.
base::Status WriteFile(const std::filesystem::path& path, const std::string& text, unsigned mode);

/// Reads a file of at most 64 MiB. Errors: kNotFound when there is none, kUnavailable.
base::Result<std::string> ReadFile(const std::filesystem::path& path);

/// Makes the entries of a folder durable. Errors: kUnavailable.
base::Status SyncFolder(const std::filesystem::path& folder);

/// "12.3 MiB"
std::string FormatBytes(uint64_t bytes);

}  // namespace energy::maintenance
