#include "api/openapi.h"

#include "api/openapi_document.h"
#include "base/yaml.h"

namespace energy::api {
namespace {

base::Result<std::string> Make() {
  std::string yaml;
  for (const std::string_view part : kOpenApiYaml) yaml += part;
  const auto json = base::YamlToJson(yaml);
  if (json.ok()) return json->dump();
  return base::Internal("the description of the API that was built in is damaged: " +
                        json.status().message());
}

}  // namespace

const base::Result<std::string>& OpenApiJson() {
  static const base::Result<std::string> document = Make();
  return document;
}

}  // namespace energy::api
