#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "mqtt/session_store.h"
#include "mqtt/store_record.h"

namespace energy::mqtt {

/// SessionStore in one file: docs/formats/mqtt-sessions.md.
///
/// Operation: a thread writes what was appended since its last write with one write(2) and keeps
/// the state that the file stands for in memory (messages are shared with the sessions). While
/// somebody waits it syncs the file at once, with one fdatasync for all that came during the last
/// one; else at most once a second. A file that has grown to twice what it was when it was last
/// rewritten, and over `min_compact_bytes`, is rewritten from that state. After a failed write the
/// file is rewritten as a whole before anything is called safe again; that is tried every second.
class FileSessionStore final : public SessionStore {
 public:
  struct Options {
    std::filesystem::path folder;
    size_t min_compact_bytes = 16 << 20;
    size_t max_waiting_bytes = 64 << 20;  ///< appended and not yet written; beyond it is Saturated
  };

  /// Reads the file. Whatever of it is damaged is left out and kept in a copy.
  /// Errors: kUnavailable: the folder cannot be used, or was written by a later version.
  static base::Result<std::unique_ptr<FileSessionStore>> Open(Options options,
                                                              const base::Clock& clock,
                                                              base::Logger logger,
                                                              base::Metrics& metrics);
  ~FileSessionStore() override;

  const StoredState& state() const override { return state_; }
  base::Status Start(OnWritten on_written, OnDrained on_drained) override;
  void Stop() override;
  void Append(Change change) override;
  void Notify(const Waiter& waiter) override;
  bool Saturated() const override { return saturated_.load(std::memory_order_relaxed); }
  base::Status health() const override;

 private:
  struct Batch {
    std::vector<Change> changes;
    std::vector<Waiter> waiters;
    size_t bytes = 0;

    bool empty() const { return changes.empty() && waiters.empty(); }
  };

  static constexpr char kFileName[] = "sessions.log";
  static constexpr char kFreshName[] = "sessions.new";
  static constexpr char kDamagedName[] = "sessions.damaged";
  static constexpr std::string_view kHeader{"EPMQTT\x00\x01", 8};  // name and version

  FileSessionStore(Options options, const base::Clock& clock, base::Logger logger,
                   base::Metrics& metrics);

  static base::Status FileError(const std::string& what, const std::filesystem::path& path);
  StoreTime Now() const { return {clock_.Now(), clock_.Steady()}; }
  std::filesystem::path Path(const char* name) const { return options_.folder / name; }
  base::Status Read();
  base::Status Replay(std::string_view content, size_t& good_bytes, size_t& damaged);
  base::Status Rewrite();
  base::Status WriteFresh(int fd, size_t& written) const;
  bool WriteBatch(const Batch& batch);
  void Break(base::Status why);
  bool Repair();
  void Run(const std::stop_token& stop);
  bool Sync();
  void CloseFile();

  const Options options_;
  const base::Clock& clock_;
  const base::Logger logger_;
  prometheus::Gauge& file_bytes_;
  prometheus::Gauge& writable_;
  prometheus::Counter& failures_;

  // The writer's; before Start and after Stop the owner's.
  StoredState state_;
  int fd_ = -1;
  size_t size_ = 0;
  size_t rewritten_size_ = 0;
  bool broken_ = false;  // the file's end is unknown: it must be rewritten
  bool unsynced_ = false;
  std::chrono::steady_clock::time_point last_sync_{};
  std::chrono::steady_clock::time_point last_attempt_{};
  OnWritten on_written_;
  OnDrained on_drained_;

  std::atomic<bool> saturated_{false};
  mutable std::mutex mutex_;
  std::condition_variable_any work_;
  Batch waiting_;        // guarded by mutex_
  base::Status health_;  // guarded by mutex_
  std::jthread thread_;
};

}  // namespace energy::mqtt
