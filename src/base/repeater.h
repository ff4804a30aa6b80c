#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "base/log.h"
#include "base/service.h"

namespace energy::base {

/// A thread that does something every so often, beginning one interval after Start. Of failures in
/// a row it logs the first, as "`failing`: why".
///
/// Threads: `work` runs on its own, never twice at once; Stop waits for it, and not for the
/// interval.
class Repeater final : public Service {
 public:
  /// `name`: of the thread, at most 15 bytes.
  Repeater(std::string name, std::chrono::milliseconds interval, std::function<Status()> work,
           std::string failing, Logger logger);
  ~Repeater() override;

  std::string_view name() const override { return name_; }
  Status Start() override;
  void Stop() override;

 private:
  void Run(const std::stop_token& stop);

  const std::string name_;
  const std::chrono::milliseconds interval_;
  const std::function<Status()> work_;
  const std::string failing_;
  const Logger logger_;
  std::jthread thread_;
};

}  // namespace energy::base
