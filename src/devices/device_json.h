#pragma once

#include "base/json.h"
#include "devices/model.h"

namespace energy::devices {

/// How the API shows them and the audit log keeps them.
base::Json ToJson(const Device& device);
base::Json ToJson(const Profile& profile);

}  // namespace energy::devices
