#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/status.h"

namespace energy::base {

/// A text that changes whenever one of the files is written or replaced.
std::string FilesIdentity(const std::vector<std::string>& files);

/// What is made of files and made again when one of them changes: the certificates that new
/// connections get.
///
/// Threads: `current` anywhere; Load and Refresh on one. They read files.
template <class T>
class FromFiles {
 public:
  using Make = std::function<Result<std::shared_ptr<T>>()>;

  /// `what`: for the log, "TLS certificate". Files without a name count as not there.
  FromFiles(std::string what, std::vector<std::string> files, Make make, Logger logger)
      : what_(std::move(what)),
        files_(std::move(files)),
        make_(std::move(make)),
        logger_(std::move(logger)) {}

  /// Errors: those of `make`; what there was stays.
  Status Load() {
    identity_ = FilesIdentity(files_);
    auto made = make_();
    if (!made.ok()) return made.status();
    const std::lock_guard lock(mutex_);
    current_ = std::move(made).value();
    return {};
  }

  /// Loads again if the files are not those read last. Bad ones are logged.
  void Refresh() {
    if (FilesIdentity(files_) == identity_) return;
    const Status status = Load();
    if (status.ok()) {
      logger_->info("the {} changed: new connections get the new one", what_);
      return;
    }
    std::string text = status.message();
    for (const FieldError& error : status.fields())
      text += "; " + error.field + " " + error.message;
    logger_->error("the changed {} cannot be used, the old one stays: {}", what_, text);
  }

  /// Null before Load. Shared: who began with one keeps it.
  std::shared_ptr<T> current() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }

 private:
  const std::string what_;
  const std::vector<std::string> files_;
  const Make make_;
  const Logger logger_;
  std::string identity_;  // of the files read last; Load and Refresh only
  mutable std::mutex mutex_;
  std::shared_ptr<T> current_;  // guarded by mutex_
};

}  // namespace energy::base
