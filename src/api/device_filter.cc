#include "api/device_filter.h"

namespace energy::api {

devices::DeviceFilter ReadDeviceFilter(QueryInput& input) {
  constexpr size_t kMostTags = 8;
  devices::DeviceFilter filter;
  filter.type = input.Text("type");
  filter.status =
      input.Enum("status", devices::ParseStatus, "active, inactive, maintenance, error");
  filter.location = input.Text("location");
  filter.search = input.Text("search").value_or("");
  filter.sort = input.Text("sort").value_or("");
  for (const std::string& tag : input.List("tag")) {
    const size_t colon = tag.find(':');
    if (colon == 0 || colon == std::string::npos || filter.tags.size() == kMostTags) {
      input.Fail("tag", "takes up to 8 name:value of the metadata, separated by commas");
      break;
    }
    filter.tags.emplace_back(tag.substr(0, colon), tag.substr(colon + 1));
  }
  return filter;
}

}  // namespace energy::api
