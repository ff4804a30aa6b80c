#include "api/input.h"
#include "api/json_views.h"
#include "api/resources.h"

namespace energy::api {
namespace {

using auth::Claims;
using http::Method;
using http::Request;
using http::Response;

constexpr int kExportPage = 200;

audit::AuditFilter ReadFilter(QueryInput& input) {
  audit::AuditFilter filter;
  filter.actor = input.Text("actor");
  filter.action = input.Text("action");
  filter.resource_type = input.Text("resource_type");
  filter.resource_id = input.Text("resource_id");
  filter.start = input.Time("start");
  filter.end = input.Time("end");
  filter.search = input.Text("search").value_or("");
  return filter;
}

Response List(Request& request, audit::AuditLog& log, const Envelope& envelope) {
  QueryInput input(request);
  audit::AuditFilter filter = ReadFilter(input);
  filter.sort = input.Text("sort").value_or("");
  const sql::Page page = input.Page();
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(log.List(filter, page),
                       [](const auto& listing) { return ListToJson("entries", listing); });
}

Response Verify(Request& request, audit::AuditLog& log, const Envelope& envelope) {
  if (const auto status = QueryInput(request).Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(log.Verify(), [](const audit::Verdict& verdict) -> base::Json {
    return {{"sound", !verdict.broken},
            {"entries", verdict.entries},
            {"pruned", verdict.pruned},
            {"hash", verdict.hash},
            {"broken", base::OrNull(verdict.broken)},
            {"reason", verdict.reason.empty() ? base::Json() : base::Json(verdict.reason)}};
  });
}

void AppendCell(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

// The entries that match, the oldest first, a page of SQL at a time.
class Export {
 public:
  Export(audit::AuditLog& log, audit::AuditFilter filter, bool csv)
      : log_(log), filter_(std::move(filter)), csv_(csv) {}

  base::Result<bool> Next(std::string& piece) {
    ENERGY_ASSIGN_OR_RETURN(const std::vector<audit::Entry> entries,
                            log_.Next(filter_, after_, kExportPage));
    for (const audit::Entry& entry : entries) {
      if (csv_) {
        AppendCsv(entry, piece);
      } else {
        piece += ToJson(entry).dump() + '\n';
      }
      after_ = entry.sequence;
    }
    return entries.size() == kExportPage;
  }

  static std::string_view CsvHeader() {
    return "sequence,time,actor,actor_id,address,request_id,action,resource_type,resource_id,"
           "before,after,hash\r\n";
  }

 private:
  static void AppendCsv(const audit::Entry& entry, std::string& out) {
    out += std::to_string(entry.sequence) + ',' + base::TimeToJson(entry.time);
    for (const std::string* text :
         {&entry.actor, &entry.actor_id, &entry.address, &entry.request_id, &entry.action,
          &entry.resource_type, &entry.resource_id, &entry.before, &entry.after, &entry.hash}) {
      out += ',';
      AppendCell(*text, out);
    }
    out += "\r\n";
  }

  audit::AuditLog& log_;
  const audit::AuditFilter filter_;
  const bool csv_;
  int64_t after_ = 0;
};

Response Download(Request& request, audit::AuditLog& log, const Envelope& envelope) {
  QueryInput input(request);
  const audit::AuditFilter filter = ReadFilter(input);
  const auto parse = [](std::string_view name) -> std::optional<bool> {
    if (name == "csv") return true;
    if (name == "ndjson") return false;
    return std::nullopt;
  };
  const bool csv = input.Enum("format", parse, "csv, ndjson").value_or(false);
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  const auto rows = std::make_shared<Export>(log, filter, csv);
  Response response;
  response.SetHeader("Content-Type", csv ? "text/csv; charset=utf-8" : "application/x-ndjson");
  response.SetHeader("Content-Disposition", csv ? "attachment; filename=\"audit.csv\""
                                                : "attachment; filename=\"audit.ndjson\"");
  response.SetHeader("Cache-Control", "no-store");
  if (csv) response.body = Export::CsvHeader();
  const auto more = rows->Next(response.body);
  if (!more.ok()) return envelope.Error(more.status());
  if (*more) response.more = [rows](std::string& piece) { return rows->Next(piece); };
  return response;
}

}  // namespace

void AddAuditRoutes(Routes& routes, audit::AuditLog& log, const Envelope& envelope) {
  routes.Add(Method::kGet, "/api/audit",
             [&](Request& request, const Claims&) { return List(request, log, envelope); });
  routes.Add(Method::kGet, "/api/audit/verify",
             [&](Request& request, const Claims&) { return Verify(request, log, envelope); });
  routes.Add(Method::kGet, "/api/audit/download",
             [&](Request& request, const Claims&) { return Download(request, log, envelope); });
}

}  // namespace energy::api
