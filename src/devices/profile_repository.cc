#include "devices/profile_repository.h"

#include "base/versions.h"
#include "devices/profile_json.h"

namespace energy::devices {
namespace {

constexpr const char* kColumns = "type, fields, version, created_at, updated_at";
constexpr size_t kColumnCount = 5;

Profile ToProfile(const sql::Row& row) {
  Profile profile;
  profile.type = row.Text(0);
  auto fields = FieldsFromJson(base::Json::parse(row.Text(1), nullptr, /*allow_exceptions=*/false));
  if (fields.ok()) profile.fields = std::move(fields).value();
  profile.version = row.Int(2);
  profile.created_at = row.Time(3);
  profile.updated_at = row.Time(4);
  return profile;
}

base::Result<std::optional<Profile>> Find(sql::Connection& connection, std::string_view type) {
  if (!sql::IsStorableText(type)) return std::optional<Profile>();
  const std::string sql =
      std::string("SELECT ") + kColumns + " FROM device_profiles WHERE type = :type";
  ENERGY_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                          connection.Query(sql, {{"type", type}}, kColumnCount));
  if (rows.empty()) return std::optional<Profile>();
  return std::optional<Profile>(ToProfile(rows.front()));
}

}  // namespace

Profile BulbProfile() {
  Profile profile;
  profile.type = "bulb";
  profile.fields = {{"voltage", "V", true, 200, 250, 220, 240},
                    {"current", "A", true, 0, 2, {}, {}},
                    {"power", "W", true, 0, 500, {}, {}},
                    {"temperature", "°C", true, 20, 80, {}, 50}};
  return profile;
}

base::Result<sql::Listing<Profile>> ProfileRepository::List(sql::Connection& connection,
                                                            std::string_view sort,
                                                            sql::Page page) const {
  sql::ListQuery query(kColumns, kColumnCount, "device_profiles", "type");
  ENERGY_RETURN_IF_ERROR(query.Sort(
      sort, {{"type", "type"}, {"version", "version"}, {"updated_at", "updated_at"}}, "type"));
  return query.Fetch<Profile>(connection, page, ToProfile);
}

base::Result<std::vector<Profile>> ProfileRepository::All(sql::Connection& connection) const {
  const std::string sql = std::string("SELECT ") + kColumns + " FROM device_profiles";
  ENERGY_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                          connection.Query(sql, {}, kColumnCount));
  std::vector<Profile> profiles;
  profiles.reserve(rows.size());
  for (const sql::Row& row : rows) profiles.push_back(ToProfile(row));
  return profiles;
}

base::Result<Profile> ProfileRepository::Get(sql::Connection& connection,
                                             std::string_view type) const {
  ENERGY_ASSIGN_OR_RETURN(std::optional<Profile> profile, Find(connection, type));
  if (!profile) return base::NotFound("there is no profile of that type");
  return std::move(*profile);
}

base::Result<Profile> ProfileRepository::Put(sql::Connection& connection, const Profile& profile,
                                             std::optional<int64_t> expected_version) const {
  if (expected_version) {
    ENERGY_ASSIGN_OR_RETURN(const Profile present, Get(connection, profile.type));
    if (present.version != *expected_version) {
      return base::StaleVersion("profile", present.version);
    }
  }
  ENERGY_RETURN_IF_ERROR(
      connection
          .Execute("INSERT INTO device_profiles (type, fields, version, created_at, updated_at)"
                   " VALUES (:type, :fields, 1, :created_at, :updated_at)"
                   " ON CONFLICT (type) DO UPDATE SET fields = excluded.fields,"
                   " version = device_profiles.version + 1, updated_at = excluded.updated_at",
                   {{"type", profile.type},
                    {"fields", FieldsToJson(profile.fields).dump()},
                    {"created_at", clock_.Now()},
                    {"updated_at", clock_.Now()}})
          .status());
  return Get(connection, profile.type);
}

base::Status ProfileRepository::Delete(sql::Connection& connection, std::string_view type) const {
  ENERGY_RETURN_IF_ERROR(Get(connection, type).status());
  return connection.Execute("DELETE FROM device_profiles WHERE type = :type", {{"type", type}})
      .status();
}

base::Status ProfileRepository::Seed(sql::Connection& connection) const {
  const Profile bulb = BulbProfile();
  ENERGY_ASSIGN_OR_RETURN(const std::optional<Profile> present, Find(connection, bulb.type));
  if (present) return {};
  return Put(connection, bulb).status();
}

}  // namespace energy::devices
