#include "mqtt/session_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace energy::mqtt {
namespace {

using std::chrono::seconds;

constexpr seconds kSyncInterval{1};
constexpr seconds kRetryInterval{1};
constexpr size_t kFreshChunk = 1 << 20;
constexpr size_t kChangeBytes = 128;  // what a change costs in memory beside its message

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

size_t MemoryOf(const Change& change) {
  if (const auto* queued = std::get_if<MessageQueued>(&change)) {
    return kChangeBytes + queued->message->memory() + queued->targets.size() * sizeof(StoredTarget);
  }
  if (const auto* retained = std::get_if<RetainedSet>(&change)) {
    return kChangeBytes + retained->message->memory();
  }
  if (const auto* will = std::get_if<WillDelayed>(&change)) {
    return kChangeBytes + sizeof(StoredWill) + will->will->topic.size() +
           will->will->payload.size() + will->will->properties.size();
  }
  return kChangeBytes;
}

}  // namespace

FileSessionStore::FileSessionStore(Options options, const base::Clock& clock, base::Logger logger,
                                   base::Metrics& metrics)
    : options_(std::move(options)),
      clock_(clock),
      logger_(std::move(logger)),
      file_bytes_(metrics.Gauge("mqtt_session_file_bytes", "Size of the file of MQTT sessions")),
      writable_(metrics.Gauge("mqtt_session_file_writable",
                              "1 while the file of MQTT sessions can be written, else 0")),
      failures_(metrics.Counter("mqtt_session_write_failures_total",
                                "Writes to the file of MQTT sessions that failed")) {}

FileSessionStore::~FileSessionStore() {
  Stop();
  CloseFile();
}

void FileSessionStore::CloseFile() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

base::Status FileSessionStore::WriteFresh(int fd, size_t& written) const {
  std::string out(kHeader);
  const StoreTime now = Now();
  bool good = true;
  const auto flush = [&] {
    good = good && WriteAll(fd, out);
    written += out.size();
    out.clear();
  };
  state_.Describe([&](const Change& change) {
    if (!good) return;
    EncodeStoreRecord(change, now, out);
    if (out.size() >= kFreshChunk) flush();
  });
  flush();
  if (!good || ::fdatasync(fd) != 0) return FileError("write", Path(kFreshName));
  return {};
}

// The old file stays until the new one is complete and on the disk.
base::Status FileSessionStore::Rewrite() {
  const auto fresh = Path(kFreshName);
  const int fd = ::open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0600);
  if (fd < 0) return FileError("create", fresh);
  size_t written = 0;
  base::Status status = WriteFresh(fd, written);
  if (status.ok() && ::rename(fresh.c_str(), Path(kFileName).c_str()) != 0) {
    status = FileError("rename", fresh);
  }
  if (!status.ok()) {
    ::close(fd);
    ::unlink(fresh.c_str());
    return status;
  }
  const int folder = ::open(options_.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  CloseFile();
  fd_ = fd;
  size_ = rewritten_size_ = written;
  unsynced_ = false;
  broken_ = false;
  file_bytes_.Set(static_cast<double>(size_));
  writable_.Set(1);
  const std::lock_guard lock(mutex_);
  health_ = {};
  return {};
}

base::Status FileSessionStore::Start(OnWritten on_written, OnDrained on_drained) {
  on_written_ = std::move(on_written);
  on_drained_ = std::move(on_drained);
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  return {};
}

void FileSessionStore::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  Sync();
}

void FileSessionStore::Append(Change change) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) work_.notify_one();
  waiting_.bytes += MemoryOf(change);
  waiting_.changes.push_back(std::move(change));
  if (waiting_.bytes > options_.max_waiting_bytes) saturated_.store(true);
}

void FileSessionStore::Notify(const Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) work_.notify_one();
  waiting_.waiters.push_back(waiter);
}

void FileSessionStore::Run(const std::stop_token& stop) {
  while (true) {
    Batch batch;
    {
      std::unique_lock lock(mutex_);
      const auto something = [this] { return !waiting_.empty(); };
      if (unsynced_ || broken_) {
        work_.wait_for(lock, stop, std::min(kSyncInterval, kRetryInterval), something);
      } else {
        work_.wait(lock, stop, something);
      }
      std::swap(batch, waiting_);
    }
    if (batch.empty() && stop.stop_requested()) return;
    if (!batch.empty()) {
      const bool safe = WriteBatch(batch);
      if (!batch.waiters.empty()) on_written_(batch.waiters, safe);
      if (saturated_.exchange(false)) on_drained_();
    }
    if (batch.empty() && broken_) Repair();
    if (clock_.Steady() - last_sync_ >= kSyncInterval) Sync();
    if (size_ > options_.min_compact_bytes && size_ > 2 * rewritten_size_ && !broken_) {
      const base::Status status = Rewrite();
      if (!status.ok()) {
        logger_->warn("{}", status.ToString());
        rewritten_size_ = size_;  // tried again when it has doubled
      }
    }
  }
}

bool FileSessionStore::WriteBatch(const Batch& batch) {
  std::string out;
  const StoreTime now = Now();
  for (const Change& change : batch.changes) {
    state_.Apply(change);
    if (!broken_) EncodeStoreRecord(change, now, out);
  }
  if (!broken_ && !WriteAll(fd_, out)) {
    Break(FileError("write", Path(kFileName)));
    // What was written of the batch must not be taken for the whole.
    if (::ftruncate(fd_, static_cast<off_t>(size_)) != 0) {
      logger_->error("{}", FileError("shorten", Path(kFileName)).message());
    }
  }
  if (!broken_) {
    size_ += out.size();
    unsynced_ = unsynced_ || !out.empty();
    file_bytes_.Set(static_cast<double>(size_));
    if (batch.waiters.empty() || Sync()) return true;
  }
  return Repair();
}

void FileSessionStore::Break(base::Status why) {
  broken_ = true;
  failures_.Increment();
  writable_.Set(0);
  logger_->error("{}: sessions are not safe until that works again", why.message());
  const std::lock_guard lock(mutex_);
  health_ = std::move(why);
}

// True when the file is complete again.
bool FileSessionStore::Repair() {
  const auto now = clock_.Steady();
  if (now - last_attempt_ < kRetryInterval) return false;
  last_attempt_ = now;
  base::Status status = Rewrite();
  if (status.ok()) {
    logger_->info("the file of MQTT sessions is complete again");
    return true;
  }
  failures_.Increment();
  const std::lock_guard lock(mutex_);
  health_ = std::move(status);
  return false;
}

base::Status FileSessionStore::health() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

// False when that failed.
bool FileSessionStore::Sync() {
  if (!unsynced_ || fd_ < 0) return true;
  last_sync_ = clock_.Steady();
  unsynced_ = false;
  if (::fdatasync(fd_) == 0) return true;
  // The kernel may have dropped what it could not write: only a fresh file can be trusted.
  Break(FileError("sync", Path(kFileName)));
  return false;
}

}  // namespace energy::mqtt
