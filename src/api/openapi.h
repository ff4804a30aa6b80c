#pragma once

#include <string>

namespace energy::api {

/// docs/api/openapi.yaml as JSON text; part of the program.
std::string OpenApiJson();

}  // namespace energy::api
