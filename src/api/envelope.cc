#include "api/envelope.h"

#include <array>

#include "base/time_text.h"

namespace energy::api {
namespace {

struct CodeMapping {
  base::Code code;
  int status;
  std::string_view name;
};

constexpr std::array<CodeMapping, 9> kMappings{{
    {base::Code::kInvalidArgument, 400, "VALIDATION_ERROR"},
    {base::Code::kUnauthenticated, 401, "UNAUTHENTICATED"},
    {base::Code::kPermissionDenied, 403, "FORBIDDEN"},
    {base::Code::kNotFound, 404, "NOT_FOUND"},
    {base::Code::kConflict, 409, "CONFLICT"},
    {base::Code::kTooLarge, 413, "PAYLOAD_TOO_LARGE"},
    {base::Code::kRateLimited, 429, "RATE_LIMITED"},
    {base::Code::kUnavailable, 503, "UNAVAILABLE"},
    {base::Code::kInternal, 500, "INTERNAL"},
}};

const CodeMapping& MappingOf(base::Code code) {
  for (const CodeMapping& candidate : kMappings) {
    if (candidate.code == code) return candidate;
  }
  return kMappings.back();
}

std::string_view NameOfStatus(int status) {
  for (const CodeMapping& mapping : kMappings) {
    if (mapping.status == status) return mapping.name;
  }
  if (status == 405) return "METHOD_NOT_ALLOWED";
  return status < 500 ? "VALIDATION_ERROR" : "INTERNAL";
}

std::string ErrorJson(std::string_view name, std::string_view message,
                      const std::vector<base::FieldError>& fields) {
  base::Json error{{"code", name}, {"message", message}};
  if (!fields.empty()) {
    base::Json details = base::Json::object();
    for (const base::FieldError& field : fields) details[field.field] = field.message;
    error["details"] = std::move(details);
  }
  // A message may quote input, which need not be UTF-8.
  return error.dump(-1, ' ', false, base::Json::error_handler_t::replace);
}

// Decision 2; the limiter tells its numbers as fields.
void SetRateLimitHeaders(const base::Status& status, http::Response& response) {
  for (const base::FieldError& field : status.fields()) {
    if (field.field == "limit") response.SetHeader("RateLimit-Limit", field.message);
    if (field.field != "retry_after_s") continue;
    response.SetHeader("Retry-After", field.message);
    response.SetHeader("RateLimit-Reset", field.message);
  }
  response.SetHeader("RateLimit-Remaining", "0");
}

}  // namespace

int HttpStatusOf(base::Code code) { return MappingOf(code).status; }

http::Response Envelope::Make(int status, std::string_view data, std::string_view error) const {
  http::Response response;
  response.status = status;
  response.SetHeader("Content-Type", "application/json; charset=utf-8");
  response.SetHeader("Cache-Control", "no-store");
  std::string& body = response.body;
  body.reserve(data.size() + error.size() + 96);
  body += error == "null" ? Opening() : R"({"success":false,"data":)";
  body += data;
  AppendClosing(body, error);
  return response;
}

void Envelope::AppendClosing(std::string& body, std::string_view error) const {
  body += R"(,"error":)";
  body += error;
  body += R"(,"timestamp":")";
  body += base::FormatTimestamp(std::chrono::floor<std::chrono::milliseconds>(clock_.Now()));
  body += "\"}";
}

std::string_view Envelope::Opening() { return R"({"success":true,"data":)"; }

std::string Envelope::Closing() const {
  std::string text;
  AppendClosing(text, "null");
  return text;
}

http::Response Envelope::Ok(const base::Json& data, int status) const {
  return Make(status, data.dump(-1, ' ', false, base::Json::error_handler_t::replace), "null");
}

http::Response Envelope::OkText(std::string_view data, int status) const {
  return Make(status, data, "null");
}

http::Response Envelope::Error(const base::Status& status) const {
  const CodeMapping& mapping = MappingOf(status.code());
  http::Response response =
      Make(mapping.status, "null", ErrorJson(mapping.name, status.message(), status.fields()));
  if (mapping.status == 401) response.SetHeader("WWW-Authenticate", "Bearer");
  if (mapping.status == 429) SetRateLimitHeaders(status, response);
  return response;
}

http::Response Envelope::Error(int status, std::string_view message) const {
  return Make(status, "null", ErrorJson(NameOfStatus(status), message, {}));
}

}  // namespace energy::api
