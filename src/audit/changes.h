#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sql/connection.h"

namespace energy::audit {

/// The number of the last entry of the log. Numbers are given in the order of commits: who read a
/// table after this one has seen all changes up to it.
base::Result<int64_t> LastEntry(sql::Connection& connection);

/// The ids of resources of a type that entries behind `entry` name, each once, sorted. What
/// retention let go is missing: it keeps a day at least.
base::Result<std::vector<std::string>> ChangedSince(sql::Connection& connection, int64_t entry,
                                                    std::string_view resource_type);

}  // namespace energy::audit
