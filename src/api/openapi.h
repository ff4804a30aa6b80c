#pragma once

#include <string>

#include "base/status.h"

namespace energy::api {

/// docs/api/openapi.yaml as JSON text; part of the program. Made at the first call and kept.
/// Errors: kInternal when what was built in is no YAML. Threads: safe anywhere.
const base::Result<std::string>& OpenApiJson();

}  // namespace energy::api
