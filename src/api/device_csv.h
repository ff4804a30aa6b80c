#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "devices/model.h"

namespace energy::api {

/// One device of a CSV file.
struct CsvDevice {
  size_t line = 0;  ///< where it begins in the file, from 1
  devices::NewDevice device;
};

struct CsvError {
  size_t line = 0;
  std::string field;  ///< the column
  std::string message;
};

/// Devices as CSV (RFC 4180): id, name, type, location, status and metadata, which is a JSON
/// object; a column metadata.<name> is one member of it, which wins over that. What the program
/// says of devices (health_score, last_seen, version, created_at, updated_at) is in exports and
/// ignored in imports.
struct CsvDevices {
  std::vector<CsvDevice> devices;  ///< valid ones alone, each id once
  std::vector<CsvError> errors;    ///< in the order of lines
  size_t lines = 0;                ///< with a device, valid or not

  static constexpr size_t kMostLines = 20'000;
};

/// The delimiter is that of comma, semicolon and tab which the header has most. Lines with nothing
/// on them are skipped. Errors: kInvalidArgument for a header with a column missing, unknown or
/// twice, text that is not UTF-8, a quote without an end, too many lines. Threads: pure.
base::Result<CsvDevices> ReadDevices(std::string_view text);

std::string_view DeviceCsvHeader();
void AppendDevice(const devices::Device& device, std::string& out);

}  // namespace energy::api
