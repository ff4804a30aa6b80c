#include "api/input.h"
#include "api/json_views.h"
#include "api/resources.h"

namespace energy::api {
namespace {

using auth::Claims;
using http::Method;
using http::Request;
using http::Response;

constexpr int64_t kMaxReadings = 100'000;
constexpr int64_t kMaxChartPoints = 5'000;
constexpr std::chrono::hours kDefaultRange{1};

std::optional<std::string> ParseReason(std::string_view name) {
  for (const auto reason :
       {telemetry::RejectReason::kParseError, telemetry::RejectReason::kValidationError,
        telemetry::RejectReason::kUnknownDevice, telemetry::RejectReason::kWriteError}) {
    if (telemetry::ReasonName(reason) == name) return std::string(name);
  }
  return std::nullopt;
}

Response Range(Request& request, const TelemetryRouteParts& parts, const Envelope& envelope) {
  QueryInput input(request);
  telemetry::TelemetryQuery query;
  query.device_id = request.Param("id");
  query.end = input.Time("end").value_or(parts.clock.Now());
  query.start = input.Time("start").value_or(query.end - kDefaultRange);
  query.fields = input.List("fields");
  const auto limit = input.Integer("limit", 1, kMaxReadings);
  const auto max_points = input.Integer("max_points", 10, kMaxChartPoints);
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  if (max_points) {
    query.max_points = static_cast<size_t>(*max_points);
    // A chart of a long range reads all of it before it is thinned.
    query.limit = telemetry::kChartReadings;
  }
  if (limit) query.limit = static_cast<size_t>(*limit);

  const auto answer = parts.queries.Range(query);
  if (!answer.ok()) return envelope.Error(answer.status());
  return envelope.OkText(telemetry::ToJson(*answer));
}

Response Ingest(const TelemetryRouteParts& parts, const Envelope& envelope) {
  return envelope.Ok({{"accepted_total", parts.activity.accepted_total()},
                      {"rejected_total", parts.dead_letter_writer.written()},
                      {"rate_per_s", parts.activity.rate_per_s()},
                      {"devices_reporting", parts.activity.DevicesReporting()}});
}

Response DeadLetters(Request& request, const TelemetryRouteParts& parts, const Envelope& envelope) {
  QueryInput input(request);
  telemetry::DeadLetterFilter filter;
  filter.device_id = input.Text("device_id");
  filter.reason = input.Enum("reason", ParseReason,
                             "parse_error, validation_error, unknown_device, write_error");
  filter.start = input.Time("start");
  filter.end = input.Time("end");
  filter.sort = input.Text("sort").value_or("");
  const sql::Page page = input.Page();
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(parts.dead_letters.List(filter, page),
                       [](const auto& listing) { return ListToJson("dead_letters", listing); });
}

}  // namespace

void AddTelemetryRoutes(Routes& routes, TelemetryRouteParts parts, const Envelope& envelope) {
  routes.Add(Method::kGet, "/api/data/telemetry/{id}", Access::kRead,
             [parts, &envelope](Request& request, const Claims&) {
               return Range(request, parts, envelope);
             });
  routes.Add(Method::kGet, "/api/data/ingest", Access::kRead,
             [parts, &envelope](Request&, const Claims&) { return Ingest(parts, envelope); });
  routes.Add(Method::kGet, "/api/data/dead-letters", Access::kRead,
             [parts, &envelope](Request& request, const Claims&) {
               return DeadLetters(request, parts, envelope);
             });
}

}  // namespace energy::api
