#pragma once

#include <string>

#include "base/json.h"
#include "base/status.h"

namespace energy::base {

/// A YAML document as JSON. Plain scalars become null, true, false or numbers where they look like
/// one (YAML 1.2 core schema), quoted ones stay text. Keys keep their order.
/// Errors: kInvalidArgument with line and column.
Result<Json> YamlToJson(const std::string& text);

}  // namespace energy::base
