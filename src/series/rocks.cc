#include "series/rocks.h"

#include <chrono>
#include <utility>
#include <vector>

#include "series/quarantine.h"

namespace energy::series {
namespace {

constexpr const char* kProbeKey = "probe";
constexpr std::chrono::seconds kLongestWaitForReads{10};

}  // namespace

base::Result<std::unique_ptr<Rocks>> Rocks::Open(const EmbeddedOptions& options,
                                                 const base::Logger& logger) {
  std::unique_ptr<Rocks> rocks(new Rocks(options, logger));
  base::Result<std::unique_ptr<Database>> opened =
      Database::Open(options, *rocks->cuts_, rocks->damaged_, logger);
  if (opened.ok()) {
    rocks->database_ = std::move(*opened);
    return rocks;
  }
  if (opened.status().code() != base::Code::kInternal) return opened.status();
  const auto files = FindDamagedFiles(options.path);
  if (files.empty()) return opened.status();
  ENERGY_ASSIGN_OR_RETURN(rocks->damaged_at_open_, rocks->QuarantineAndOpen(files));
  return rocks;
}

Rocks::Lease::Lease(Lease&& other) noexcept
    : rocks_(std::exchange(other.rocks_, nullptr)), database_(other.database_) {}

Rocks::Lease::~Lease() {
  if (rocks_ != nullptr) rocks_->Release();
}

base::Result<Rocks::Lease> Rocks::Use() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !reopening_; });
  if (database_ == nullptr) return base::Unavailable(error_);
  ++leases_;
  return Lease(*this, *database_);
}

void Rocks::Release() {
  const std::lock_guard lock(mutex_);
  if (--leases_ == 0 && reopening_) changed_.notify_all();
}

base::Status Rocks::Lease::Write(rocksdb::WriteBatch& batch, bool sync) const {
  if (!rocks_->writable()) return base::Unavailable(rocks_->error());
  rocksdb::WriteOptions options;
  options.sync = sync;
  const rocksdb::Status status = database_->db().Write(options, &batch);
  return status.ok() ? base::Status() : rocks_->Refuse(rocks_->TranslateStatus(status));
}

std::unique_ptr<rocksdb::Iterator> Rocks::Lease::Iterate(
    rocksdb::ColumnFamilyHandle* family) const {
  return std::unique_ptr<rocksdb::Iterator>(
      database_->db().NewIterator(rocksdb::ReadOptions(), family));
}

Views Rocks::Lease::IterateSealed() const {
  std::vector<rocksdb::Iterator*> iterators;
  const rocksdb::Status status = database_->db().NewIterators(
      rocksdb::ReadOptions(), {database_->chunks(), database_->hourly(), database_->daily()},
      &iterators);
  if (status.ok()) {
    return {.chunks = std::unique_ptr<rocksdb::Iterator>(iterators[0]),
            .hourly = std::unique_ptr<rocksdb::Iterator>(iterators[1]),
            .daily = std::unique_ptr<rocksdb::Iterator>(iterators[2])};
  }
  const auto failed = [&] {
    return std::unique_ptr<rocksdb::Iterator>(rocksdb::NewErrorIterator(status));
  };
  return {.chunks = failed(), .hourly = failed(), .daily = failed()};
}

base::Result<std::optional<std::string>> Rocks::Lease::ReadMeta(std::string_view key) const {
  std::string value;
  const rocksdb::Status status = database_->db().Get(
      rocksdb::ReadOptions(), database_->meta(), rocksdb::Slice(key.data(), key.size()), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  ENERGY_RETURN_IF_ERROR(rocks_->TranslateStatus(status));
  return std::optional(std::move(value));
}

std::string Rocks::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

base::Status Rocks::Refuse(base::Status status) {
  {
    const std::lock_guard lock(mutex_);
    error_ = status.message();
  }
  if (writable_.exchange(false)) {
    logger_->error("a write failed, more are refused until it is healed: {}", status.message());
  }
  return base::Unavailable(status.message());
}

base::Status Rocks::Heal() {
  const std::lock_guard healing(heal_mutex_);
  if (writable()) return Prove();
  base::Status status = CheckSpace();
  if (status.ok()) status = Reopen();
  if (!status.ok()) return Refuse(std::move(status));
  writable_.store(true, std::memory_order_release);
  ENERGY_RETURN_IF_ERROR(Prove());
  {
    const std::lock_guard lock(mutex_);
    error_.clear();
  }
  logger_->info("the telemetry store can write again");
  return {};
}

base::Status Rocks::CloseWhenUnused() {
  std::unique_lock lock(mutex_);
  reopening_ = true;
  if (!changed_.wait_for(lock, kLongestWaitForReads, [&] { return leases_ == 0; })) {
    reopening_ = false;
    changed_.notify_all();
    return base::Unavailable("the telemetry store is busy with reads: try again");
  }
  database_.reset();
  return {};
}

base::Status Rocks::Reopen() {
  ENERGY_RETURN_IF_ERROR(CloseWhenUnused());
  base::Result<std::unique_ptr<Database>> opened =
      Database::Open(options_, *cuts_, damaged_, logger_);
  const std::lock_guard lock(mutex_);
  reopening_ = false;
  changed_.notify_all();
  if (!opened.ok()) {
    error_ = opened.status().message();
    return opened.status();
  }
  database_ = std::move(*opened);
  return {};
}

base::Result<uint64_t> Rocks::Repair() {
  const std::lock_guard healing(heal_mutex_);
  const auto files = FindDamagedFiles(options_.path);
  if (!files.empty()) {
    ENERGY_RETURN_IF_ERROR(CloseWhenUnused());
    base::Result<uint64_t> repaired = QuarantineAndOpen(files);
    const std::lock_guard lock(mutex_);
    reopening_ = false;
    changed_.notify_all();
    if (!repaired.ok()) error_ = repaired.status().message();
    return repaired;
  }
  ENERGY_ASSIGN_OR_RETURN(const Lease lease, Use());
  ENERGY_ASSIGN_OR_RETURN(const Repaired repaired, RepairEntries(*lease, {}, logger_));
  damaged_ = false;
  return repaired.set_aside;
}

// The database is closed and stays so until this is done.
base::Result<uint64_t> Rocks::QuarantineAndOpen(const std::vector<std::filesystem::path>& files) {
  ENERGY_ASSIGN_OR_RETURN(const Quarantined quarantined,
                          QuarantineFiles(options_.path, files, logger_));
  ENERGY_ASSIGN_OR_RETURN(auto database, Database::Open(options_, *cuts_, damaged_, logger_));
  ENERGY_ASSIGN_OR_RETURN(const Repaired repaired,
                          RepairEntries(*database, quarantined.entries, logger_));
  damaged_ = false;
  const std::lock_guard lock(mutex_);
  database_ = std::move(database);
  return quarantined.files.size() + repaired.set_aside;
}

base::Status Rocks::Prove() {
  ENERGY_ASSIGN_OR_RETURN(const Lease lease, Use());
  rocksdb::WriteBatch batch;
  batch.Put(lease->meta(), kProbeKey, "");
  return lease.Write(batch, true);
}

}  // namespace energy::series
