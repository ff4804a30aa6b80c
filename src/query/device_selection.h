#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "devices/registry.h"
#include "query/answers.h"
#include "query/model.h"

// Private to the module.

namespace energy::query {

/// The devices that a query means: those named, in that order, or else by id; each with its type
/// and tags as asked.
///
/// Errors: kInvalidArgument for `devices`, `device_type` or `tags`: where nothing is said of which,
/// for an unknown id or one that is named twice, where no device is left, and for more than
/// kMaxDevices. Cost: O(devices) without ids.
base::Result<std::vector<std::string>> SelectDevices(const devices::RegistrySnapshot& registry,
                                                     const Query& query);

/// The devices by whose readings make one row; groups of a tag by its value, in order.
std::vector<Group> GroupDevices(const devices::RegistrySnapshot& registry, const Query& query,
                                const std::vector<std::string>& devices);

/// Header::key_name of a grouping.
std::string KeyName(Grouping grouping);

}  // namespace energy::query
