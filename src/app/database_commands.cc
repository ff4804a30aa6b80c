#include "app/database_commands.h"

#include <chrono>
#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/data_dir.h"
#include "app/settings.h"
#include "app/stores.h"
#include "sql/migrations.h"
#include "sql/transfer.h"

namespace energy::app {
namespace {

namespace fs = std::filesystem;

/// A database that a command works on alone.
struct OpenedDatabase {
  /// Of the data folder that the SQLite file is in: a platform that runs on it would go on with it.
  std::optional<DataDir> lock;
  std::unique_ptr<sql::Database> database;
};

/// `must_exist`: a SQLite file is not made. `name`: of the option, for errors.
base::Result<OpenedDatabase> OpenFor(const std::string& url, const std::string& name,
                                     bool must_exist) {
  OpenedDatabase opened;
  constexpr std::string_view kSqlite = "sqlite://";
  if (url.starts_with(kSqlite)) {
    const fs::path file = url.substr(kSqlite.size());
    if (must_exist && !fs::exists(file)) {
      return base::NotFound(name + ": there is no database " + file.string());
    }
    if (fs::exists(file.parent_path() / "lock")) {
      ENERGY_ASSIGN_OR_RETURN(DataDir lock, DataDir::OpenExisting(file.parent_path().string()));
      opened.lock.emplace(std::move(lock));
    }
  }
  auto database =
      sql::Database::Open({.url = url, .pool_size = 1}, base::MakeLogger("database", "off"));
  if (!database.ok()) {
    return base::Status(database.status().code(), name + ": " + database.status().message(),
                        database.status().fields());
  }
  opened.database = std::move(*database);
  return opened;
}

}  // namespace

DatabaseCommands::DatabaseCommands(CLI::App& app) {
  migrate_ = app.add_subcommand("migrate", "bring the metadata database to this program's schema");
  migrate_->add_flag("--dry-run", dry_run_, "say what would be applied and change nothing");
  migrate_->add_option("--data-dir", flags_.data_dir, "folder of the embedded stores");
  migrate_->add_option("--config", flags_.config_file, "YAML file with options");
  transfer_ = app.add_subcommand("transfer",
                                 "copy the metadata of a stopped platform to an empty database");
  transfer_->add_option("--from", from_, "sqlite:///absolute/metadata.db or postgresql://...")
      ->envname("ENERGY_TRANSFER_FROM")
      ->required();
  transfer_
      ->add_option("--to", to_, "the same; better in ENERGY_TRANSFER_TO when it has a password")
      ->envname("ENERGY_TRANSFER_TO")
      ->required();
}

std::optional<int> DatabaseCommands::Run() {
  if (migrate_->parsed()) return Migrate();
  if (transfer_->parsed()) return Transfer();
  return std::nullopt;
}

int DatabaseCommands::Migrate() {
  Settings settings;
  base::Config config;
  settings.Bind(config);
  if (const auto status = LoadConfig(flags_, config); !status.ok()) {
    return Fail(status, kBadUsage);
  }
  const auto opened =
      OpenFor(DatabaseUrl(settings, fs::absolute(settings.data_dir)), "migrate", true);
  if (!opened.ok()) return Fail(opened.status(), kFailed);
  const auto pending = sql::PendingMigrations(*opened->database, sql::EmbeddedMigrations());
  if (!pending.ok()) return Fail(pending.status(), kFailed);
  const int known = sql::EmbeddedMigrations().back().version;
  if (pending->empty()) {
    std::cout << "the schema has version " << known << ": nothing to apply\n";
    return 0;
  }
  std::cout << (dry_run_ ? "would apply\n" : "applying\n");
  for (const sql::Migration& step : *pending) {
    std::cout << "  " << step.version << " " << step.name << "\n";
  }
  if (dry_run_) {
    std::cout << "to reach version " << known << "; nothing is changed\n";
    return 0;
  }
  if (const auto status = opened->database->Migrate(base::SystemClock()); !status.ok()) {
    return Fail(status, kFailed);
  }
  std::cout << "the schema has version " << known << " now\n";
  return 0;
}

int DatabaseCommands::Transfer() {
  auto from = OpenFor(from_, "--from", true);
  if (!from.ok()) return Fail(from.status(), kFailed);
  auto to = OpenFor(to_, "--to", false);
  if (!to.ok()) return Fail(to.status(), kFailed);
  const auto report = [last = std::chrono::steady_clock::now()](
                          const std::string& table, int64_t done, int64_t total) mutable {
    const auto now = std::chrono::steady_clock::now();
    if (now - last < std::chrono::seconds(2)) return;
    last = now;
    std::cout << "  " << table << " " << done << " of " << total << "\n" << std::flush;
  };
  const auto tables = sql::Transfer(*from->database, *to->database, base::SystemClock(), report);
  if (!tables.ok()) return Fail(tables.status(), kFailed);
  int64_t rows = 0;
  std::cout << "transferred, and counted in both databases\n";
  for (const sql::TransferredTable& table : *tables) {
    std::string label = table.name;
    label.resize(std::max<size_t>(label.size(), 24), ' ');
    std::cout << "  " << label << " " << table.rows << "\n";
    rows += table.rows;
  }
  std::cout << "  " << rows << " rows of " << tables->size()
            << " tables. Set storage.sql.url to the target and start the platform.\n";
  return 0;
}

}  // namespace energy::app
