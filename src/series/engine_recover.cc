#include <algorithm>

#include "series/engine.h"
#include "series/instruments.h"
#include "series/keys.h"
#include "series/log_record.h"
#include "series/quarantine.h"

namespace energy::series {
namespace {

constexpr const char* kVersionKey = "format_version";
constexpr const char* kFormatVersion = "1";

constexpr int64_t kMostDays = 100'000;

// 0 is for ever.
bool CoversRetention(int64_t days, int64_t other) {
  return days == 0 || (other != 0 && days >= other);
}

base::Status CheckOptions(const EmbeddedOptions& options) {
  const auto refuse = [](const char* field, const char* message) {
    return base::InvalidField(field, message);
  };
  if (options.path.empty()) return refuse("path", "must name a folder");
  if (options.head_bytes < (size_t{1} << 16)) return refuse("head_bytes", "must be at least 65536");
  if (options.chunk_readings < 16 || options.chunk_readings > 16'384) {
    return refuse("chunk_readings", "must be 16 to 16384");
  }
  if (options.seal_check.count() <= 0) return refuse("seal_check", "must be positive");
  if (options.seal_age.count() < 0) return refuse("seal_age", "must not be negative");
  for (const int64_t days : {options.raw_days, options.hourly_days, options.daily_days}) {
    if (days < 0 || days > kMostDays) return refuse("retention", "must be 0 to 100000 days");
  }
  if (!CoversRetention(options.hourly_days, options.raw_days)) {
    return refuse("hourly_days", "must not be shorter than that of the readings");
  }
  if (!CoversRetention(options.daily_days, options.hourly_days)) {
    return refuse("daily_days", "must not be shorter than that of the hours");
  }
  if (options.append_wait.count() < 0) return refuse("append_wait", "must not be negative");
  if (options.write_buffer_bytes < (size_t{1} << 16)) {
    return refuse("write_buffer_bytes", "must be at least 65536");
  }
  return {};
}

}  // namespace

base::Result<std::unique_ptr<EmbeddedStore>> EmbeddedStore::Open(const EmbeddedOptions& options,
                                                                 const base::Clock& clock,
                                                                 base::Logger logger,
                                                                 base::Metrics& metrics) {
  ENERGY_RETURN_IF_ERROR(CheckOptions(options));
  ENERGY_ASSIGN_OR_RETURN(auto rocks, Rocks::Open(options, logger));
  auto engine =
      std::make_unique<Engine>(options, clock, std::move(logger), metrics, std::move(rocks));
  ENERGY_RETURN_IF_ERROR(engine->Recover());
  return std::unique_ptr<EmbeddedStore>(std::move(engine));
}

base::Status Engine::Recover() {
  ENERGY_RETURN_IF_ERROR(CheckFormat());
  if (rocks_->damaged_at_open() != 0) {
    damaged_total_ = rocks_->damaged_at_open();
    damage_ = "files were damaged and are in the folder " + std::string(kQuarantineFolder);
    instruments_->damaged.Increment(static_cast<double>(damaged_total_));
  }
  ENERGY_RETURN_IF_ERROR(devices_.Load());
  ENERGY_RETURN_IF_ERROR(fields_.Load());
  ENERGY_RETURN_IF_ERROR(LoadDeleted());
  ENERGY_RETURN_IF_ERROR(LoadRollupProgress());
  ENERGY_RETURN_IF_ERROR(LoadRetention());
  const auto start = clock_.Steady();
  ENERGY_RETURN_IF_ERROR(Replay());
  replay_.took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Steady() - start);
  logger_->info("replayed {} log records with {} readings in {} ms, {} damaged bytes dropped",
                replay_.records, replay_.readings, replay_.took.count(),
                replay_.damaged_tail_bytes_or_records);
  return {};
}

base::Status Engine::CheckFormat() {
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());
  replay_.damaged_tail_bytes_or_records = lease->dropped_bytes();
  ENERGY_ASSIGN_OR_RETURN(const auto version, lease.ReadMeta(kVersionKey));
  if (!version) {
    rocksdb::WriteBatch batch;
    batch.Put(lease->meta(), kVersionKey, kFormatVersion);
    batch.Put(lease->meta(), kRollupsBuiltKey, LogKey(kAllRollups));
    return lease.Write(batch, true);
  }
  if (*version == kFormatVersion) return {};
  return base::InvalidArgument("the telemetry store in " + options_.path.string() +
                               " has format version " + *version + "; this version reads " +
                               kFormatVersion + ": use a newer version");
}

base::Status Engine::Replay() {
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());
  ENERGY_ASSIGN_OR_RETURN(const auto sealed, lease.ReadMeta(kSealedKey));
  if (sealed && sealed->size() != kLogKeyBytes) {
    return base::Internal("the telemetry store's sealed_sequence is damaged: restore a backup");
  }
  sealed_sequence_ = sealed ? LoadBe<uint64_t>(*sealed) : 0;
  applied_sequence_ = sealing_sequence_ = sealed_sequence_;

  Batch scratch;
  const auto it = lease.Iterate(lease->log());
  for (it->Seek(LogKey(sealed_sequence_ + 1)); it->Valid(); it->Next()) {
    const std::string_view key = it->key().ToStringView();
    if (key.size() != kLogKeyBytes) return base::Internal("the log has a key of another length");
    ENERGY_RETURN_IF_ERROR(
        ReplayRecord(LoadBe<uint64_t>(key), it->value().ToStringView(), scratch));
  }
  ENERGY_RETURN_IF_ERROR(rocks_->TranslateStatus(it->status()));
  next_sequence_ = applied_sequence_ + 1;
  return {};
}

base::Status Engine::ReplayRecord(uint64_t sequence, std::string_view record, Batch& scratch) {
  scratch.Clear();
  base::Status status = DecodeLogRecord(record, scratch);
  if (status.ok()) status = CheckBatch(scratch, devices_.size(), fields_.size());
  if (!status.ok()) {
    return base::Internal("the telemetry store in " + options_.path.string() +
                          " is damaged: log record " + std::to_string(sequence) + ": " +
                          status.message() + ": run energy-platform doctor, or restore a backup");
  }
  bool full = false;
  {
    const std::unique_lock lock(head_mutex_);
    if (active_->empty()) active_since_ = clock_.Steady();
    replay_.readings += active_->Insert(scratch, refuse_before_, gone_);
    NoteNewest(active_->newest_ns());
    ++replay_.records;
    applied_sequence_ = sequence;
    active_log_bytes_ += record.size();
    full = UnderPressure();
  }
  // The log may hold more than a head may: another limit was configured when it was written.
  return full ? Seal() : base::Status();
}

}  // namespace energy::series
