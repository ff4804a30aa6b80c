#include <algorithm>
#include <cctype>

#include "api/input.h"
#include "api/json_views.h"
#include "api/resources.h"

namespace energy::api {
namespace {

using auth::Claims;
using http::Method;
using http::Request;
using http::Response;

// A download is made in memory; what is left over is fetched by a later `start`.
constexpr size_t kDownloadBytes = 32 << 20;
constexpr int kDownloadPage = 500;

std::optional<std::string> ParseReason(std::string_view name) {
  for (const auto reason : telemetry::kRejectReasons) {
    if (telemetry::ReasonName(reason) == name) return std::string(name);
  }
  return std::nullopt;
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0)
      return false;
  }
  return true;
}

telemetry::DeadLetterFilter ReadFilter(QueryInput& input) {
  constexpr size_t kMostIds = 200;
  telemetry::DeadLetterFilter filter;
  filter.ids = input.List("ids");
  if (filter.ids.size() > kMostIds || !std::all_of(filter.ids.begin(), filter.ids.end(), IsUuid)) {
    input.Fail("ids", "takes up to 200 ids of dead letters, separated by commas");
  }
  filter.device_id = input.Text("device_id");
  filter.reason = input.Enum("reason", ParseReason,
                             "parse_error, validation_error, unknown_device, write_error");
  filter.start = input.Time("start");
  filter.end = input.Time("end");
  return filter;
}

base::Json ToJson(const telemetry::ReplayReport& report) {
  return {{"letters", report.letters},
          {"replayed", report.replayed},
          {"refused", report.refused},
          {"readings", report.readings},
          {"more", report.more}};
}

Response List(Request& request, const DeadLetterRouteParts& parts, const Envelope& envelope) {
  QueryInput input(request);
  telemetry::DeadLetterFilter filter = ReadFilter(input);
  filter.sort = input.Text("sort").value_or("");
  const sql::Page page = input.Page();
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(parts.letters.List(filter, page),
                       [](const auto& listing) { return ListToJson("dead_letters", listing); });
}

// One JSON object a line, the oldest first.
Response Download(Request& request, const DeadLetterRouteParts& parts, const Envelope& envelope) {
  QueryInput input(request);
  const telemetry::DeadLetterFilter filter = ReadFilter(input);
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  Response response;
  response.SetHeader("Content-Type", "application/x-ndjson");
  response.SetHeader("Content-Disposition", "attachment; filename=\"dead-letters.ndjson\"");
  response.SetHeader("Cache-Control", "no-store");
  std::optional<telemetry::StoredDeadLetter> last;
  while (true) {
    auto letters = parts.letters.Next(filter, last, kDownloadPage);
    if (!letters.ok()) return envelope.Error(letters.status());
    if (letters->empty()) return response;
    for (const auto& letter : *letters) {
      if (response.body.size() > kDownloadBytes) {
        response.SetHeader("X-Truncated", "true");
        return response;
      }
      response.body +=
          api::ToJson(letter).dump(-1, ' ', false, base::Json::error_handler_t::replace) + '\n';
    }
    last = letters->back();
  }
}

Response Purge(Request& request, const DeadLetterRouteParts& parts, const Envelope& envelope) {
  QueryInput input(request);
  const telemetry::DeadLetterFilter filter = ReadFilter(input);
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(parts.letters.Purge(filter), [](int64_t count) {
    return base::Json{{"purged", count}};
  });
}

Response Replay(Request& request, const DeadLetterRouteParts& parts, const Envelope& envelope) {
  QueryInput input(request);
  const telemetry::DeadLetterFilter filter = ReadFilter(input);
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(parts.replay.Matching(filter),
                       [](const auto& report) { return ToJson(report); });
}

}  // namespace

void AddDeadLetterRoutes(Routes& routes, DeadLetterRouteParts parts, const Envelope& envelope) {
  routes.Add(Method::kGet, "/api/data/dead-letters",
             [parts, &envelope](Request& request, const Claims&) {
               return List(request, parts, envelope);
             });
  routes.Add(Method::kDelete, "/api/data/dead-letters",
             [parts, &envelope](Request& request, const Claims&) {
               return Purge(request, parts, envelope);
             });
  routes.Add(Method::kGet, "/api/data/dead-letters/download",
             [parts, &envelope](Request& request, const Claims&) {
               return Download(request, parts, envelope);
             });
  routes.Add(Method::kPost, "/api/data/dead-letters/replay",
             [parts, &envelope](Request& request, const Claims&) {
               return Replay(request, parts, envelope);
             });
  routes.Add(Method::kPost, "/api/data/dead-letters/{id}/replay",
             [parts, &envelope](Request& request, const Claims&) {
               return envelope.From(parts.replay.One(request.Param("id")),
                                    [](const auto& report) { return ToJson(report); });
             });
  routes.Add(Method::kDelete, "/api/data/dead-letters/{id}",
             [parts, &envelope](Request& request, const Claims&) {
               const base::Status status = parts.letters.Delete(request.Param("id"));
               if (!status.ok()) return envelope.Error(status);
               return envelope.Ok({{"purged", 1}});
             });
}

}  // namespace energy::api
