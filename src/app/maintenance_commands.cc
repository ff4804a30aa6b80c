#include "app/maintenance_commands.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/data_dir.h"
#include "app/settings.h"
#include "app/stores.h"
#include "app/version.h"
#include "base/time_text.h"
#include "maintenance/backup.h"
#include "maintenance/doctor.h"
#include "maintenance/files.h"
#include "maintenance/restore.h"
#include "maintenance/snapshot_socket.h"

namespace energy::app {
namespace {

namespace fs = std::filesystem;

constexpr int kLowPriority = 15;

/// Says how far something is: in place on a terminal, elsewhere a line every ten seconds.
class ProgressLine {
 public:
  ~ProgressLine() {
    if (open_) std::cout << "\n";
  }
  void operator()(const std::string& what, uint64_t done, uint64_t total) {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::milliseconds interval(terminal_ ? 200 : 10'000);
    if (now - last_ < interval) return;
    last_ = now;
    std::cout << (terminal_ ? "\r" : "") << "  " << what << " " << maintenance::FormatBytes(done)
              << " of " << maintenance::FormatBytes(total) << (terminal_ ? "        " : "\n")
              << std::flush;
    open_ = terminal_;
  }

 private:
  const bool terminal_ = isatty(STDOUT_FILENO) == 1;
  bool open_ = false;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// "2026-11-25T03-04-05Z": fit for the name of a folder.
std::string StampOf(base::Timestamp time) {
  std::string text = base::FormatTimestamp(std::chrono::floor<std::chrono::seconds>(time));
  std::replace(text.begin(), text.end(), ':', '-');
  return text;
}

void PrintCounts(const maintenance::Manifest& manifest) {
  for (const auto& [name, value] : manifest.counts.items()) {
    std::string label = name;
    std::replace(label.begin(), label.end(), '_', ' ');
    label.resize(std::max<size_t>(label.size(), 24), ' ');
    std::cout << "  " << label << (value.is_string() ? value.get<std::string>() : value.dump())
              << "\n";
  }
  if (!manifest.has_metadata) {
    std::cout << "  The metadata is in PostgreSQL and not part of this: use pg_dump, pg_restore.\n";
  }
}

/// The snapshot of a data folder that no program serves, gone with this object.
class LocalSnapshot {
 public:
  explicit LocalSnapshot(fs::path folder) : folder_(std::move(folder)) { Remove(); }
  ~LocalSnapshot() { Remove(); }
  LocalSnapshot(const LocalSnapshot&) = delete;
  LocalSnapshot& operator=(const LocalSnapshot&) = delete;

  base::Status Make(const Settings& settings, const fs::path& data_dir,
                    const base::Logger& logger) {
    const base::SystemClock clock;
    base::Metrics metrics;
    ENERGY_ASSIGN_OR_RETURN(const auto database, OpenDatabase(settings, data_dir, logger));
    ENERGY_ASSIGN_OR_RETURN(const auto store,
                            OpenTelemetry(settings, data_dir, clock, logger, metrics));
    std::error_code error;
    fs::create_directory(folder_, error);
    if (error) {
      return base::Unavailable("cannot create " + folder_.string() + ": " + error.message());
    }
    return maintenance::WriteSnapshot(folder_, *database, *store, PrintSettings(settings));
  }

 private:
  void Remove() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  const fs::path folder_;
};

base::Status LoadSettings(const Flags& flags, Settings& settings) {
  base::Config config;
  settings.Bind(config);
  return LoadConfig(flags, config);
}

base::Result<maintenance::BackupReport> MakeBackup(const Settings& settings,
                                                   const fs::path& destination,
                                                   uint64_t bytes_per_second) {
  const base::SystemClock clock;
  const base::Logger logger = base::MakeLogger("backup", "error");
  ENERGY_RETURN_IF_ERROR(maintenance::PrepareDestination(destination));
  maintenance::BackupOptions options;
  options.data_dir = fs::absolute(settings.data_dir);
  options.keys_dir = KeysDir(settings, options.data_dir);
  options.destination = fs::absolute(destination);
  options.created = base::FormatTimestamp(clock.Now());
  options.program_version = kVersion;
  options.snapshot = maintenance::SnapshotFolder(options.data_dir);
  ProgressLine progress;
  options.progress = std::ref(progress);

  ENERGY_ASSIGN_OR_RETURN(const auto remote, maintenance::RemoteSnapshot::Open(options.data_dir));
  if (remote) {
    options.bytes_per_second = bytes_per_second;
    return maintenance::WriteBackup(options, clock, logger);
  }
  ENERGY_ASSIGN_OR_RETURN(const DataDir lock, DataDir::OpenExisting(options.data_dir));
  LocalSnapshot local(options.snapshot);
  ENERGY_RETURN_IF_ERROR(local.Make(settings, options.data_dir, logger));
  return maintenance::WriteBackup(options, clock, logger);
}

int PrintFindings(const maintenance::DoctorReport& report) {
  for (const maintenance::Finding& finding : report.findings) {
    std::cout << "damaged: " << finding.where << "\n"
              << "  what:   " << finding.what << "\n"
              << "  remedy: " << finding.remedy << "\n";
  }
  if (report.findings_total > report.findings.size()) {
    std::cout << "and " << report.findings_total - report.findings.size() << " more\n";
  }
  const series::StoreContents& contents = report.telemetry;
  std::cout << contents.chunk_readings << " readings in " << contents.chunks << " chunks and "
            << contents.log_readings << " in the log, of " << contents.devices
            << " devices, are sound\n";
  if (report.findings_total == 0) std::cout << "the data folder is sound\n";
  return report.findings_total == 0 ? 0 : kFailed;
}

}  // namespace

MaintenanceCommands::MaintenanceCommands(CLI::App& app) {
  backup_ = app.add_subcommand("backup", "back up a data folder, also while the platform runs");
  backup_->add_option("DEST", folder_, "new or empty folder for the backup")->required();
  backup_
      ->add_option("--rate", mib_per_second_,
                   "MiB a second that it reads while the platform runs; 0: no limit")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  restore_ = app.add_subcommand("restore", "make a data folder of a backup");
  restore_->add_option("SRC", folder_, "folder of the backup")->required();
  restore_->add_flag("--force", force_, "move a data folder that holds something aside");
  doctor_ = app.add_subcommand("doctor", "check the data folder of a stopped platform");
  doctor_->add_flag("--repair", repair_, "move what is damaged to quarantine/, keep the rest");
  for (CLI::App* command : {backup_, restore_, doctor_}) {
    command->add_option("--data-dir", flags_.data_dir, "folder of the embedded stores");
    command->add_option("--config", flags_.config_file, "YAML file with options");
  }
}

std::optional<int> MaintenanceCommands::Run() {
  if (backup_->parsed()) return Backup();
  if (restore_->parsed()) return Restore();
  if (doctor_->parsed()) return Doctor();
  return std::nullopt;
}

int MaintenanceCommands::Backup() {
  Settings settings;
  if (const auto status = LoadSettings(flags_, settings); !status.ok()) {
    return Fail(status, kBadUsage);
  }
  // A running platform comes first.
  setpriority(PRIO_PROCESS, 0, kLowPriority);
  const auto rate = static_cast<uint64_t>(mib_per_second_ * 1024 * 1024);
  const auto report = MakeBackup(settings, folder_, rate);
  if (!report.ok()) return Fail(report.status(), kFailed);
  std::cout << "backed up to " << fs::absolute(folder_).string() << "\n"
            << "  files                   " << report->manifest.files.size() << ", "
            << maintenance::FormatBytes(report->manifest.total_bytes()) << "\n";
  PrintCounts(report->manifest);
  for (const std::string& damage : report->damage) std::cerr << "damaged: " << damage << "\n";
  if (report->damage.empty()) return 0;
  std::cerr << "energy-platform: the backup is complete, but what it holds is damaged: stop the "
               "platform and run energy-platform doctor\n";
  return kFailed;
}

int MaintenanceCommands::Restore() {
  Settings settings;
  if (const auto status = LoadSettings(flags_, settings); !status.ok()) {
    return Fail(status, kBadUsage);
  }
  const base::SystemClock clock;
  maintenance::RestoreOptions options;
  options.source = folder_;
  options.data_dir = fs::absolute(settings.data_dir).lexically_normal();
  if (!options.data_dir.has_filename()) options.data_dir = options.data_dir.parent_path();
  options.force = force_;
  options.aside = options.data_dir;
  options.aside += ".before-restore-" + StampOf(clock.Now());
  std::optional<DataDir> lock;
  if (fs::exists(options.data_dir)) {
    auto opened = DataDir::OpenExisting(options.data_dir);
    if (!opened.ok()) return Fail(opened.status(), kFailed);
    lock.emplace(std::move(*opened));
  }
  base::Result<maintenance::RestoreReport> report = [&] {
    ProgressLine progress;
    options.progress = std::ref(progress);
    return maintenance::Restore(options);
  }();
  if (!report.ok()) return Fail(report.status(), kFailed);
  const maintenance::Manifest& manifest = report->manifest;
  std::cout << "restored to " << options.data_dir.string() << "\n"
            << "  backup of               " << manifest.created << ", by version "
            << manifest.program_version << "\n";
  PrintCounts(manifest);
  if (manifest.has_metadata && !settings.sql_url.empty()) {
    std::cout
        << "  storage.sql.url is set: the metadata is in metadata.db of this folder until you "
           "transfer it to an empty database:\n"
           "  energy-platform transfer --from sqlite://"
        << (options.data_dir / "metadata.db").string() << " --to postgresql://...\n";
  }
  if (report->moved_aside) {
    std::cout << "  The folder that was there is now " << options.aside.string() << "\n";
  }
  return 0;
}

int MaintenanceCommands::Doctor() {
  Settings settings;
  if (const auto status = LoadSettings(flags_, settings); !status.ok()) {
    return Fail(status, kBadUsage);
  }
  const auto data_dir = DataDir::OpenExisting(settings.data_dir);
  if (!data_dir.ok()) return Fail(data_dir.status(), kFailed);
  const base::Logger logger = base::MakeLogger("doctor", "off");
  const auto examine = [&] {
    ProgressLine progress;
    return maintenance::Examine(data_dir->path(), KeysDir(settings, data_dir->path()),
                                settings.sql_url, std::ref(progress), logger);
  };
  auto report = examine();
  if (!report.ok()) return Fail(report.status(), kFailed);
  const int code = PrintFindings(*report);
  if (!repair_ || !report->telemetry_damaged) return code;

  const base::SystemClock clock;
  const fs::path quarantine = data_dir->path() / "quarantine" / ("series-" + StampOf(clock.Now()));
  if (const auto status = series::RepairStore(data_dir->path() / "series", quarantine, logger);
      !status.ok()) {
    return Fail(status, kFailed);
  }
  std::cout << "repaired: the telemetry as it was is now in " << quarantine.string() << "\n";
  report = examine();
  if (!report.ok()) return Fail(report.status(), kFailed);
  return PrintFindings(*report);
}

}  // namespace energy::app
