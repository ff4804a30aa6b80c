#include "api/rule_input.h"

#include "rules/rule_json.h"

namespace energy::api {
namespace {

constexpr const char* kOperators = ">, <, >=, <=, =, !=";
constexpr const char* kSeverities = "low, medium, high, critical";

void Report(const std::vector<base::FieldError>& errors, BodyInput& input) {
  for (const base::FieldError& error : errors) input.Fail(error.field, error.message);
}

void ReadTarget(BodyInput& input, rules::RuleDraft& draft) {
  draft.device_id = input.Text("device_id");
  draft.device_type = input.Text("device_type");
  draft.all_devices = input.Flag("all_devices");
  if (draft.all_devices == false) input.Fail("all_devices", "is true or left out");
  if (const auto tag = input.Object("device_tag")) {
    std::vector<base::FieldError> errors;
    draft.device_tag = rules::ReadTag(*tag, "device_tag", errors);
    Report(errors, input);
  }
}

void ReadConditions(BodyInput& input, rules::RuleDraft& draft) {
  draft.property = input.Text("property");
  draft.op = input.Enum("operator", rules::ParseOperator, kOperators);
  draft.threshold = input.Number("threshold");
  draft.clear_threshold = input.NullableNumber("clear_threshold");
  draft.join = input.Enum("join", rules::ParseJoin, "all, any");
  std::vector<base::FieldError> errors;
  if (input.Has("conditions")) {
    if (const auto conditions = input.Array("conditions")) {
      draft.conditions = rules::ReadConditions(*conditions, "conditions", errors);
    }
  }
  if (input.Has("levels")) {
    if (const auto levels = input.Array("levels")) {
      draft.levels = rules::ReadLevels(*levels, "levels", errors);
    }
  }
  Report(errors, input);
}

void ReadSchedule(BodyInput& input, rules::RuleDraft& draft) {
  if (input.TakeNull("schedule")) {
    draft.schedule = std::optional<rules::Schedule>();
    return;
  }
  if (const auto schedule = input.Object("schedule")) {
    std::vector<base::FieldError> errors;
    draft.schedule = rules::ReadSchedule(*schedule, "schedule", errors);
    Report(errors, input);
  }
}

}  // namespace

rules::RuleDraft ReadRuleDraft(BodyInput& input) {
  rules::RuleDraft draft;
  draft.name = input.Text("name");
  draft.description = input.NullableText("description");
  ReadTarget(input, draft);
  ReadConditions(input, draft);
  draft.hold_s = input.Integer("for_s");
  draft.clear_hold_s = input.Integer("clear_for_s");
  ReadSchedule(input, draft);
  draft.auto_resolve = input.Flag("auto_resolve");
  draft.severity = input.Enum("severity", rules::ParseSeverity, kSeverities);
  draft.notification_channels = input.Texts("notification_channels");
  draft.cooldown_minutes = input.Integer("cooldown_minutes");
  return draft;
}

}  // namespace energy::api
