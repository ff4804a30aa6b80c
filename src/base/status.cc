#include "base/status.h"

namespace energy::base {

std::string_view CodeName(Code code) {
  switch (code) {
    case Code::kOk:
      return "ok";
    case Code::kInvalidArgument:
      return "invalid_argument";
    case Code::kUnauthenticated:
      return "unauthenticated";
    case Code::kPermissionDenied:
      return "permission_denied";
    case Code::kNotFound:
      return "not_found";
    case Code::kConflict:
      return "conflict";
    case Code::kTooLarge:
      return "too_large";
    case Code::kRateLimited:
      return "rate_limited";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kInternal:
      return "internal";
  }
  return "internal";
}

std::string Status::ToString() const {
  std::string text(CodeName(code_));
  if (!message_.empty()) text += ": " + message_;
  for (const FieldError& error : fields_) text += " [" + error.field + ": " + error.message + "]";
  return text;
}

Status InvalidArgument(std::string message, std::vector<FieldError> fields) {
  return {Code::kInvalidArgument, std::move(message), std::move(fields)};
}
Status InvalidField(std::string field, std::string message) {
  std::string summary = field + " " + message;
  return {Code::kInvalidArgument, std::move(summary), {{std::move(field), std::move(message)}}};
}
Status Unauthenticated(std::string message) { return {Code::kUnauthenticated, std::move(message)}; }
Status PermissionDenied(std::string message) {
  return {Code::kPermissionDenied, std::move(message)};
}
Status NotFound(std::string message) { return {Code::kNotFound, std::move(message)}; }
Status Conflict(std::string message, std::vector<FieldError> fields) {
  return {Code::kConflict, std::move(message), std::move(fields)};
}
Status TooLarge(std::string message) { return {Code::kTooLarge, std::move(message)}; }
Status RateLimited(std::string message) { return {Code::kRateLimited, std::move(message)}; }
Status Unavailable(std::string message) { return {Code::kUnavailable, std::move(message)}; }
Status Internal(std::string message) { return {Code::kInternal, std::move(message)}; }

}  // namespace energy::base
