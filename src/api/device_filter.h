#pragma once

#include "api/input.h"
#include "devices/device_repository.h"

namespace energy::api {

/// Reads type, status, location, tag, search and sort; what is wrong is in `input`.
devices::DeviceFilter ReadDeviceFilter(QueryInput& input);

}  // namespace energy::api
