#pragma once

#include <string_view>

#include "base/status.h"
#include "devices/model.h"

namespace energy::devices {

/// 1 to 50 of A-Z a-z 0-9 _ - . : safe in topics, paths and file names. "." and ".." are refused.
bool IsDeviceId(std::string_view id);

/// kInvalidArgument with an entry for each bad field, or ok. Lengths as in LLD §3.1.2, in
/// characters; no control characters. Metadata is an object of at most 16 KiB as text and 16
/// levels, and its "reporting_interval_s", when there, is 0.1 to 86400.
base::Status Validate(const NewDevice& device);
base::Status Validate(const DevicePatch& patch);

/// Field names are 1..64 of a-z A-Z 0-9 _ beginning with a letter, unique, and not "device_id" or
/// "timestamp"; min < max; the nominal range lies inside. 1 to 64 fields.
base::Status Validate(const Profile& profile);

}  // namespace energy::devices
