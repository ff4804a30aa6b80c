#pragma once

#include "series/columns.h"
#include "series/engine.h"

namespace energy::series {

inline base::Status UnknownDevice(DeviceRef device) {
  return base::NotFound("no device with the handle " + std::to_string(device));
}

/// What a read of one device sees: everything acknowledged before it, once.
struct Engine::Snapshot {
  Rocks::Lease lease;
  Views views;
  Columns unsealed;         ///< of the range, with the asked fields
  int64_t raw_from_ns = 0;  ///< start of the range, or of what is kept
};

}  // namespace energy::series
