#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "rules/model.h"

namespace energy::rules {

/// How the API shows it, the audit log keeps it, and an alert the rule as it was.
base::Json ToJson(const Rule& rule);
base::Json ToJson(const Condition& condition);
base::Json ToJson(const Schedule& schedule);
base::Json LevelsToJson(const std::vector<Level>& levels);

/// The parts of a rule that its own columns do not hold; null for a plain rule. In the database:
/// names are never renamed.
base::Json DefinitionToJson(const Rule& rule);
void ApplyDefinition(const base::Json& definition, Rule& rule);

/// Readers of what a request or the database holds. What is wrong is appended to `errors` under
/// `field`, which names the place: "conditions[1].window_s".
std::vector<Condition> ReadConditions(const base::Json& json, const std::string& field,
                                      std::vector<base::FieldError>& errors);
std::vector<Level> ReadLevels(const base::Json& json, const std::string& field,
                              std::vector<base::FieldError>& errors);
Schedule ReadSchedule(const base::Json& json, const std::string& field,
                      std::vector<base::FieldError>& errors);
/// {"name": ..., "value": ...}
std::pair<std::string, std::string> ReadTag(const base::Json& json, const std::string& field,
                                            std::vector<base::FieldError>& errors);

}  // namespace energy::rules
