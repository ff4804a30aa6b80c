#include "rules/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "rules/condition.h"
#include "rules/device_rules.h"

namespace energy::rules {
namespace {

int64_t ToNs(base::Timestamp time) { return time.time_since_epoch().count(); }

std::string SubjectOf(const Condition& condition) {
  switch (condition.kind) {
    case ConditionKind::kAggregate:
      return fmt::format("the {} of {} over {} s", AggregateName(condition.aggregate),
                         condition.property, condition.window.count());
    case ConditionKind::kChange:
      return fmt::format("the change of {} over {} s", condition.property,
                         condition.window.count());
    case ConditionKind::kNoData:
      return fmt::format("the time without {} in seconds", condition.property);
    case ConditionKind::kThreshold:
      break;
  }
  return condition.property;
}

std::string ReasonOf(const ConditionFinding& finding) {
  const Condition& condition = finding.condition;
  if (!finding.value) return "no reading has " + condition.property;
  return fmt::format("{} is {:.6g}, which is {}{} {:.6g}", SubjectOf(condition), *finding.value,
                     finding.holds ? "" : "not ", OperatorName(condition.op), condition.threshold);
}

// How far back a condition looks for its field where the newest reading does not have it.
constexpr std::chrono::minutes kLookBack{10};

std::vector<series::FieldRef> FieldsOf(const series::Store& store, const Rule& rule) {
  std::vector<series::FieldRef> fields;
  for (size_t i = 0; i < rule.condition_count(); ++i) {
    // One that the store does not know gets a handle of its own, which no reading has.
    const auto unknown = static_cast<series::FieldRef>(UINT16_MAX - i);
    fields.push_back(store.FindField(rule.condition(i).property).value_or(unknown));
  }
  return fields;
}

base::Status Feed(const series::Store& store, const Rule& rule, series::DeviceRef device,
                  int64_t until_ns, DeviceRules& rules) {
  std::vector<series::FieldRef> known;
  for (size_t i = 0; i < rule.condition_count(); ++i) {
    const auto field = store.FindField(rule.condition(i).property);
    if (field && std::find(known.begin(), known.end(), *field) == known.end()) {
      known.push_back(*field);
    }
  }
  if (known.empty()) return {};
  const std::chrono::nanoseconds window =
      std::max<std::chrono::nanoseconds>(LongestWindow(rule), kLookBack);
  std::vector<Transition> ignored;
  const auto look = [&](const series::Series& block) {
    rules.Replay(block, ignored);
    ignored.clear();
    return true;
  };
  return store.Scan({.device = device,
                     .start_ns = until_ns - window.count(),
                     .end_ns = until_ns + 1,
                     .fields = known},
                    look);
}

}  // namespace

base::Result<Explanation> Explain(const series::Store& store, const Rule& rule,
                                  const std::string& device_id,
                                  const std::optional<GivenReading>& given, base::Timestamp now) {
  const auto device = store.FindDevice(device_id);
  const auto latest = device ? store.LatestOf(*device) : std::nullopt;
  if (!latest && !given) {
    return base::NotFound("the device '" + device_id + "' has no readings: give one in `values`");
  }
  const int64_t at_ns = given ? ToNs(given->at) : latest->time_ns;
  const std::vector<series::FieldRef> fields = FieldsOf(store, rule);
  auto plain = std::make_shared<Rule>(rule);
  plain->schedule.reset();
  DeviceRules rules(device_id);
  rules.Add(Watch(std::make_shared<Program>(plain), std::numeric_limits<int64_t>::max() / 2),
            fields);
  rules.Finish(at_ns);
  rules.LookAtAll();
  if (device) {
    ENERGY_RETURN_IF_ERROR(Feed(store, rule, *device, given ? at_ns - 1 : at_ns, rules));
  }
  if (given) {
    std::vector<Transition> ignored;
    std::vector<series::FieldRef> given_fields;
    std::vector<double> values;
    for (size_t i = 0; i < fields.size(); ++i) {
      const auto value = given->values.find(rule.condition(i).property);
      if (value == given->values.end()) continue;
      given_fields.push_back(fields[i]);
      values.push_back(value->second);
    }
    rules.Row({at_ns, at_ns}, given_fields, values, ignored);
  }

  Explanation explanation;
  explanation.device_id = device_id;
  explanation.at = base::Timestamp(std::chrono::nanoseconds(at_ns));
  if (rule.schedule) explanation.at_work = ScheduleClock(*rule.schedule).ActiveAt(at_ns);
  size_t holding = 0;
  for (size_t i = 0; i < rule.condition_count(); ++i) {
    ConditionFinding finding;
    finding.condition = rule.condition(i);
    const Watch::Finding found = rules.watches().front().finding(i);
    if (finding.condition.kind == ConditionKind::kNoData) {
      const int64_t since = given ? ToNs(given->at) : latest->time_ns;
      finding.value = static_cast<double>(std::max<int64_t>(0, ToNs(now) - since)) / 1e9;
    } else if (found.known) {
      finding.value = found.value;
    }
    finding.holds =
        finding.value && Holds(finding.condition.op, *finding.value, finding.condition.threshold);
    if (finding.holds) ++holding;
    finding.reason = ReasonOf(finding);
    explanation.conditions.push_back(std::move(finding));
  }
  const bool met = rule.join == Join::kAll ? holding == rule.condition_count() : holding > 0;
  explanation.holds = met && explanation.at_work;
  if (!explanation.holds) return explanation;
  explanation.severity = rule.severity;
  const ConditionFinding& first = explanation.conditions.front();
  for (const Level& level : rule.levels) {
    if (first.holds && Holds(rule.op, *first.value, level.threshold)) {
      explanation.severity = level.severity;
    }
  }
  return explanation;
}

}  // namespace energy::rules
