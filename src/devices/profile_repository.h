#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "devices/model.h"
#include "sql/database.h"
#include "sql/list_query.h"

namespace energy::devices {

/// The profile of LLD §4.3.3: voltage, current, power and temperature of a bulb.
Profile BulbProfile();

/// The table `device_profiles`. Statements run on the connection of the caller.
///
/// Threads: safe anywhere.
class ProfileRepository {
 public:
  explicit ProfileRepository(const base::Clock& clock) : clock_(clock) {}

  /// `sort`: type, version, updated_at; '-' descends. Errors: kInvalidArgument for another.
  base::Result<sql::Listing<Profile>> List(sql::Connection& connection, std::string_view sort,
                                           sql::Page page) const;
  base::Result<std::vector<Profile>> All(sql::Connection& connection) const;
  /// Errors: kNotFound.
  base::Result<Profile> Get(sql::Connection& connection, std::string_view type) const;
  /// Creates or replaces. `expected_version`: when given, kConflict unless it is the present one.
  base::Result<Profile> Put(sql::Connection& connection, const Profile& profile,
                            std::optional<int64_t> expected_version = std::nullopt) const;
  /// Errors: kNotFound.
  base::Status Delete(sql::Connection& connection, std::string_view type) const;
  /// Adds the bulb when there is no profile of that type.
  base::Status Seed(sql::Connection& connection) const;

 private:
  const base::Clock& clock_;
};

}  // namespace energy::devices
