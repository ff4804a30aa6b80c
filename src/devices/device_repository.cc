#include "devices/device_repository.h"

#include <unordered_set>

#include "base/versions.h"

namespace energy::devices {
namespace {

constexpr const char* kColumns =
    "id, name, type, location, status, metadata, health_score, last_seen, version, created_at,"
    " updated_at";
constexpr size_t kColumnCount = 11;

const std::vector<sql::SortKey>& SortKeys() {
  static const std::vector<sql::SortKey> kKeys = {{"id", "id"},
                                                  {"name", "name", /*ignore_case=*/true},
                                                  {"type", "type"},
                                                  {"location", "location", true},
                                                  {"status", "status"},
                                                  {"health_score", "health_score"},
                                                  {"last_seen", "last_seen"},
                                                  {"created_at", "created_at"},
                                                  {"updated_at", "updated_at"}};
  return kKeys;
}

Device ToDevice(const sql::Row& row) {
  Device device;
  device.id = row.Text(0);
  device.name = row.Text(1);
  device.type = row.Text(2);
  device.location = row.OptText(3);
  device.status = ParseStatus(row.Text(4)).value_or(DeviceStatus::kError);
  base::Json metadata = base::Json::parse(row.Text(5), nullptr, /*allow_exceptions=*/false);
  if (metadata.is_object()) device.metadata = std::move(metadata);
  device.health_score = row.OptDouble(6);
  device.last_seen = row.OptTime(7);
  device.version = row.Int(8);
  device.created_at = row.Time(9);
  device.updated_at = row.Time(10);
  return device;
}

base::Status Unknown(std::string_view id) {
  return base::NotFound("there is no device '" + std::string(id) + "'");
}

/// A member of the metadata has this value, both as TagsOf makes them.
void WhereTag(sql::ListQuery& query, sql::Dialect dialect, const std::string& number,
              const std::pair<std::string, std::string>& tag) {
  const std::string key = "tag_key" + number;
  const std::string value = "tag_value" + number;
  const std::string condition =
      dialect == sql::Dialect::kSqlite
          ? "EXISTS (SELECT 1 FROM json_each(devices.metadata) AS tag WHERE tag.key = :" + key +
                " AND CASE tag.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'"
                " ELSE CAST(tag.value AS TEXT) END = :" +
                value + ")"
          : "metadata ->> CAST(:" + key + " AS TEXT) = :" + value;
  query.Where(condition, {{key, tag.first}, {value, tag.second}});
}

/// An empty location is none, so that a form can clear it.
std::optional<std::string> NoEmpty(std::optional<std::string> text) {
  return text && text->empty() ? std::nullopt : std::move(text);
}

}  // namespace

base::Result<sql::Listing<Device>> DeviceRepository::List(sql::Connection& connection,
                                                          const DeviceFilter& filter,
                                                          sql::Page page) const {
  sql::ListQuery query(kColumns, kColumnCount, "devices", "id");
  query.Equals("type", filter.type).Equals("location", filter.location);
  if (filter.status) query.Equals("status", std::string(StatusName(*filter.status)));
  query.Search({"id", "name", "type", "location", "CAST(metadata AS TEXT)"}, filter.search);
  for (size_t i = 0; i < filter.tags.size(); ++i) {
    WhereTag(query, connection.dialect(), std::to_string(i), filter.tags[i]);
  }
  ENERGY_RETURN_IF_ERROR(query.Sort(filter.sort, SortKeys(), "id"));
  return query.Fetch<Device>(connection, page, ToDevice);
}

base::Result<std::vector<Device>> DeviceRepository::All(sql::Connection& connection) const {
  const std::string sql = std::string("SELECT ") + kColumns + " FROM devices";
  ENERGY_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                          connection.Query(sql, {}, kColumnCount));
  std::vector<Device> devices;
  devices.reserve(rows.size());
  for (const sql::Row& row : rows) devices.push_back(ToDevice(row));
  return devices;
}

base::Result<std::vector<Device>> DeviceRepository::Some(
    sql::Connection& connection, const std::vector<std::string>& ids) const {
  // Reading all is quicker than asking so often.
  constexpr size_t kMany = 200;
  std::vector<Device> devices;
  if (ids.size() > kMany) {
    ENERGY_ASSIGN_OR_RETURN(devices, All(connection));
    const std::unordered_set<std::string_view> wanted(ids.begin(), ids.end());
    std::erase_if(devices, [&](const Device& device) { return !wanted.contains(device.id); });
    return devices;
  }
  for (const std::string& id : ids) {
    base::Result<Device> device = Get(connection, id);
    if (device.status().code() == base::Code::kNotFound) continue;
    ENERGY_ASSIGN_OR_RETURN(devices.emplace_back(), std::move(device));
  }
  return devices;
}

base::Result<Device> DeviceRepository::Get(sql::Connection& connection, std::string_view id) const {
  // What cannot be an id is not found, rather than refused as a parameter.
  if (!sql::IsStorableText(id)) return base::NotFound("there is no such device");
  const std::string sql = std::string("SELECT ") + kColumns + " FROM devices WHERE id = :id";
  ENERGY_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                          connection.Query(sql, {{"id", id}}, kColumnCount));
  if (rows.empty()) return Unknown(id);
  return ToDevice(rows.front());
}

