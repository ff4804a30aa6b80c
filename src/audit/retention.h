#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <thread>

#include "audit/audit_log.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/service.h"
#include "base/status.h"

namespace energy::audit {

/// Keeps the log for a time: whole days (UTC) that are older go to files first and then out of the
/// database, the oldest first. A file has a line of JSON an entry, as the API's download, and is on
/// the disk before its entries are removed. What stays begins with the hash of the last one that
/// went (AuditLog::Prune), so that file and log are one chain.
///
/// Threads: Start makes one that looks every hour; Run alone is for tests.
class Retention final : public base::Service {
 public:
  /// `keep`: 0 keeps all. `folder`: of the files, made when needed. `entries_at_once`: in one file
  /// and transaction.
  Retention(AuditLog& log, const base::Clock& clock, std::chrono::days keep,
            std::filesystem::path folder, base::Logger logger, int64_t entries_at_once = 10'000);
  ~Retention() override { Stop(); }

  std::string_view name() const override { return "audit-retention"; }
  base::Status Start() override;
  void Stop() override;

  /// Removes what is too old. Answers how many entries. Errors: those of SQL; kUnavailable when a
  /// file cannot be written; then the entries stay.
  base::Result<int64_t> Run(const std::stop_token& stop = {});

 private:
  struct Batch {
    std::string text;  // of the file
    int64_t entries = 0;
    Anchor last;
  };
  base::Result<Batch> Collect(const Anchor& from, base::Timestamp until);
  base::Status Write(const std::filesystem::path& file, const std::string& text) const;
  void Watch(const std::stop_token& stop);

  AuditLog& log_;
  const base::Clock& clock_;
  const std::chrono::days keep_;
  const std::filesystem::path folder_;
  const base::Logger logger_;
  const int64_t entries_at_once_;
  std::jthread thread_;
};

}  // namespace energy::audit
