#include "maintenance/doctor.h"

#include "audit/audit_log.h"
#include "auth/key_file.h"
#include "base/time_text.h"
#include "sql/database.h"

namespace energy::maintenance {
namespace {

namespace fs = std::filesystem;

constexpr size_t kKeyBytes = 32;
constexpr const char* kRestoreMetadata =
    "restore a backup; the telemetry can be kept: put the backup's metadata.db and keys/ in place";

void Add(DoctorReport& report, Finding finding) {
  report.findings.push_back(std::move(finding));
  ++report.findings_total;
}

std::string TimeText(int64_t ns) {
  return base::FormatTimestamp(base::Timestamp(std::chrono::nanoseconds(ns)));
}

std::string WhereOf(const series::StoreFinding& finding) {
  std::string where = "series/" + finding.file;
  if (!finding.device.empty()) where += ", device " + finding.device;
  if (finding.first_ns) where += ", from " + TimeText(*finding.first_ns);
  if (finding.last_ns) where += ", to " + TimeText(*finding.last_ns);
  return where;
}

base::Status ExamineTelemetry(const fs::path& data_dir, const Progress& progress,
                              const base::Logger& logger, DoctorReport& report) {
  series::StoreCheckOptions options;
  options.path = data_dir / "series";
  options.progress = [&](uint64_t done, uint64_t total) {
    if (progress) progress("checked", done, total);
  };
  ENERGY_ASSIGN_OR_RETURN(const auto found, series::CheckStore(options, logger));
  report.telemetry = found.contents;
  for (const series::StoreFinding& finding : found.findings) {
    report.findings.push_back({WhereOf(finding), finding.what, finding.remedy});
  }
  report.telemetry_damaged = !found.sound();
  report.findings_total += found.findings_total;
  return {};
}

void ExamineAudit(const std::string& where, sql::Database& database, DoctorReport& report) {
  // In a data folder of an older version it cannot be read before that is started again.
  const auto there = database.Read([](sql::Connection& connection) {
    return connection.Query(
        "SELECT version FROM schema_migrations WHERE name = "
        "'audit_append_only'",
        {}, 1);
  });
  if (!there.ok() || there->empty()) return;
  const auto verdict = audit::AuditLog(database).Verify();
  if (!verdict.ok()) {
    Add(report, {where, verdict.status().message(), kRestoreMetadata});
  } else if (verdict->broken) {
    Add(report, {where + ", audit log entry " + std::to_string(*verdict->broken), verdict->reason,
                 "somebody changed the log outside the program: compare it with an export or a "
                 "backup"});
  }
}

void ExamineMetadata(const fs::path& data_dir, const std::string& sql_url,
                     const base::Logger& logger, DoctorReport& report) {
  const fs::path file = data_dir / "metadata.db";
  const std::string where = sql_url.empty() ? "metadata.db" : "metadata (PostgreSQL)";
  if (sql_url.empty() && !fs::exists(file)) return;
  const std::string url = sql_url.empty() ? "sqlite://" + fs::absolute(file).string() : sql_url;
  auto database = sql::Database::Open({.url = url, .pool_size = 1}, logger);
  base::Result<std::vector<std::string>> damage =
      database.ok() ? (*database)->FindDamage() : database.status();
  if (!damage.ok()) {
    Add(report, {where, damage.status().message(), kRestoreMetadata});
    return;
  }
  for (const std::string& what : *damage) Add(report, {where, what, kRestoreMetadata});
  if (damage->empty()) ExamineAudit(where, **database, report);
}

void ExamineKeys(const fs::path& keys_dir, DoctorReport& report) {
  base::SystemRandom random;
  for (const char* name : {"jwt.key", "mqtt.key", "credentials.key"}) {
    const fs::path file = keys_dir / name;
    if (!fs::exists(file)) continue;  // made at the next start, or configured
    const auto key = auth::LoadOrCreateKey(file, kKeyBytes, random);
    if (!key.ok()) {
      Add(report,
          {"the key " + file.string(), key.status().message(),
           "a new key ends all sessions (jwt.key), all device credentials (mqtt.key), or all API "
           "keys and second factors (credentials.key)"});
    }
  }
}

}  // namespace

base::Result<DoctorReport> Examine(const fs::path& data_dir, const fs::path& keys_dir,
                                   const std::string& sql_url, const Progress& progress,
                                   const base::Logger& logger) {
  DoctorReport report;
  ENERGY_RETURN_IF_ERROR(ExamineTelemetry(data_dir, progress, logger, report));
  ExamineMetadata(data_dir, sql_url, logger, report);
  ExamineKeys(keys_dir, report);
  return report;
}

}  // namespace energy::maintenance
