#include "query/engine.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "query/answers.h"
#include "query/device_selection.h"

namespace energy::query {
namespace {

// From 1970; further apart, differences of times in ns would not fit 64 bits.
constexpr std::chrono::days kMaxDistance(100 * 365);

std::string UnitOf(Aggregate aggregate, const std::string& unit) {
  if (aggregate == Aggregate::kCount || unit.empty()) return {};
  return aggregate == Aggregate::kIntegral ? unit + "h" : unit;
}

}  // namespace

base::Status CheckRange(base::Timestamp start, base::Timestamp end, const std::string& end_name) {
  if (end <= start) return base::InvalidField(end_name, "must be after the start; it is exclusive");
  if (start < base::Timestamp() - kMaxDistance || end > base::Timestamp() + kMaxDistance) {
    return base::InvalidField(end_name, "and the start must be within 100 years of 1970");
  }
  return {};
}

std::optional<base::Timestamp> CompleteFrom(const series::Store& store, Source source,
                                            int64_t start_ns) {
  const series::RetentionState kept = store.retention();
  const int64_t from = source == Source::kDaily    ? kept.daily_from_ns
                       : source == Source::kHourly ? kept.hourly_from_ns
                                                   : kept.raw_from_ns;
  if (start_ns >= from) return std::nullopt;
  return base::Timestamp(std::chrono::nanoseconds(from));
}

struct Engine::Resolved {
  std::vector<std::string> devices;
  std::vector<series::FieldRef> fields;
  std::vector<Column> columns;  // of the fields
};

base::Result<std::vector<series::FieldRef>> Engine::FieldsOf(
    const std::vector<std::string>& names) const {
  std::vector<series::FieldRef> fields;
  for (const std::string& name : names) {
    const auto ref = store_.FindField(name);
    if (!ref) return base::InvalidField("fields", "names '" + name + "', which no device has sent");
    if (std::find(fields.begin(), fields.end(), *ref) == fields.end()) fields.push_back(*ref);
  }
  if (fields.size() > kMaxFields) {
    return base::InvalidField("fields", "names more than " + std::to_string(kMaxFields));
  }
  return fields;
}

base::Result<std::vector<series::FieldRef>> Engine::AllFields(
    const std::vector<std::string>& devices, int64_t start_ns, int64_t end_ns) const {
  std::set<series::FieldRef> fields;
  for (const std::string& device : devices) {
    const auto ref = store_.FindDevice(device);
    if (!ref) continue;
    ENERGY_ASSIGN_OR_RETURN(
        const series::Summary summary,
        store_.Summarize({.device = *ref, .start_ns = start_ns, .end_ns = end_ns}));
    for (size_t f = 0; f < summary.fields.size(); ++f) {
      if (summary.summaries[f].count > 0) fields.insert(summary.fields[f]);
    }
  }
  if (fields.size() > kMaxFields) {
    return base::InvalidField("fields", "is missing, and the devices have " +
                                            std::to_string(fields.size()) + ": name at most " +
                                            std::to_string(kMaxFields));
  }
  return std::vector<series::FieldRef>(fields.begin(), fields.end());
}

std::vector<std::string> Engine::UnitsOf(std::string_view device_id,
                                         const std::vector<std::string>& fields) const {
  std::vector<std::string> units(fields.size());
  const auto device = registry_.Find(device_id);
  if (!device || !device->profile) return units;
  for (const devices::ProfileField& field : device->profile->fields) {
    for (size_t f = 0; f < fields.size(); ++f) {
      if (fields[f] == field.name) units[f] = field.unit;
    }
  }
  return units;
}

base::Result<Engine::Resolved> Engine::Resolve(const Query& query) const {
  ENERGY_RETURN_IF_ERROR(CheckRange(query.start, query.end, "end_time"));
  Resolved resolved;
  ENERGY_ASSIGN_OR_RETURN(resolved.devices, SelectDevices(*registry_.Snapshot(), query));
  ENERGY_ASSIGN_OR_RETURN(resolved.fields, FieldsOf(query.fields));
  if (resolved.fields.empty()) {
    ENERGY_ASSIGN_OR_RETURN(resolved.fields,
                            AllFields(resolved.devices, Ns(query.start), Ns(query.end)));
  }
  resolved.columns = ColumnsOf(resolved.devices.front(), resolved.fields);
  // Devices of different types may have different units of one field; then the answer tells none.
  for (const std::string& device : resolved.devices) {
    const std::vector<Column> other = ColumnsOf(device, resolved.fields);
    for (size_t f = 0; f < other.size(); ++f) {
      if (other[f].unit != resolved.columns[f].unit) resolved.columns[f].unit.clear();
    }
  }
  return resolved;
}

PlanHints Engine::HintsOf(const std::vector<Group>& groups) const {
  const auto registry = registry_.Snapshot();
  PlanHints hints;
  for (const Group& group : groups) {
    hints.merges = hints.merges || group.devices.size() > 1;
    for (const std::string& id : group.devices) {
      const devices::RegisteredDevice* device = registry->Find(id);
      if (device == nullptr) continue;
      hints.interval_ns =
          std::max<int64_t>(hints.interval_ns, std::chrono::nanoseconds(device->interval).count());
    }
  }
  return hints;
}

base::Result<std::unique_ptr<Answer>> Engine::Run(const Query& query) const {
  ENERGY_ASSIGN_OR_RETURN(Resolved resolved, Resolve(query));
  AnswerParts parts{.store = store_,
                    .clock = clock_,
                    .header = {},
                    .fields = std::move(resolved.fields),
                    .start_ns = Ns(query.start),
                    .end_ns = Ns(query.end),
                    .limit = query.limit,
                    .position = {}};
  if (!query.cursor.empty()) {
    const auto position = ParsePosition(query.cursor);
    if (!position) return base::InvalidField("cursor", "is not one of an earlier answer");
    parts.position = *position;
  }
  Header& header = parts.header;
  header.key_name = KeyName(query.grouping);
  if (query.aggregates.empty()) {
    if (query.window) return base::InvalidField("aggregates", "is missing: a window needs one");
    if (query.grouping != Grouping::kDevice) {
      return base::InvalidField("group_by", "must be device where there are no aggregates");
    }
    if (query.fill != Fill::kNone) return base::InvalidField("fill", "needs a window");
    header.columns = std::move(resolved.columns);
    header.complete_from = CompleteFrom(store_, header.source, parts.start_ns);
    return MakeRawAnswer(std::move(parts), std::move(resolved.devices));
  }

  WindowParts windows{.groups = GroupDevices(*registry_.Snapshot(), query, resolved.devices),
                      .grid = {},
                      .plan = {},
                      .aggregates = query.aggregates,
                      .fill = query.fill};
  ENERGY_ASSIGN_OR_RETURN(windows.grid,
                          MakeTimeGrid(query.start, query.end, query.window, query.time_zone));
  const size_t count = windows.grid.windows();
  const size_t groups = windows.groups.size();
  if (count * groups > kMaxWindows || count * parts.fields.size() > kMaxWindowCells) {
    return base::InvalidField(
        "window", "makes " + std::to_string(count) + " windows of each of " +
                      std::to_string(groups) + " devices or groups and " +
                      std::to_string(parts.fields.size()) + " fields; an answer has at most " +
                      std::to_string(kMaxWindows) + ": take wider windows or fewer of these");
  }
  windows.plan = MakePlan(windows.grid, query.aggregates, HintsOf(windows.groups));
  header.source = windows.plan.source;
  header.complete_from = CompleteFrom(store_, windows.plan.limited_by, parts.start_ns);
  header.time_zone = query.time_zone;
  if (query.window) header.window = WindowText(*query.window);
  for (const Aggregate aggregate : query.aggregates) {
    header.aggregates.emplace_back(AggregateName(aggregate));
  }
  for (const Column& field : resolved.columns) {
    for (const Aggregate aggregate : query.aggregates) {
      header.columns.push_back({query.name_aggregates
                                    ? field.name + "_" + std::string(AggregateName(aggregate))
                                    : field.name,
                                UnitOf(aggregate, field.unit)});
    }
  }
  return MakeWindowAnswer(std::move(parts), std::move(windows));
}

std::vector<Column> Engine::ColumnsOf(std::string_view device_id,
                                      const std::vector<series::FieldRef>& fields) const {
  std::vector<std::string> names;
  names.reserve(fields.size());
  for (const series::FieldRef field : fields) names.push_back(store_.FieldName(field));
  const std::vector<std::string> units = UnitsOf(device_id, names);
  std::vector<Column> columns;
  columns.reserve(fields.size());
  for (size_t f = 0; f < names.size(); ++f) columns.push_back({names[f], units[f]});
  return columns;
}

std::optional<LatestReading> Engine::Latest(std::string_view device_id) const {
  const auto ref = store_.FindDevice(device_id);
  if (!ref) return std::nullopt;
  auto latest = store_.LatestOf(*ref);
  if (!latest) return std::nullopt;
  LatestReading reading{.device_id = std::string(device_id),
                        .time_ns = latest->time_ns,
                        .fields = {},
                        .values = std::move(latest->values)};
  for (const series::FieldRef field : latest->fields) {
    reading.fields.push_back(store_.FieldName(field));
  }
  return reading;
}

base::Result<Statistics> Engine::Describe(const StatisticsRequest& request) const {
  const auto device = registry_.Find(request.device_id);
  if (!device) return base::NotFound("no device '" + request.device_id + "'");
  ENERGY_RETURN_IF_ERROR(CheckRange(request.start, request.end, "end"));
  ENERGY_ASSIGN_OR_RETURN(std::vector<series::FieldRef> fields, FieldsOf(request.fields));
  const int64_t start_ns = Ns(request.start);
  const int64_t end_ns = Ns(request.end);
  if (fields.empty()) {
    ENERGY_ASSIGN_OR_RETURN(fields, AllFields({request.device_id}, start_ns, end_ns));
  }
  auto statistics = ComputeStatistics(store_, clock_, *device, fields, start_ns, end_ns);
  if (statistics.ok()) statistics->complete_from = CompleteFrom(store_, Source::kRaw, start_ns);
  return statistics;
}

}  // namespace energy::query
