#pragma once

#include <memory>

#include "app/platform.h"
#include "base/service.h"
#include "simulator/simulator.h"

namespace energy::app {

struct DemoOptions {
  std::chrono::hours history{24 * 14};
  std::chrono::milliseconds interval{5000};
  double fault_probability = 0.05;
  uint64_t seed = 1;
};

/// Furnishes a running platform for the demo: device D1, its two rules and, at the first start, its
/// history; then a simulator that publishes as D1 over MQTT with credentials of its own.
class Demo {
 public:
  Demo(Platform& platform, DemoOptions options);
  ~Demo();

  /// What is there already is left as it is. Errors: those of the stores.
  base::Status Furnish();
  base::Status StartSimulator();
  void Stop();

 private:
  base::Status CreateDevice();
  base::Status CreateRules();
  base::Status WriteHistory();

  Platform& platform_;
  const DemoOptions options_;
  std::unique_ptr<simulator::Simulator> simulator_;
};

}  // namespace energy::app
