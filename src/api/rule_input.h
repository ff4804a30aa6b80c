#pragma once

#include "api/input.h"
#include "base/json.h"
#include "rules/rule_draft.h"

namespace energy::api {

/// The members of a body that make up a rule but its status and version.
rules::RuleDraft ReadRuleDraft(BodyInput& input);

}  // namespace energy::api
