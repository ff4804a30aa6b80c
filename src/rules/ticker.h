#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/service.h"
#include "rules/engine.h"
#include "rules/rule_service.h"

namespace energy::rules {

/// Makes happen what is due without readings, five times a second, and has the rules follow the
/// registered devices. While the database is away the rules stay as they are.
class Ticker final : public base::Service {
 public:
  using Apply = std::function<void(const std::vector<Transition>&)>;

  /// All outlive it.
  Ticker(Engine& engine, RuleService& rules, const base::Clock& clock, Apply apply,
         base::Logger logger);
  ~Ticker() override;

  std::string_view name() const override { return "rules"; }
  base::Status Start() override;
  void Stop() override;

 private:
  void Run();

  Engine& engine_;
  RuleService& rules_;
  const base::Clock& clock_;
  const Apply apply_;
  const base::Logger logger_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace energy::rules
