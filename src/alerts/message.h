#pragma once

#include <string>

#include "alerts/model.h"
#include "rules/model.h"

namespace energy::alerts {

/// What an alert says of itself; of a plain rule the text of LLD §4.4.3.
std::string MessageOf(const Alert& alert, const rules::Condition& condition);

}  // namespace energy::alerts
