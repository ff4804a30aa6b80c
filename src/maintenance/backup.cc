#include "maintenance/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/time_text.h"
#include "maintenance/files.h"
#include "series/embedded_store.h"
#include "series/store_check.h"
#include "sql/database.h"
#include "sql/transfer.h"

namespace energy::maintenance {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kSecretMode = 0600;

struct Source {
  fs::path from;
  std::string path;  // in the backup
};

class Writer {
 public:
  Writer(const BackupOptions& options, const base::Clock& clock, const base::Logger& logger)
      : options_(options), logger_(logger), pace_(clock, options.bytes_per_second) {}

  base::Result<BackupReport> Run() {
    Manifest& manifest = report_.manifest;
    manifest.program_version = options_.program_version;
    manifest.created = options_.created;
    manifest.has_metadata = fs::exists(options_.snapshot / "metadata.db");
    ENERGY_RETURN_IF_ERROR(CheckMetadata());
    ENERGY_RETURN_IF_ERROR(FindSources());
    for (const Source& source : sources_) ENERGY_RETURN_IF_ERROR(Take(source));
    ENERGY_RETURN_IF_ERROR(CheckTelemetry());
    for (const fs::path& folder : folders_) ENERGY_RETURN_IF_ERROR(SyncFolder(folder));
    ENERGY_RETURN_IF_ERROR(manifest.Write(options_.destination));
    ENERGY_RETURN_IF_ERROR(SyncFolder(options_.destination.parent_path()));
    return std::move(report_);
  }

 private:
  // In the snapshot, not in the backup: to open it is to write to it.
  base::Status CheckMetadata() {
    if (!report_.manifest.has_metadata) return {};
    const std::string path = fs::absolute(options_.snapshot / "metadata.db").string();
    ENERGY_ASSIGN_OR_RETURN(
        const auto database,
        sql::Database::Open({.url = "sqlite://" + path, .pool_size = 1}, logger_));
    ENERGY_ASSIGN_OR_RETURN(const auto damage, database->FindDamage());
    for (const std::string& what : damage) report_.damage.push_back("metadata.db: " + what);
    return database->Read([&](sql::Connection& connection) -> base::Status {
      for (const char* table : {"devices", "users", "rules", "alerts"}) {
        ENERGY_ASSIGN_OR_RETURN(
            const auto rows, connection.Query(std::string("SELECT count(*) FROM ") + table, {}, 1));
        report_.manifest.counts[table] = rows.at(0).Int(0);
      }
      return {};
    });
  }

  base::Status FindSources() {
    folders_ = {options_.destination};
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(options_.snapshot, error)) {
      const fs::path path = entry.path().lexically_relative(options_.snapshot);
      if (entry.is_directory()) {
        ENERGY_RETURN_IF_ERROR(MakeFolder(path));
        continue;
      }
      const std::string extension = path.extension().string();
      if (extension.ends_with("-shm") || extension.ends_with("-wal")) continue;  // SQLite's, empty
      AddSource(entry.path(), path.string());
    }
    if (error) return base::Unavailable("cannot read the snapshot: " + error.message());
    ENERGY_RETURN_IF_ERROR(MakeFolder("keys"));
    for (const auto& entry : fs::directory_iterator(options_.keys_dir, error)) {
      if (entry.path().extension() == ".key") {
        AddSource(entry.path(), ("keys" / entry.path().filename()).string());
      }
    }
    // What retention took out of the audit log.
    for (const auto& entry : fs::directory_iterator(options_.data_dir / "audit", error)) {
      if (entry.path().extension() != ".ndjson") continue;
      if (folders_.back() != options_.destination / "audit") {
        ENERGY_RETURN_IF_ERROR(MakeFolder("audit"));
      }
      AddSource(entry.path(), ("audit" / entry.path().filename()).string());
    }
    // Appended to, and replaced as a whole: a copy is a prefix, which its reader takes.
    const fs::path sessions = options_.data_dir / "mqtt" / "sessions.log";
    if (fs::exists(sessions)) {
      ENERGY_RETURN_IF_ERROR(MakeFolder("mqtt"));
      AddSource(sessions, "mqtt/sessions.log");
    }
    const fs::path admin = options_.data_dir / "admin-credentials.json";
    if (fs::exists(admin)) AddSource(admin, admin.filename().string());
    return {};
  }

  void AddSource(const fs::path& from, std::string path) {
    std::error_code ignored;
    const auto bytes = fs::file_size(from, ignored);
    total_bytes_ += ignored ? 0 : bytes;
    sources_.push_back({from, std::move(path)});
  }

