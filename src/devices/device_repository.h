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
  std::string search{};  ///< in id, name, type, location and metadata
  /// Members of the metadata that must have these values, as Tags show them.
  Tags tags{};
  /// id, name, type, location, status, health_score, last_seen, created_at, updated_at; '-'
  /// descends
  std::string sort{};
};

/// A change of status that the program makes by itself.
struct StatusChange {
  std::string id;
  DeviceStatus from = DeviceStatus::kActive;
  DeviceStatus to = DeviceStatus::kInactive;
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
  /// Those of `ids` that are there, in no order.
  base::Result<std::vector<Device>> Some(sql::Connection& connection,
                                         const std::vector<std::string>& ids) const;
  /// Errors: kNotFound.
  base::Result<Device> Get(sql::Connection& connection, std::string_view id) const;
  /// Errors: kConflict for a known id. The device is valid already.
  base::Result<Device> Create(sql::Connection& connection, const NewDevice& device) const;
  /// Errors: kNotFound, kConflict when `patch.version` is not the present one.
  base::Result<Device> Update(sql::Connection& connection, std::string_view id,
                              const DevicePatch& patch) const;
  /// Rules, alerts and credentials of the device go with it. Errors: kNotFound.
  base::Status Delete(sql::Connection& connection, std::string_view id) const;
  /// Notes that the telemetry of `id` is to be deleted; until ForgetDeletion it is still to do.
  base::Status NoteDeletion(sql::Connection& connection, std::string_view id) const;
  base::Status ForgetDeletion(sql::Connection& connection, std::string_view id) const;
  base::Result<std::vector<std::string>> PendingDeletions(sql::Connection& connection) const;
  /// Changes the status of those that still have the one they are changed from; no version grows,
  /// since no person did it.
  base::Status ChangeStatuses(sql::Connection& connection,
                              const std::vector<StatusChange>& changes) const;
  /// 0 to 100, nothing where it is not known; unknown devices are skipped.
  base::Status UpdateHealth(
      sql::Connection& connection,
      const std::vector<std::pair<std::string, std::optional<double>>>& scores) const;
  /// Moves last_seen forward, never back; unknown devices are skipped.
  base::Status UpdateLastSeen(
      sql::Connection& connection,
      const std::vector<std::pair<std::string, base::Timestamp>>& seen) const;

 private:
  const base::Clock& clock_;
};

}  // namespace energy::devices
