#include "series/rocks.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <utility>

namespace energy::series {
namespace {

constexpr const char* kProbeKey = "probe";
constexpr std::chrono::seconds kLongestWaitForReads{10};

uint64_t WriteAheadLogBytes(const std::filesystem::path& folder) {
  uint64_t bytes = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".log") continue;
    const auto size = entry.file_size(error);
    bytes += error ? 0 : size;
  }
  return bytes;
}

}  // namespace

base::Result<std::unique_ptr<Rocks>> Rocks::Open(const EmbeddedOptions& options,
                                                 const base::Logger& logger) {
  std::unique_ptr<Rocks> rocks(new Rocks(options, logger));
  ENERGY_ASSIGN_OR_RETURN(rocks->database_, Database::Open(options, logger));
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

base::Result<std::optional<std::string>> Rocks::Lease::ReadMeta(std::string_view key) const {
  std::string value;
  const rocksdb::Status status = database_->db().Get(
      rocksdb::ReadOptions(), database_->meta(), rocksdb::Slice(key.data(), key.size()), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  ENERGY_RETURN_IF_ERROR(rocks_->TranslateStatus(status));
  return std::optional(std::move(value));
}

uint64_t Rocks::Lease::BytesOf(rocksdb::ColumnFamilyHandle* family) const {
  uint64_t files = 0;
  uint64_t buffers = 0;
  rocksdb::DB& db = database_->db();
  db.GetIntProperty(family, rocksdb::DB::Properties::kLiveSstFilesSize, &files);
  db.GetIntProperty(family, rocksdb::DB::Properties::kCurSizeAllMemTables, &buffers);
  return files + buffers;
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

// Opening writes what the write-ahead log holds into files. Closing first and then finding that
// there is no room for that would leave reads without a database.
base::Status Rocks::CheckSpace() const {
  constexpr uint64_t kManifestAndMore = uint64_t{1} << 20;
  const auto needed = static_cast<off_t>(WriteAheadLogBytes(options_.path) +
                                         2 * options_.write_buffer_bytes + kManifestAndMore);
  const std::filesystem::path trial = options_.path / "space-check.tmp";
  const int file = open(trial.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  int failure = file < 0 ? errno : posix_fallocate(file, 0, needed);
  if (file >= 0) {
    if (failure == 0 && fsync(file) != 0) failure = errno;
    close(file);
    unlink(trial.c_str());
  }
  if (failure == 0) return {};
  const std::string where = "telemetry store " + options_.path.string() + ": ";
  if (failure == ENOSPC || failure == EDQUOT) {
    return base::Unavailable(where + "the disk is full: free " + std::to_string(needed >> 20) +
                             " MiB there");
  }
  return base::Unavailable(where + "cannot write: " + std::strerror(failure));
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
  base::Result<std::unique_ptr<Database>> opened = Database::Open(options_, logger_);
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

base::Status Rocks::Prove() {
  ENERGY_ASSIGN_OR_RETURN(const Lease lease, Use());
  rocksdb::WriteBatch batch;
  batch.Put(lease->meta(), kProbeKey, "");
  return lease.Write(batch, true);
}

}  // namespace energy::series
