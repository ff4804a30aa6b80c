#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "series/damage_skipper.h"
#include "series/read_only_store.h"
#include "series/rollup_check.h"
#include "series/store.h"
#include "series/store_check.h"

namespace energy::series {

inline constexpr const char* kRepairRemedy =
    "energy-platform doctor --repair keeps what can be read; what is missing is in a backup";

/// Goes once through everything in a store, says what is wrong and hands on what is sound.
/// Threads: one.
class StoreWalk {
 public:
  /// Takes a sound entry of the column family.
  using Sink = std::function<base::Status(std::string_view family, std::string_view key,
                                          std::string_view value)>;

  StoreWalk(const ReadOnlyStore& store, const StoreCheckOptions& options, StoreCheckReport& report)
      : store_(store), options_(options), report_(report) {}

  /// `sink` may be empty. Errors: those of `sink`.
  base::Status Run(const Sink& sink);

 private:
  struct File {
    std::string name;
    std::string family;
    std::string smallest;
    std::string largest;
    uint64_t bytes = 0;
    std::string damage;  // empty: none
    bool told = false;   // a finding names it
  };

  void CheckFiles();
  base::Status WalkNames(const Sink& sink);
  base::Status WalkMeta(const Sink& sink);
  base::Status WalkLog(const Sink& sink);
  base::Status WalkChunks(const Sink& sink);

  base::Status WalkRollups(const RollupShape& shape, const Sink& sink);
  void StartRollupCheck();

  void TellChunk(std::string_view key, std::string_view value, const std::string& wrong);
  std::string CheckChunk(std::string_view key, std::string_view value);
  std::string CheckLogRecord(std::string_view key, std::string_view value);
  void CountTimes(int64_t first_ns, int64_t last_ns);
  void TellGap(std::string_view family, const DamageSkipper::Gap& gap);
  void TellRemainingFiles();
  std::string DeviceName(DeviceRef device) const;
  void Advance(uint64_t bytes);

  const ReadOnlyStore& store_;
  const StoreCheckOptions& options_;
  StoreCheckReport& report_;
  std::vector<File> files_;
  std::map<char, std::map<uint32_t, std::string>> names_;  // by kind and handle
  uint64_t sealed_sequence_ = 0;
  uint64_t rollups_built_ = 0;                                 // of the devices below
  int64_t raw_from_ns_ = std::numeric_limits<int64_t>::min();  // readings before are let go
  std::unique_ptr<rocksdb::Iterator> hourly_;
  std::unique_ptr<rocksdb::Iterator> daily_;
  std::unique_ptr<RollupCheck> rollups_;                       // null: nothing to compare with
  std::map<Resolution, std::set<std::string>> wrong_rollups_;  // keys
  Columns rows_;
  // The chunk before the one being looked at.
  std::optional<DeviceRef> last_device_;
  int64_t last_ns_ = 0;
  uint64_t total_bytes_ = 0;
  uint64_t done_bytes_ = 0;
  uint64_t told_bytes_ = 0;
};

}  // namespace energy::series
