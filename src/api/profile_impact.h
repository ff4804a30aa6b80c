#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "devices/registry.h"
#include "rules/rule_service.h"

namespace energy::api {

/// What a change of a profile would do to others.
struct ProfileImpact {
  size_t devices = 0;                       ///< of the type
  std::vector<std::string> removed_fields;  ///< which no device could send any more
  std::vector<rules::Rule> broken_rules;    ///< active, on a removed field of such a device
  std::vector<rules::Rule> mute_rules;      ///< active, that could never hold within the new ranges
};

/// `after`: null when the profile is deleted, which makes no field unsendable, since readings of a
/// type without a profile are not checked. Errors: those of the rules' table.
base::Result<ProfileImpact> ImpactOf(const std::string& type, const devices::Profile* before,
                                     const devices::Profile* after,
                                     const devices::Registry& registry, rules::RuleService& rules);

base::Json ToJson(const ProfileImpact& impact);

/// kConflict with the broken rules in its fields; ok when there are none.
base::Status Refuse(const ProfileImpact& impact);

}  // namespace energy::api
