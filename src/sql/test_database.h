#pragma once

#include <stdlib.h>

#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "sql/database.h"

namespace energy::sql {

/// For tests: an empty database with the present schema, which goes with it: a SQLite file in a
/// folder of its own, or, when ENERGY_TEST_POSTGRESQL holds the URL of a server, a schema there.
class TestDatabase {
 public:
  explicit TestDatabase(bool migrate = true, unsigned pool_size = 4,
                        std::chrono::milliseconds wait_limit = std::chrono::milliseconds(5000)) {
    std::string name = (std::filesystem::temp_directory_path() / "energy-sql-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
    if (const char* server = std::getenv("ENERGY_TEST_POSTGRESQL")) {
      server_ = server;
      schema_ = "test_";  // in lower case, as search_path would fold it
      for (const char c : name.substr(name.size() - 6)) {
        schema_ += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      }
      OnServer("CREATE SCHEMA \"" + schema_ + "\"");
    }
    Reopen(pool_size, wait_limit);
    if (migrate && !database_->Migrate(base::SystemClock()).ok()) std::abort();
  }
  ~TestDatabase() {
    database_.reset();
    if (!schema_.empty()) OnServer("DROP SCHEMA \"" + schema_ + "\" CASCADE");
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  /// Closes and opens, like a restart of the program.
  void Reopen(unsigned pool_size = 4,
              std::chrono::milliseconds wait_limit = std::chrono::milliseconds(5000)) {
    database_.reset();
    database_ = OpenOrAbort({url(), pool_size, wait_limit});
  }

  Database& operator*() { return *database_; }
  Database* operator->() { return database_.get(); }
  bool is_sqlite() const { return schema_.empty(); }
  const std::filesystem::path& folder() const { return folder_; }
  std::string url() const {
    if (is_sqlite()) return "sqlite://" + (folder_ / "meta.db").string();
    return server_ + "?options=-csearch_path%3D" + schema_;
  }

 private:
  static std::unique_ptr<Database> OpenOrAbort(const DatabaseOptions& options) {
    auto opened = Database::Open(options, base::NullLogger());
    if (!opened.ok()) {
      std::fprintf(stderr, "test database: %s\n", opened.status().ToString().c_str());
      std::abort();
    }
    return std::move(opened).value();
  }
  void OnServer(const std::string& statement) {
    const std::unique_ptr<Database> server =
        OpenOrAbort({server_, 1, std::chrono::milliseconds(5000)});
    const auto run = [&](Connection& connection) { return connection.Execute(statement); };
    if (!server->Transaction(run).ok()) std::abort();
  }

  std::filesystem::path folder_;
  std::string server_;
  std::string schema_;
  std::unique_ptr<Database> database_;
};

}  // namespace energy::sql
