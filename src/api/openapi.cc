#include "api/openapi.h"

#include "api/openapi_document.h"
#include "base/yaml.h"

namespace energy::api {

std::string OpenApiJson() {
  std::string yaml;
  for (const std::string_view part : kOpenApiYaml) yaml += part;
  return base::YamlToJson(yaml)->dump();
}

}  // namespace energy::api
