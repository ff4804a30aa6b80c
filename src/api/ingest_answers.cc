#include "api/ingest_answers.h"

namespace energy::api {
namespace {

constexpr size_t kLinesInMessage = 10;
constexpr size_t kErrorsInDetails = 50;

// Names as InfluxDB 2.x has them.
std::string_view InfluxCode(int status) {
  switch (status) {
    case 400:
      return "invalid";
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not found";
    case 405:
      return "method not allowed";
    case 413:
      return "request too large";
    case 429:
      return "too many requests";
    case 503:
      return "unavailable";
    default:
      return status < 500 ? "invalid" : "internal error";
  }
}

base::Json ResultOf(const telemetry::RefusedReading& refused) {
  return {{"status", "rejected"},
          {"reason", telemetry::ReasonName(refused.rejection.reason)},
          {"detail", refused.rejection.detail}};
}

base::Status ErrorOf(const telemetry::Refusals& refusals) {
  if (refusals.front().rejection.reason == telemetry::RejectReason::kUnknownDevice) {
    return base::NotFound(refusals.front().rejection.detail);
  }
  std::vector<base::FieldError> fields;
  for (const auto& refused : refusals) {
    if (fields.size() == kErrorsInDetails) break;
    fields.push_back({"readings[" + std::to_string(refused.number - 1) + "]",
                      std::string(telemetry::ReasonName(refused.rejection.reason)) + ": " +
                          refused.rejection.detail});
  }
  return base::InvalidArgument("No reading was accepted; they are kept as dead letters.",
                               std::move(fields));
}

}  // namespace

http::Response AnswerReadings(size_t accepted, const telemetry::Refusals& refusals,
                              const Envelope& envelope) {
  if (accepted == 0 && !refusals.empty()) return envelope.Error(ErrorOf(refusals));
  base::Json results = base::Json::array();
  auto refused = refusals.begin();
  for (size_t number = 1; number <= accepted + refusals.size(); ++number) {
    const bool rejected = refused != refusals.end() && refused->number == number;
    results.push_back(rejected ? ResultOf(*refused) : base::Json{{"status", "accepted"}});
    if (rejected) ++refused;
  }
  return envelope.Ok(
      {{"accepted", accepted}, {"rejected", refusals.size()}, {"results", std::move(results)}});
}

http::Response InfluxError(const base::Status& status) {
  return InfluxError(HttpStatusOf(status.code()), status.message());
}

http::Response InfluxError(int status, std::string_view message) {
  http::Response response;
  response.status = status;
  response.SetHeader("Content-Type", "application/json; charset=utf-8");
  response.SetHeader("Cache-Control", "no-store");
  response.body =
      base::Json{{"code", InfluxCode(status)}, {"message", message}, {"error", message}}.dump(
          -1, ' ', false, base::Json::error_handler_t::replace);
  return response;
}

bool IsLineWritePath(std::string_view path) { return path == "/api/v2/write" || path == "/write"; }

http::Response AnswerLines(size_t accepted, const telemetry::Refusals& refusals) {
  if (refusals.empty()) {
    http::Response response;
    response.status = 204;
    return response;
  }
  std::string message = accepted == 0 ? "no line was written: " : "partial write: ";
  for (size_t i = 0; i < std::min(refusals.size(), kLinesInMessage); ++i) {
    message +=
        "line " + std::to_string(refusals[i].number) + ": " + refusals[i].rejection.detail + "; ";
  }
  message += "dropped=" + std::to_string(refusals.size()) +
             " (kept as dead letters), written=" + std::to_string(accepted);
  return InfluxError(base::InvalidArgument(message));
}

http::Response AnswerForbiddenLine(const telemetry::LineParser::Outcome& outcome) {
  return InfluxError(base::PermissionDenied("line " + std::to_string(outcome.forbidden_line) +
                                            ": these credentials may not write the device '" +
                                            outcome.forbidden_device.substr(0, 64) +
                                            "'; nothing of the request was written"));
}

}  // namespace energy::api
