#pragma once

#include "alerts/model.h"
#include "base/json.h"

namespace energy::alerts {

/// How the API shows it and the audit log keeps it.
base::Json ToJson(const Alert& alert);

}  // namespace energy::alerts
