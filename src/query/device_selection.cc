#include "query/device_selection.h"

#include <algorithm>
#include <map>
#include <set>

#include "query/engine.h"

namespace energy::query {
namespace {

using devices::RegisteredDevice;

bool HasTag(const RegisteredDevice& device, const TagCondition& condition) {
  const std::string* value = devices::FindTag(device.tags, condition.name);
  return value != nullptr && std::find(condition.values.begin(), condition.values.end(), *value) !=
                                 condition.values.end();
}

bool IsMeant(const RegisteredDevice& device, const Query& query) {
  return (!query.device_type || device.type == *query.device_type) &&
         std::all_of(query.tags.begin(), query.tags.end(),
                     [&](const TagCondition& condition) { return HasTag(device, condition); });
}

base::Result<std::vector<std::string>> Named(const devices::RegistrySnapshot& registry,
                                             const Query& query) {
  std::vector<std::string> ids;
  std::set<std::string_view> seen;
  for (const std::string& id : query.devices) {
    const RegisteredDevice* device = registry.Find(id);
    if (device == nullptr) {
      return base::InvalidField("devices", "names '" + id + "', which is no device");
    }
    if (!seen.insert(id).second) {
      return base::InvalidField("devices", "names '" + id + "' twice");
    }
    if (IsMeant(*device, query)) ids.push_back(id);
  }
  return ids;
}

std::vector<std::string> Matching(const devices::RegistrySnapshot& registry, const Query& query) {
  std::vector<std::string> ids;
  registry.ForEach([&](const RegisteredDevice& device) {
    if (IsMeant(device, query)) ids.push_back(device.id);
  });
  std::sort(ids.begin(), ids.end());
  return ids;
}

// Why a selection by type, tags or both gives no device.
base::Status NoDevice(const devices::RegistrySnapshot& registry, const Query& query) {
  for (const TagCondition& condition : query.tags) {
    bool known = false;
    registry.ForEach([&](const RegisteredDevice& device) { known |= HasTag(device, condition); });
    if (known) continue;
    return base::InvalidField("tags", "asks for a value of '" + condition.name +
                                          "' that no device has: tags are the texts, numbers and "
                                          "booleans in the metadata of devices");
  }
  if (!query.tags.empty()) {
    return base::InvalidField("tags",
                              "and what else is asked of the devices are true of none: "
                              "leave out some of it");
  }
  return base::InvalidField("device_type", query.devices.empty()
                                               ? "is the type of no device"
                                               : "is the type of none of these devices");
}

}  // namespace

base::Result<std::vector<std::string>> SelectDevices(const devices::RegistrySnapshot& registry,
                                                     const Query& query) {
  if (query.devices.empty() && !query.device_type && query.tags.empty()) {
    return base::InvalidField("devices",
                              "names no device: name at least one, or give a "
                              "device_type or tags");
  }
  std::vector<std::string> ids;
  if (query.devices.empty()) {
    ids = Matching(registry, query);
  } else {
    ENERGY_ASSIGN_OR_RETURN(ids, Named(registry, query));
  }
  if (ids.empty()) return NoDevice(registry, query);
  if (ids.size() <= kMaxDevices) return ids;
  const std::string member = !query.devices.empty() ? "devices"
                             : query.tags.empty()   ? "device_type"
                                                    : "tags";
  return base::InvalidField(member, "stands for " + std::to_string(ids.size()) +
                                        " devices: take at most " + std::to_string(kMaxDevices) +
                                        ", by more tags or by their ids");
}

std::vector<Group> GroupDevices(const devices::RegistrySnapshot& registry, const Query& query,
                                const std::vector<std::string>& devices) {
  if (query.grouping == Grouping::kTogether) return {{"", devices}};
  std::vector<Group> groups;
  if (query.grouping == Grouping::kDevice) {
    for (const std::string& id : devices) groups.push_back({id, {id}});
    return groups;
  }
  std::map<std::string, std::vector<std::string>> by_value;
  for (const std::string& id : devices) {
    const RegisteredDevice* device = registry.Find(id);
    const std::string* value =
        device == nullptr ? nullptr : devices::FindTag(device->tags, query.group_tag);
    by_value[value == nullptr ? "" : *value].push_back(id);
  }
  for (auto& [value, ids] : by_value) groups.push_back({value, std::move(ids)});
  return groups;
}

std::string KeyName(Grouping grouping) {
  if (grouping == Grouping::kTogether) return {};
  return grouping == Grouping::kTag ? "group" : "device_id";
}

std::vector<std::string> Engine::DevicesOfType(std::string_view type) const {
  Query query;
  query.device_type = type;
  return Matching(*registry_.Snapshot(), query);
}

}  // namespace energy::query
