#pragma once

#include <filesystem>
#include <string>

#include "base/status.h"

namespace energy::app {

/// The folder of one running platform: created, checked to be writable, and locked against a second
/// process until this object goes.
///
/// Layout: series/ (telemetry), metadata.db, keys/, admin-credentials.json, endpoints.json.
class DataDir {
 public:
  /// Errors: kUnavailable when the folder cannot be made or written, or another process has it,
  /// each with the remedy.
  static base::Result<DataDir> Open(const std::filesystem::path& path);
  /// The same for a folder that must exist already. Errors: also kNotFound.
  static base::Result<DataDir> OpenExisting(const std::filesystem::path& path);
  DataDir(DataDir&& other) noexcept;
  DataDir& operator=(DataDir&&) = delete;
  ~DataDir();

  const std::filesystem::path& path() const { return path_; }

  /// Replaces `name` in the folder by `text` in one step; `private_file` makes it 0600.
  base::Status WriteFile(const std::string& name, const std::string& text, bool private_file) const;

  /// Bytes free for this user on the folder's file system.
  uint64_t FreeBytes() const;

 private:
  DataDir(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_;
};

}  // namespace energy::app
