#pragma once

#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "devices/model.h"

namespace energy::devices {

/// [{name, unit, required, min, max, nominal_min, nominal_max}]: the form in which fields are
/// stored and in which the API shows them.
base::Json FieldsToJson(const std::vector<ProfileField>& fields);

/// Errors: kInvalidArgument naming "fields[2].min" and the like; unknown members are errors.
base::Result<std::vector<ProfileField>> FieldsFromJson(const base::Json& json);

}  // namespace energy::devices
