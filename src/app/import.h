#pragma once

#include <string>

#include "app/csv_rows.h"
#include "app/settings.h"

namespace energy::app {

struct ImportOptions {
  std::string file;
  std::string device;
  CsvOptions csv;
  std::string url;       ///< empty: the running server of the data folder, if there is one
  std::string token;     ///< access token; empty: see below
  std::string username;  ///< MQTT credential; empty: the first admin's, from the data folder
  std::string password;
};

/// Imports a CSV file as readings of one device: through a running server, or else into the data
/// folder of `settings`, which it then runs itself. Tells progress and refused rows on stderr. To
/// import again is harmless: a reading at the same time overwrites itself. Returns the exit
/// code: 0 all stored, 1 failed, 3 stored but for refused rows.
int Import(const ImportOptions& options, const Settings& settings);

}  // namespace energy::app
