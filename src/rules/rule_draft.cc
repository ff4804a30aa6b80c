#include "rules/rule_draft.h"

namespace energy::rules {

std::vector<base::FieldError> FaultsOf(const RuleDraft& draft, bool is_new) {
  std::vector<base::FieldError> faults;
  const int targets = (draft.device_id ? 1 : 0) + (draft.device_type ? 1 : 0) +
                      (draft.device_tag ? 1 : 0) + (draft.all_devices.value_or(false) ? 1 : 0);
  if (targets > 1) {
    faults.push_back({draft.device_id ? "device_id" : "device_type",
                      "name one of device_id, device_type, device_tag and all_devices"});
  }
  const bool flat = draft.property || draft.op || draft.threshold || draft.clear_threshold;
  if (flat && draft.conditions) {
    faults.push_back(
        {"conditions", "give either these or property, operator, threshold and clear_threshold"});
  }
  if (!is_new) return faults;
  if (!draft.name) faults.push_back({"name", "is missing"});
  if (targets == 0) {
    faults.push_back(
        {"device_id", "is missing; or give device_type, device_tag or all_devices: true"});
  }
  if (draft.conditions) return faults;
  if (!draft.property) faults.push_back({"property", "is missing"});
  if (!draft.op) faults.push_back({"operator", "is missing"});
  if (!draft.threshold) faults.push_back({"threshold", "is missing"});
  return faults;
}

namespace {

void ApplyTarget(const RuleDraft& draft, Rule& rule) {
  if (!draft.device_id && !draft.device_type && !draft.device_tag &&
      !draft.all_devices.value_or(false)) {
    return;
  }
  rule.device_id = draft.device_id.value_or("");
  rule.target = {draft.device_type, draft.device_tag, draft.all_devices.value_or(false)};
}

void ApplyConditions(const RuleDraft& draft, Rule& rule) {
  if (draft.conditions && !draft.conditions->empty()) {
    static_cast<Condition&>(rule) = draft.conditions->front();
    rule.more.assign(draft.conditions->begin() + 1, draft.conditions->end());
  }
  if (draft.property) rule.property = *draft.property;
  if (draft.op) rule.op = *draft.op;
  if (draft.threshold) rule.threshold = *draft.threshold;
  if (draft.clear_threshold) rule.clear_threshold = *draft.clear_threshold;
  if (draft.join) rule.join = *draft.join;
  if (draft.levels) rule.levels = *draft.levels;
  if (draft.hold_s) rule.hold = std::chrono::seconds(*draft.hold_s);
  if (draft.clear_hold_s) rule.clear_hold = std::chrono::seconds(*draft.clear_hold_s);
  if (draft.schedule) rule.schedule = *draft.schedule;
  if (draft.auto_resolve) rule.auto_resolve = *draft.auto_resolve;
}

}  // namespace

void Apply(const RuleDraft& draft, Rule& rule) {
  ApplyTarget(draft, rule);
  ApplyConditions(draft, rule);
  if (draft.name) rule.name = *draft.name;
  if (draft.description) rule.description = *draft.description;
  if (draft.severity) rule.severity = *draft.severity;
  if (draft.status) rule.status = *draft.status;
  if (draft.notification_channels) rule.notification_channels = *draft.notification_channels;
  if (draft.cooldown_minutes) rule.cooldown_minutes = *draft.cooldown_minutes;
}

}  // namespace energy::rules