  base::Status MakeFolder(const fs::path& path) {
    folders_.push_back(options_.destination / path);
    if (mkdir(folders_.back().c_str(), 0700) == 0) return {};
    return base::Unavailable("cannot create " + folders_.back().string() + ": " +
                             std::strerror(errno));
  }

  base::Status Take(const Source& source) {
    const fs::path to = options_.destination / source.path;
    const OnBytes on_bytes = [this](uint64_t bytes) {
      pace_.Spend(bytes);
      done_bytes_ += bytes;
      if (options_.progress) options_.progress("copied", done_bytes_, total_bytes_);
    };
    const bool is_secret = !source.path.starts_with("series/");
    const bool linked = to.extension() == ".sst" && link(source.from.c_str(), to.c_str()) == 0;
    auto digest = linked ? DigestFile(source.from, on_bytes)
                         : CopyFile(source.from, to, is_secret ? kSecretMode : 0640, on_bytes);
    if (!digest.ok()) return digest.status();
    report_.manifest.files.push_back({.path = source.path,
                                      .bytes = digest->bytes,
                                      .sha256 = std::move(digest->sha256),
                                      .is_secret = is_secret});
    return {};
  }

  base::Status CheckTelemetry() {
    uint64_t read = 0;
    series::StoreCheckOptions check;
    check.path = options_.destination / "series";
    check.thorough = false;
    check.progress = [&](uint64_t done, uint64_t total) {
      pace_.Spend(done - read);
      read = done;
      if (options_.progress) options_.progress("checked", done, total);
    };
    ENERGY_ASSIGN_OR_RETURN(const auto found, series::CheckStore(check, logger_));
    for (const series::StoreFinding& finding : found.findings) {
      report_.damage.push_back("telemetry: " + finding.what +
                               (finding.device.empty() ? "" : " (device " + finding.device + ")"));
    }
    const series::StoreContents& contents = found.contents;
    base::Json& counts = report_.manifest.counts;
    counts["readings_sealed"] = contents.chunk_readings;
    counts["readings_in_log"] = contents.log_readings;
    counts["devices_with_telemetry"] = contents.devices;
    for (const auto& [name, time] : {std::pair("first_reading", contents.first_ns),
                                     std::pair("last_reading", contents.last_ns)}) {
      if (time) {
        counts[name] = base::FormatTimestamp(base::Timestamp(std::chrono::nanoseconds(*time)));
      }
    }
    return {};
  }

  const BackupOptions& options_;
  const base::Logger& logger_;
  Pace pace_;
  BackupReport report_;
  std::vector<Source> sources_;
  std::vector<fs::path> folders_;
  uint64_t total_bytes_ = 0;
  uint64_t done_bytes_ = 0;
};

base::Status SnapshotMetadata(sql::Database& database, const fs::path& file) {
  if (database.dialect() == sql::Dialect::kSqlite) return database.SnapshotTo(file.string());
  ENERGY_ASSIGN_OR_RETURN(
      const auto copy,
      sql::Database::Open({.url = "sqlite://" + fs::absolute(file).string(), .pool_size = 1},
                          base::NullLogger()));
  return sql::Transfer(database, *copy, base::SystemClock(), {}).status();
}

}  // namespace

base::Status WriteSnapshot(const fs::path& folder, sql::Database& database,
                           const series::EmbeddedStore& store, const std::string& settings) {
  ENERGY_RETURN_IF_ERROR(SnapshotMetadata(database, folder / "metadata.db"));
  ENERGY_RETURN_IF_ERROR(store.Checkpoint(folder / "series"));
  return WriteFile(folder / "settings.yaml", settings, kSecretMode);
}

base::Status PrepareDestination(const fs::path& destination) {
  std::error_code error;
  fs::create_directories(destination, error);
  if (error) {
    return base::Unavailable("cannot create the folder " + destination.string() + ": " +
                             error.message());
  }
  if (!fs::is_empty(destination, error) || error) {
    return base::Conflict(destination.string() +
                          " is not empty: name a new folder, a backup never overwrites");
  }
  // It holds keys and password hashes.
  if (chmod(destination.c_str(), 0700) != 0) {
    return base::Unavailable("cannot make " + destination.string() +
                             " private: " + std::strerror(errno));
  }
  return {};
}

base::Result<BackupReport> WriteBackup(const BackupOptions& options, const base::Clock& clock,
                                       const base::Logger& logger) {
  return Writer(options, clock, logger).Run();
}

}  // namespace energy::maintenance
