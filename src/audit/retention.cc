#include "audit/retention.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>

namespace energy::audit {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kLookEvery{1};

base::Status Failed(const fs::path& path) {
  return base::Unavailable("audit entries cannot be written to " + path.string() + ": " +
                           std::strerror(errno));
}

class File {
 public:
  File(const fs::path& path, int flags) : descriptor_(::open(path.c_str(), flags, 0600)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool Write(std::string_view text) const {
    if (descriptor_ < 0) return false;
    while (!text.empty()) {
      const ssize_t wrote = ::write(descriptor_, text.data(), text.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return false;
      text.remove_prefix(static_cast<size_t>(wrote));
    }
    return true;
  }
  bool Sync() const { return descriptor_ >= 0 && ::fsync(descriptor_) == 0; }

 private:
  const int descriptor_;
};

// Names sort as the entries do.
std::string NameOf(int64_t first) {
  std::string digits = std::to_string(first);
  digits.insert(0, digits.size() < 12 ? 12 - digits.size() : 0, '0');
  return "audit-" + digits + ".ndjson";
}

}  // namespace

Retention::Retention(AuditLog& log, const base::Clock& clock, std::chrono::days keep,
                     fs::path folder, base::Logger logger, int64_t entries_at_once)
    : log_(log),
      clock_(clock),
      keep_(keep),
      folder_(std::move(folder)),
      logger_(std::move(logger)),
      entries_at_once_(entries_at_once) {}

base::Status Retention::Start() {
  if (keep_.count() == 0) return {};
  thread_ = std::jthread([this](const std::stop_token& stop) { Watch(stop); });
  return {};
}

void Retention::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Retention::Watch(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "audit");
  std::mutex mutex;
  std::condition_variable_any wake;
  while (!stop.stop_requested()) {
    const auto removed = Run(stop);
    if (!removed.ok()) {
      logger_->error("old audit entries stay for now: {}", removed.status().ToString());
    } else if (*removed > 0) {
      logger_->info("{} audit entries older than {} days went to {}", *removed, keep_.count(),
                    folder_.string());
    }
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, kLookEvery, [] { return false; });
  }
}

base::Result<int64_t> Retention::Run(const std::stop_token& stop) {
  if (keep_.count() == 0) return 0;
  const base::Timestamp until = std::chrono::floor<std::chrono::days>(clock_.Now()) - keep_;
  int64_t removed = 0;
  while (!stop.stop_requested()) {
    ENERGY_ASSIGN_OR_RETURN(const Anchor from, log_.Beginning());
    ENERGY_ASSIGN_OR_RETURN(const Batch batch, Collect(from, until));
    if (batch.entries == 0) break;
    ENERGY_RETURN_IF_ERROR(Write(folder_ / NameOf(from.sequence + 1), batch.text));
    ENERGY_ASSIGN_OR_RETURN(const bool pruned, log_.Prune(clock_, from, batch.last));
    if (pruned) removed += batch.entries;
  }
  return removed;
}

base::Result<Retention::Batch> Retention::Collect(const Anchor& from, base::Timestamp until) {
  Batch batch;
  batch.last = from;
  while (batch.entries < entries_at_once_) {
    const auto limit =
        static_cast<int>(std::min<int64_t>(entries_at_once_ - batch.entries, sql::kMaxPageSize));
    ENERGY_ASSIGN_OR_RETURN(const std::vector<Entry> entries,
                            log_.Next({}, batch.last.sequence, limit));
    for (const Entry& entry : entries) {
      if (entry.time >= until) return batch;
      // What is not sound stays as evidence.
      if (entry.sequence != batch.last.sequence + 1 ||
          HashOf(batch.last.hash, entry) != entry.hash) {
        if (batch.entries > 0) return batch;
        return base::Conflict("audit entry " + std::to_string(batch.last.sequence + 1) +
                              " is not what was recorded: verify the log");
      }
      batch.text += ToJson(entry).dump() + '\n';
      batch.last = {entry.sequence, entry.hash};
      ++batch.entries;
    }
    if (entries.size() < static_cast<size_t>(limit)) break;
  }
  return batch;
}

base::Status Retention::Write(const fs::path& file, const std::string& text) const {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return Failed(folder_);
  fs::path fresh = file;
  fresh += ".new";
  {
    const File out(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);
    if (!out.Write(text) || !out.Sync()) return Failed(fresh);
  }
  if (std::rename(fresh.c_str(), file.c_str()) != 0) return Failed(file);
  if (!File(folder_, O_RDONLY | O_DIRECTORY | O_CLOEXEC).Sync()) return Failed(folder_);
  return {};
}

}  // namespace energy::audit
