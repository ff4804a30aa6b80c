#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "series/rocks.h"

namespace energy::series {

/// Names and their dense handles, in memory and in the column family `names`.
///
/// Threads: safe anywhere; a lookup never waits for the disk.
class Names {
 public:
  /// `kind`: 'd' or 'f', the first byte of the keys; `what` names it in errors.
  Names(Rocks& rocks, char kind, size_t limit, std::string what)
      : rocks_(rocks), kind_(kind), limit_(limit), what_(std::move(what)) {}

  /// Reads all names. Errors: kInternal when handles are missing.
  base::Status Load();
  /// Gives a name up, together with what is in `batch`, durably; its handle is not given out again.
  base::Status Retire(std::string_view name, uint32_t ref, rocksdb::WriteBatch& batch);
  /// The handle, created and durable if the name is new.
  base::Result<uint32_t> Open(std::string_view name);
  /// See Store::CreateDevices.
  base::Status Create(std::span<const std::string_view> names);
  std::optional<uint32_t> Find(std::string_view name) const;
  /// Empty when unknown or given up.
  std::string Name(uint32_t ref) const;
  /// Of all handles, given up ones too.
  size_t size() const;
  /// Handles whose names are given up, ascending.
  std::vector<uint32_t> Retired() const;

 private:
  base::Status Write(std::span<const std::string_view> names);  // create_mutex_ held; all new

  Rocks& rocks_;
  const char kind_;
  const size_t limit_;
  const std::string what_;
  std::mutex create_mutex_;  // one creation at a time
  mutable std::shared_mutex mutex_;
  std::deque<std::string> names_;                           // guarded by mutex_; by handle
  std::unordered_map<std::string_view, uint32_t> by_name_;  // guarded by mutex_; into names_
};

}  // namespace energy::series
