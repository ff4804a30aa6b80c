#pragma once

#include "base/json.h"
#include "rules/model.h"

namespace energy::rules {

/// How the API shows it and the audit log keeps it.
base::Json ToJson(const Rule& rule);

}  // namespace energy::rules
