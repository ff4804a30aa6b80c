#include "api/json_views.h"
#include "api/resources.h"
#include "base/time_text.h"

namespace energy::api {
namespace {

using auth::Claims;
using http::Method;
using http::Request;
using http::Response;

base::Json RejectedToJson(const telemetry::IngestCounts& counts) {
  base::Json json = base::Json::object();
  for (const auto reason : telemetry::kRejectReasons) {
    json[std::string(telemetry::ReasonName(reason))] = counts.rejected[static_cast<size_t>(reason)];
  }
  return json;
}

base::Json NumberOrNull(const std::optional<uint64_t>& number) {
  return number ? base::Json(*number) : base::Json();
}

base::Json GapToJson(const std::optional<telemetry::Gap>& gap) {
  if (!gap) return {};
  return {{"start", base::FormatTimestamp(gap->start)},
          {"end", base::FormatTimestamp(gap->end)},
          {"missed", gap->missed},
          {"after_sequence", NumberOrNull(gap->after_sequence)}};
}

base::Json FlaggedToJson(const std::optional<telemetry::Flagged>& flagged) {
  if (!flagged) return {};
  return {{"timestamp", base::FormatTimestamp(flagged->time)},
          {"field", flagged->field},
          {"value", flagged->value},
          {"nominal_min", flagged->nominal_min},
          {"nominal_max", flagged->nominal_max}};
}

Response Totals(const ArrivalRouteParts& parts, const Envelope& envelope) {
  const telemetry::IngestCounts counts = parts.activity.Totals();
  return envelope.Ok({{"accepted_total", parts.activity.accepted_total()},
                      {"rejected_total", parts.dead_letters.written()},
                      {"rejected_by_reason", RejectedToJson(counts)},
                      {"duplicates_total", counts.duplicates},
                      {"out_of_order_total", counts.out_of_order},
                      {"late_total", counts.late},
                      {"flagged_total", counts.flagged},
                      {"gaps_total", counts.gaps},
                      {"missed_total", counts.missed},
                      {"rate_per_s", parts.activity.rate_per_s()},
                      {"devices_reporting", parts.activity.DevicesReporting()}});
}

Response OfDevice(Request& request, const ArrivalRouteParts& parts, const Envelope& envelope) {
  const std::string id(request.Param("id"));
  if (!parts.registry.Find(id)) return envelope.Error(base::NotFound("There is no such device."));
  const telemetry::DeviceIngest state = parts.activity.Of(id);
  const telemetry::IngestCounts& counts = state.counts;
  return envelope.Ok({{"device_id", id},
                      {"received", counts.received},
                      {"rejected", RejectedToJson(counts)},
                      {"duplicates", counts.duplicates},
                      {"out_of_order", counts.out_of_order},
                      {"late", counts.late},
                      {"flagged", counts.flagged},
                      {"gaps", counts.gaps},
                      {"missed", counts.missed},
                      {"last_sequence", NumberOrNull(state.sequence)},
                      {"last_gap", GapToJson(state.last_gap)},
                      {"last_flagged", FlaggedToJson(state.last_flagged)},
                      {"newest_timestamp", TimeOrNull(state.newest)},
                      {"last_received_at", TimeOrNull(state.received)}});
}

}  // namespace

void AddArrivalRoutes(Routes& routes, ArrivalRouteParts parts, const Envelope& envelope) {
  routes.Add(Method::kGet, "/api/data/ingest",
             [parts, &envelope](Request&, const Claims&) { return Totals(parts, envelope); });
  routes.Add(Method::kGet, "/api/devices/{id}/ingest",
             [parts, &envelope](Request& request, const Claims&) {
               return OfDevice(request, parts, envelope);
             });
}

}  // namespace energy::api
