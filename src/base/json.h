#pragma once

#include <nlohmann/json.hpp>

namespace energy::base {

/// JSON of the API and of stored documents; keys keep their order. The ingest path does not use it.
using Json = nlohmann::ordered_json;

}  // namespace energy::base