base::Result<Device> DeviceRepository::Create(sql::Connection& connection,
                                              const NewDevice& device) const {
  const base::Timestamp now = clock_.Now();
  const base::Status status =
      connection
          .Execute(
              "INSERT INTO devices (id, name, type, location, status, metadata, created_at,"
              " updated_at) VALUES (:id, :name, :type, :location, :status, :metadata,"
              " :created_at, :updated_at)",
              {{"id", device.id},
               {"name", device.name},
               {"type", device.type},
               {"location", NoEmpty(device.location)},
               {"status", StatusName(device.status)},
               {"metadata", device.metadata.dump()},
               {"created_at", now},
               {"updated_at", now}})
          .status();
  if (status.code() == base::Code::kConflict) {
    return base::Conflict("there is a device '" + device.id + "' already",
                          {{"id", "is taken; choose another"}});
  }
  ENERGY_RETURN_IF_ERROR(status);
  return Get(connection, device.id);
}

base::Result<Device> DeviceRepository::Update(sql::Connection& connection, std::string_view id,
                                              const DevicePatch& patch) const {
  ENERGY_ASSIGN_OR_RETURN(const Device present, Get(connection, id));
  const base::Status stale = base::StaleVersion("device", present.version);
  if (patch.version && *patch.version != present.version) return stale;
  ENERGY_ASSIGN_OR_RETURN(
      const int64_t updated,
      connection.Execute(
          "UPDATE devices SET name = :name, type = :type, location = :location, status = :status,"
          " metadata = :metadata, version = version + 1, updated_at = :updated_at"
          " WHERE id = :id AND version = :version",
          {{"name", patch.name.value_or(present.name)},
           {"type", patch.type.value_or(present.type)},
           {"location", NoEmpty(patch.location.value_or(present.location))},
           {"status", StatusName(patch.status.value_or(present.status))},
           {"metadata", patch.metadata.value_or(present.metadata).dump()},
           {"updated_at", clock_.Now()},
           {"id", id},
           {"version", present.version}}));
  if (updated == 0) return stale;
  return Get(connection, id);
}

base::Status DeviceRepository::Delete(sql::Connection& connection, std::string_view id) const {
  if (!sql::IsStorableText(id)) return base::NotFound("there is no such device");
  ENERGY_ASSIGN_OR_RETURN(const int64_t deleted,
                          connection.Execute("DELETE FROM devices WHERE id = :id", {{"id", id}}));
  if (deleted == 0) return Unknown(id);
  return {};
}

base::Status DeviceRepository::NoteDeletion(sql::Connection& connection,
                                            std::string_view id) const {
  ENERGY_RETURN_IF_ERROR(ForgetDeletion(connection, id));
  return connection
      .Execute(
          "INSERT INTO telemetry_deletions (device_id, requested_at) VALUES (:id, :requested_at)",
          {{"id", id}, {"requested_at", clock_.Now()}})
      .status();
}

base::Status DeviceRepository::ForgetDeletion(sql::Connection& connection,
                                              std::string_view id) const {
  return connection.Execute("DELETE FROM telemetry_deletions WHERE device_id = :id", {{"id", id}})
      .status();
}

base::Result<std::vector<std::string>> DeviceRepository::PendingDeletions(
    sql::Connection& connection) const {
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      connection.Query("SELECT device_id FROM telemetry_deletions ORDER BY device_id", {}, 1));
  std::vector<std::string> ids;
  ids.reserve(rows.size());
  for (const sql::Row& row : rows) ids.push_back(row.Text(0));
  return ids;
}

base::Status DeviceRepository::ChangeStatuses(sql::Connection& connection,
                                              const std::vector<StatusChange>& changes) const {
  std::vector<sql::Params> rows;
  rows.reserve(changes.size());
  for (const StatusChange& change : changes) {
    rows.push_back(
        {{"id", change.id}, {"before", StatusName(change.from)}, {"after", StatusName(change.to)}});
  }
  return connection
      .ExecuteMany("UPDATE devices SET status = :after WHERE id = :id AND status = :before", rows)
      .status();
}

base::Status DeviceRepository::UpdateHealth(
    sql::Connection& connection,
    const std::vector<std::pair<std::string, std::optional<double>>>& scores) const {
  std::vector<sql::Params> rows;
  rows.reserve(scores.size());
  for (const auto& [id, score] : scores) rows.push_back({{"id", id}, {"score", score}});
  return connection.ExecuteMany("UPDATE devices SET health_score = :score WHERE id = :id", rows)
      .status();
}

base::Status DeviceRepository::UpdateLastSeen(
    sql::Connection& connection,
    const std::vector<std::pair<std::string, base::Timestamp>>& seen) const {
  std::vector<sql::Params> rows;
  rows.reserve(seen.size());
  for (const auto& [id, time] : seen) rows.push_back({{"id", id}, {"seen", time}});
  return connection
      .ExecuteMany(
          "UPDATE devices SET last_seen = :seen"
          " WHERE id = :id AND (last_seen IS NULL OR last_seen < :seen)",
          rows)
      .status();
}

}  // namespace energy::devices
