#pragma once

#include <string_view>

#include "base/status.h"

namespace energy::base {

/// A part of the program with a life of its own. `app` starts services in the order of their
/// dependencies and stops them in reverse.
class Service {
 public:
  virtual ~Service() = default;
  virtual std::string_view name() const = 0;
  /// Begins the work. A failed Start leaves nothing running.
  virtual Status Start() = 0;
  /// Finishes what was promised, then ends. Idempotent; safe without Start.
  virtual void Stop() = 0;
};

}  // namespace energy::base
