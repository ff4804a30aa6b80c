#include "api/query_input.h"

#include <algorithm>

#include "query/time_grid.h"

namespace energy::api {
namespace {

constexpr int64_t kMaxRows = 1'000'000'000;
constexpr const char* kAggregates =
    "mean, min, max, sum, count, first, last, spread, stddev, time_weighted_mean, integral, p1, "
    "p5, p10, p25, p50, p75, p90, p95, p99";
constexpr const char* kWindows = "a number with s, m or h such as 5m, or day, week, month";
constexpr std::string_view kTagPrefix = "tag:";

std::optional<std::string> TagText(const base::Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return value.dump();
  return std::nullopt;
}

// {"line": "A", "hall": [1, 2]}: each tag with its value, or with those that will do.
void ReadTags(BodyInput& input, query::Query& query) {
  const auto tags = input.Object("tags");
  if (!tags) return;
  for (const auto& [name, value] : tags->items()) {
    query::TagCondition& condition = query.tags.emplace_back();
    condition.name = name;
    const base::Json values = value.is_array() ? value : base::Json::array({value});
    for (const base::Json& item : values) {
      if (auto text = TagText(item)) condition.values.push_back(std::move(*text));
    }
    if (!values.empty() && condition.values.size() == values.size()) continue;
    input.Fail("tags", "must give '" + name + "' a text, number or boolean, or a list of them");
    return;
  }
  if (tags->empty()) input.Fail("tags", "names no tag: leave it out or name at least one");
}

void ReadDevices(BodyInput& input, const query::Engine& queries, query::Query& query) {
  const auto device = input.Text("device_id");
  const auto devices = input.Texts("devices");
  query.device_type = input.Text("device_type");
  const bool has_tags = input.Has("tags");
  ReadTags(input, query);
  if (device && devices) input.Fail("device_id", "and devices are the same: give one");
  if (devices && devices->empty()) {
    input.Fail("devices", "names no device: leave it out or name at least one");
  }
  if (!device && !devices && !query.device_type && !has_tags) {
    input.Fail("devices", "is missing: give device_id, devices, device_type or tags");
  }
  query.devices = devices.value_or(std::vector<std::string>());
  if (!device) return;
  if (!queries.HasDevice(*device)) input.Fail("device_id", "is the id of no device");
  query.devices = {*device};
}

void ReadWindows(BodyInput& input, query::Query& query) {
  const auto add = [&query](query::Aggregate aggregate) {
    auto& all = query.aggregates;
    if (std::find(all.begin(), all.end(), aggregate) == all.end()) all.push_back(aggregate);
  };
  if (const auto one = input.Enum("aggregate", query::ParseAggregate, kAggregates)) add(*one);
  const auto several = input.Texts("aggregates").value_or(std::vector<std::string>());
  for (const std::string& name : several) {
    const auto aggregate = query::ParseAggregate(name);
    if (aggregate) {
      add(*aggregate);
    } else {
      input.Fail("aggregates", std::string("takes ") + kAggregates);
      break;
    }
  }
  // The single form names its columns by the field alone (LLD §4.3.4).
  query.name_aggregates = !several.empty();
  const auto interval = input.Enum("interval", query::ParseWindow, kWindows);
  query.window = input.Enum("window", query::ParseWindow, kWindows);
  if (interval && query.window) input.Fail("interval", "is another name of window: give one");
  if (interval) query.window = interval;
  if (const auto zone = input.Text("time_zone")) {
    if (!query::IsTimeZone(*zone)) input.Fail("time_zone", query::kTimeZoneRule);
    query.time_zone = *zone;
  }
  query.fill = input.Enum("fill", query::ParseFill, "none, null, previous, linear")
                   .value_or(query::Fill::kNone);
}

void ReadGrouping(BodyInput& input, query::Query& query) {
  const auto grouping = input.Enum(
      "group_by",
      [&query](std::string_view name) -> std::optional<query::Grouping> {
        if (name == "device") return query::Grouping::kDevice;
        if (name == "none") return query::Grouping::kTogether;
        if (name.substr(0, kTagPrefix.size()) != kTagPrefix) return std::nullopt;
        query.group_tag = name.substr(kTagPrefix.size());
        if (query.group_tag.empty()) return std::nullopt;
        return query::Grouping::kTag;
      },
      "device, none, tag:NAME");
  query.grouping = grouping.value_or(query::Grouping::kDevice);
}

}  // namespace

query::Query ReadQuery(BodyInput& input, const query::Engine& queries, base::Timestamp now) {
  query::Query query;
  ReadDevices(input, queries, query);
  query.end = input.Time("end_time").value_or(now);
  query.start = input.Time("start_time").value_or(query.end - kDefaultQueryRange);
  query.fields = input.Texts("fields").value_or(std::vector<std::string>());
  ReadWindows(input, query);
  ReadGrouping(input, query);
  if (const auto limit = input.Integer("limit")) {
    if (*limit < 1 || *limit > kMaxRows) {
      input.Fail("limit", "must be from 1 to " + std::to_string(kMaxRows));
    }
    query.limit = static_cast<size_t>(*limit);
  }
  query.cursor = input.Text("cursor").value_or("");
  return query;
}

}  // namespace energy::api
