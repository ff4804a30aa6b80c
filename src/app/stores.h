#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "app/settings.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "series/embedded_store.h"
#include "sql/database.h"

namespace energy::app {

/// Where the metadata of the settings is; may hold a password.
std::string DatabaseUrl(const Settings& settings, const std::filesystem::path& data_dir);

/// Where the keys of tokens and credentials are.
std::filesystem::path KeysDir(const Settings& settings, const std::filesystem::path& data_dir);

/// The metadata store of the settings, brought to this version. Errors: see sql::Database.
base::Result<std::unique_ptr<sql::Database>> OpenDatabase(const Settings& settings,
                                                          const std::filesystem::path& data_dir,
                                                          const base::Logger& logger);

/// The telemetry store of the settings, its log replayed. Errors: see series::EmbeddedStore.
base::Result<std::unique_ptr<series::EmbeddedStore>> OpenTelemetry(
    const Settings& settings, const std::filesystem::path& data_dir, const base::Clock& clock,
    const base::Logger& logger, base::Metrics& metrics);

}  // namespace energy::app
