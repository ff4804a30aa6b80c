#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/service.h"
#include "http/message.h"

namespace energy::http {

/// One line of JSON an answered request: who asked for what, and what came of it. Never a query, a
/// header or a body: those may hold tokens and passwords.
std::string AccessLine(const Request& request, const Response& response, base::Timestamp now,
                       std::chrono::nanoseconds took);

/// Writes access lines to a file, on a thread of its own and some 20 ms later: who answers never
/// waits for a disk. What
/// does not fit into the queue of 4 MiB is dropped and counted. A file that has reached its limit
/// becomes FILE.1, in place of the one before.
///
/// Threads: Add from anywhere. Metric: access_log_dropped_total.
class AccessLog final : public base::Service {
 public:
  /// `path`: "-" is standard output, which has no limit.
  AccessLog(std::filesystem::path path, uintmax_t file_limit, base::Logger logger,
            base::Metrics& metrics);
  ~AccessLog() override;

  std::string_view name() const override { return "access-log"; }
  /// Errors: kUnavailable when the file cannot be opened.
  base::Status Start() override;
  /// Writes what is queued.
  void Stop() override;

  /// `line` without its end.
  void Add(std::string_view line);

 private:
  struct Closer {
    void operator()(std::FILE* file) const;
  };
  base::Status Open();
  void Run(const std::stop_token& stop);
  void Write(const std::string& lines);

  const std::filesystem::path path_;
  const uintmax_t file_limit_;
  base::Logger logger_;
  prometheus::Counter& dropped_;
  std::unique_ptr<std::FILE, Closer> file_;  // the thread's
  uintmax_t written_ = 0;                    // the thread's
  bool failing_ = false;                     // the thread's

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::string queue_;  // guarded by mutex_
  std::jthread thread_;
};

}  // namespace energy::http
