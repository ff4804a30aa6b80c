#include <set>

#include "rules/rule_json.h"

namespace energy::rules {
namespace {

constexpr const char* kOperators = "must be one of >, <, >=, <=, =, !=";
constexpr const char* kSeverities = "must be one of low, medium, high, critical";
constexpr const char* kKinds = "must be one of threshold, aggregate, change, no_data";
constexpr const char* kAggregates = "must be one of mean, min, max, sum, count, spread";

// Reads the members of one object; those that nobody asked for are errors.
class Members {
 public:
  Members(const base::Json& json, std::string field, std::vector<base::FieldError>& errors)
      : json_(json), field_(std::move(field)), errors_(errors) {
    if (!json_.is_object()) errors_.push_back({field_, "must be an object"});
  }
  ~Members() {
    if (!json_.is_object()) return;
    for (const auto& [name, value] : json_.items()) {
      if (!taken_.contains(name)) Fail(name, "is not known: remove it");
    }
  }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  bool is_object() const { return json_.is_object(); }
  const base::Json* Take(const std::string& name) {
    taken_.insert(name);
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(name);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }
  std::optional<std::string> Text(const std::string& name) {
    const base::Json* value = Take(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) return value->get<std::string>();
    Fail(name, "must be text");
    return std::nullopt;
  }
  std::optional<double> Number(const std::string& name) {
    const base::Json* value = Take(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_number()) return value->get<double>();
    Fail(name, "must be a number");
    return std::nullopt;
  }
  std::optional<int64_t> Integer(const std::string& name) {
    const base::Json* value = Take(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_number_integer() &&
        !(value->is_number_unsigned() && value->get<uint64_t>() > INT64_MAX)) {
      return value->get<int64_t>();
    }
    Fail(name, "must be a whole number");
    return std::nullopt;
  }
  std::optional<bool> Flag(const std::string& name) {
    const base::Json* value = Take(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_boolean()) return value->get<bool>();
    Fail(name, "must be true or false");
    return std::nullopt;
  }
  const base::Json* Array(const std::string& name) {
    const base::Json* value = Take(name);
    if (value == nullptr || value->is_array()) return value;
    Fail(name, "must be an array");
    return nullptr;
  }
  template <class Parse>
  auto Enum(const std::string& name, Parse parse, const char* remedy)
      -> decltype(parse(std::string_view())) {
    const auto text = Text(name);
    if (!text) return std::nullopt;
    const auto value = parse(*text);
    if (!value) Fail(name, remedy);
    return value;
  }
  template <class T>
  T Required(const std::string& name, std::optional<T> value) {
    if (!value && json_.is_object() && (!json_.contains(name) || json_[name].is_null())) {
      Fail(name, "is missing");
    }
    return value.value_or(T{});
  }
  void Fail(const std::string& name, const std::string& message) {
    errors_.push_back({field_.empty() ? name : field_ + "." + name, message});
  }

 private:
  const base::Json& json_;
  const std::string field_;
  std::vector<base::FieldError>& errors_;
  std::set<std::string> taken_;
};

std::string At(const std::string& field, size_t i) { return field + "[" + std::to_string(i) + "]"; }

Condition ReadCondition(const base::Json& json, const std::string& field,
                        std::vector<base::FieldError>& errors) {
  Members members(json, field, errors);
  Condition condition;
  condition.kind =
      members.Enum("kind", ParseConditionKind, kKinds).value_or(ConditionKind::kThreshold);
  condition.property = members.Required("property", members.Text("property"));
  const auto op = members.Enum("operator", ParseOperator, kOperators);
  // Silence has but one direction.
  if (condition.kind == ConditionKind::kNoData) {
    condition.op = op.value_or(Operator::kGreaterEqual);
  } else {
    condition.op = members.Required("operator", op);
  }
  condition.threshold = members.Required("threshold", members.Number("threshold"));
  condition.clear_threshold = members.Number("clear_threshold");
  condition.aggregate =
      members.Enum("aggregate", ParseAggregate, kAggregates).value_or(Aggregate::kMean);
  condition.window = std::chrono::seconds(members.Integer("window_s").value_or(0));
  return condition;
}

DaySpan ReadSpan(const base::Json& json, const std::string& field,
                 std::vector<base::FieldError>& errors) {
  Members members(json, field, errors);
  constexpr const char* kTimeOfDay = "must be a time such as 08:30, up to 24:00";
  DaySpan span;
  span.from = members.Required("from", members.Enum("from", ParseTimeOfDay, kTimeOfDay));
  span.to = members.Required("to", members.Enum("to", ParseTimeOfDay, kTimeOfDay));
  return span;
}

// The texts of an array; others are errors.
std::vector<std::string> Texts(const base::Json& array, const std::string& field,
                               std::vector<base::FieldError>& errors) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < array.size(); ++i) {
    if (array[i].is_string()) {
      texts.push_back(array[i].get<std::string>());
    } else {
      errors.push_back({At(field, i), "must be text"});
    }
  }
  return texts;
}

}  // namespace

std::vector<Condition> ReadConditions(const base::Json& json, const std::string& field,
                                      std::vector<base::FieldError>& errors) {
  std::vector<Condition> conditions;
  if (!json.is_array() || json.empty()) {
    errors.push_back({field, "must be an array of at least one condition"});
    return conditions;
  }
  for (size_t i = 0; i < json.size(); ++i) {
    conditions.push_back(ReadCondition(json[i], At(field, i), errors));
  }
  return conditions;
}

std::vector<Level> ReadLevels(const base::Json& json, const std::string& field,
                              std::vector<base::FieldError>& errors) {
  std::vector<Level> levels;
  if (!json.is_array()) {
    errors.push_back({field, "must be an array"});
    return levels;
  }
  for (size_t i = 0; i < json.size(); ++i) {
    Members members(json[i], At(field, i), errors);
    Level level;
    level.severity =
        members.Required("severity", members.Enum("severity", ParseSeverity, kSeverities));
    level.threshold = members.Required("threshold", members.Number("threshold"));
    levels.push_back(level);
  }
  return levels;
}

Schedule ReadSchedule(const base::Json& json, const std::string& field,
                      std::vector<base::FieldError>& errors) {
  Members members(json, field, errors);
  Schedule schedule;
  schedule.time_zone = members.Text("time_zone").value_or("UTC");
  if (const base::Json* weekdays = members.Array("weekdays")) {
    schedule.weekdays = 0;
    for (const std::string& name : Texts(*weekdays, field + ".weekdays", errors)) {
      const auto day = ParseWeekday(name);
      if (day) {
        schedule.weekdays = static_cast<uint8_t>(schedule.weekdays | (1 << *day));
      } else {
        members.Fail("weekdays", "takes mon, tue, wed, thu, fri, sat and sun");
      }
    }
  }
  if (const base::Json* times = members.Array("times")) {
    for (size_t i = 0; i < times->size(); ++i) {
      schedule.times.push_back(ReadSpan((*times)[i], At(field + ".times", i), errors));
    }
  }
  if (const base::Json* holidays = members.Array("holidays")) {
    schedule.holidays = Texts(*holidays, field + ".holidays", errors);
  }
  schedule.outside = members.Flag("outside").value_or(false);
  return schedule;
}

std::pair<std::string, std::string> ReadTag(const base::Json& json, const std::string& field,
                                            std::vector<base::FieldError>& errors) {
  Members members(json, field, errors);
  return {members.Required("name", members.Text("name")),
          members.Required("value", members.Text("value"))};
}

}  // namespace energy::rules
