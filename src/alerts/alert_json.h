#pragma once

#include "alerts/event.h"
#include "base/json.h"

namespace energy::alerts {

/// How the API shows it and the audit log keeps it.
base::Json ToJson(const Alert& alert);
/// The same with its history.
base::Json ToJson(const AlertDetail& detail);

}  // namespace energy::alerts
