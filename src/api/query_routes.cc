#include "api/input.h"
#include "api/json_views.h"
#include "api/query_answer.h"
#include "api/query_input.h"
#include "api/resources.h"

namespace energy::api {
namespace {

using auth::Claims;
using http::Method;
using http::Request;
using http::Response;

constexpr int64_t kMaxReadings = 100'000;
constexpr int64_t kMaxChartPoints = 5'000;
// The most readings that are read for a chart before it is thinned: ten weeks at one every 5 s.
constexpr size_t kChartReadings = 1'200'000;
constexpr std::chrono::hours kDefaultRange{1};

std::optional<bool> ParseFlag(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

Response Range(Request& request, const query::Engine& queries, const base::Clock& clock,
               const Envelope& envelope) {
  QueryInput input(request);
  query::RangeRequest range;
  range.device_id = request.Param("id");
  range.end = input.Time("end").value_or(clock.Now());
  range.start = input.Time("start").value_or(range.end - kDefaultRange);
  range.fields = input.List("fields");
  const auto limit = input.Integer("limit", 1, kMaxReadings);
  const auto max_points = input.Integer("max_points", 10, kMaxChartPoints);
  const auto all = input.Enum("all", ParseFlag, "true, false");
  const AnswerForm form = ReadForm(input, request);
  if (all == true && (limit || max_points)) {
    input.Fail("all", "cannot be combined with limit or max_points");
  }
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  if (limit) range.limit = static_cast<size_t>(*limit);
  if (max_points) {
    range.max_points = static_cast<size_t>(*max_points);
    // A chart of a long range reads all of it before it is thinned.
    if (!limit) range.limit = kChartReadings;
  }
  // A file never lacks readings without being told to.
  if (!limit && !max_points && all.value_or(query::IsFile(form.format))) range.limit.reset();
  auto answer = queries.Range(range);
  if (!answer.ok()) return envelope.Error(answer.status());
  return Respond(std::move(answer).value(), form, envelope);
}

Response LatestOfOne(Request& request, const query::Engine& queries, const Envelope& envelope) {
  QueryInput input(request);
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  const std::string id(request.Param("id"));
  if (!queries.HasDevice(id)) return envelope.Error(base::NotFound("no device '" + id + "'"));
  const auto latest = queries.Latest(id);
  if (!latest) {
    return envelope.Ok({{"device_id", id}, {"reading", nullptr}, {"units", base::Json::object()}});
  }
  base::Json units = base::Json::object();
  const std::vector<std::string> known = queries.UnitsOf(id, latest->fields);
  for (size_t f = 0; f < known.size(); ++f) {
    if (!known[f].empty()) units[latest->fields[f]] = known[f];
  }
  return envelope.Ok({{"device_id", id}, {"reading", ToJson(*latest)}, {"units", units}});
}

Response LatestOfSeveral(Request& request, const query::Engine& queries, const Envelope& envelope) {
  QueryInput input(request);
  std::vector<std::string> ids = input.List("devices");
  const auto type = input.Text("device_type");
  if (type.has_value() == !ids.empty()) {
    input.Fail("devices", "is needed, or device_type, and not both");
  } else if (type) {
    ids = queries.DevicesOfType(*type);
  }
  if (ids.size() > query::kMaxDevices) {
    input.Fail(type ? "device_type" : "devices",
               "stands for more than " + std::to_string(query::kMaxDevices) + " devices");
  }
  for (const std::string& id : ids) {
    if (queries.HasDevice(id)) continue;
    input.Fail("devices", "names '" + id + "', which is no device");
    break;
  }
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  base::Json latest = base::Json::array();
  for (const std::string& id : ids) {
    const auto reading = queries.Latest(id);
    latest.push_back(
        {{"device_id", id}, {"reading", reading ? ToJson(*reading) : base::Json(nullptr)}});
  }
  return envelope.Ok({{"latest", std::move(latest)}});
}

Response Stats(Request& request, const query::Engine& queries, const base::Clock& clock,
               const Envelope& envelope) {
  QueryInput input(request);
  query::StatisticsRequest range;
  range.device_id = request.Param("id");
  range.end = input.Time("end").value_or(clock.Now());
  range.start = input.Time("start").value_or(range.end - kDefaultQueryRange);
  range.fields = input.List("fields");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(queries.Describe(range), [&](const query::Statistics& statistics) {
    base::Json json = ToJson(statistics);
    json["start"] = TimeOrNull(range.start);
    json["end"] = TimeOrNull(range.end);
    return json;
  });
}

Response Statement(BodyInput& input, const AnswerForm& form, const SqlParts& sql,
                   const Envelope& envelope) {
  sqlquery::Request statement;
  statement.sql = input.RequiredText("sql");
  statement.time_zone = input.Text("time_zone").value_or(statement.time_zone);
  if (form.format == query::Format::kCsv) statement.format = sqlquery::ResultFormat::kCsv;
  if (form.format == query::Format::kParquet) statement.format = sqlquery::ResultFormat::kParquet;
  if (form.format == query::Format::kArrow) {
    input.Fail("sql", "is answered as JSON, CSV or Parquet, not as Arrow");
  }
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return AnswerSql(std::move(statement), sql, envelope);
}

Response Query(Request& request, const query::Engine& queries, const SqlParts& sql,
               const base::Clock& clock, const Envelope& envelope) {
  QueryInput parameters(request);
  const AnswerForm form = ReadForm(parameters, request);
  if (const base::Status status = parameters.Check(); !status.ok()) return envelope.Error(status);
  BodyInput input(request);
  if (input.Has("sql")) return Statement(input, form, sql, envelope);
  const query::Query query = ReadQuery(input, queries, clock.Now());
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  auto answer = queries.Run(query);
  if (!answer.ok()) return envelope.Error(answer.status());
  return Respond(std::move(answer).value(), form, envelope);
}

}  // namespace

void AddQueryRoutes(Routes& routes, const query::Engine& queries, SqlParts sql,
                    const base::Clock& clock, const Envelope& envelope) {
  routes.Add(Method::kGet, "/api/data/telemetry/{id}",
             [&queries, &clock, &envelope](Request& request, const Claims&) {
               return Range(request, queries, clock, envelope);
             });
  routes.Add(Method::kGet, "/api/data/telemetry/{id}/latest",
             [&queries, &envelope](Request& request, const Claims&) {
               return LatestOfOne(request, queries, envelope);
             });
  routes.Add(Method::kGet, "/api/data/latest",
             [&queries, &envelope](Request& request, const Claims&) {
               return LatestOfSeveral(request, queries, envelope);
             });
  routes.Add(Method::kGet, "/api/data/stats/{id}",
             [&queries, &clock, &envelope](Request& request, const Claims&) {
               return Stats(request, queries, clock, envelope);
             });
  routes.Add(Method::kPost, "/api/data/query",
             [&queries, sql, &clock, &envelope](Request& request, const Claims&) {
               return Query(request, queries, sql, clock, envelope);
             });
}

}  // namespace energy::api
