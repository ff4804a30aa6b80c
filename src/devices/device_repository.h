#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "devices/model.h"
#include "sql/database.h"
#include "sql/list_query.h"

namespace energy::devices {

struct DeviceFilter {
  std::optional<std::string> type{};
  std::optional<DeviceStatus> status{};
  std::optional<std::string> location{};
  std::string search{};  ///< in id, name, type and location
  std::string sort{};    ///< id, name, type, location, status, last_seen, created_at; '-' descends
};

/// The table `devices`. Statements run on the connection of the caller, who decides on
/// transactions.
///
/// Threads: safe anywhere.
class DeviceRepository {
 public:
  explicit DeviceRepository(const base::Clock& clock) : clock_(clock) {}

  /// Errors: kInvalidArgument for an unknown sort or a bad page.
  base::Result<sql::Listing<Device>> List(sql::Connection& connection, const DeviceFilter& filter,
                                          sql::Page page) const;
  base::Result<std::vector<Device>> All(sql::Connection& connection) const;
  /// Errors: kNotFound.
  base::Result<Device> Get(sql::Connection& connection, std::string_view id) const;
  /// Errors: kConflict for a known id. The device is valid already.
  base::Result<Device> Create(sql::Connection& connection, const NewDevice& device) const;
  /// Errors: kNotFound, kConflict when `patch.version` is not the present one.
  base::Result<Device> Update(sql::Connection& connection, std::string_view id,
                              const DevicePatch& patch) const;
  /// Rules, alerts and credentials of the device go with it. Errors: kNotFound.
  base::Status Delete(sql::Connection& connection, std::string_view id) const;
  /// Moves last_seen forward, never back; unknown devices are skipped.
  base::Status UpdateLastSeen(
      sql::Connection& connection,
      const std::vector<std::pair<std::string, base::Timestamp>>& seen) const;

 private:
  const base::Clock& clock_;
};

}  // namespace energy::devices
