#include "alerts/message.h"

#include <fmt/format.h>

namespace energy::alerts {
namespace {

std::string SubjectOf(const rules::Condition& condition) {
  const auto window = condition.window.count();
  switch (condition.kind) {
    case rules::ConditionKind::kAggregate:
      return fmt::format("{} of {} over {} s", rules::AggregateName(condition.aggregate),
                         condition.property, window);
    case rules::ConditionKind::kChange:
      return fmt::format("change of {} over {} s", condition.property, window);
    case rules::ConditionKind::kThreshold:
    case rules::ConditionKind::kNoData:
      return condition.property;
  }
  return condition.property;
}

}  // namespace

std::string MessageOf(const Alert& alert, const rules::Condition& condition) {
  if (condition.kind == rules::ConditionKind::kNoData) {
    return fmt::format("Alert: {} - Device {} has sent no {} for {:.0f} s (limit: {:.0f} s)",
                       alert.rule_name, alert.device_id, condition.property, alert.actual_value,
                       alert.threshold_value);
  }
  return fmt::format("Alert: {} - Device {} {} is {:.2f} (threshold: {} {:.2f})", alert.rule_name,
                     alert.device_id, SubjectOf(condition), alert.actual_value,
                     rules::OperatorName(condition.op), alert.threshold_value);
}

}  // namespace energy::alerts
