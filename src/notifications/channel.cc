#include "notifications/channel.h"

#include <algorithm>
#include <charconv>

#include "notifications/template_text.h"

namespace energy::notifications {
namespace {

constexpr size_t kKeptBytes = 1000;

std::optional<std::chrono::seconds> RetryAfter(const http::Response& response) {
  const std::string_view text = response.Header("Retry-After");
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return std::chrono::seconds(seconds);
}

}  // namespace

std::string Storable(std::string_view text, size_t bytes) {
  // A dump replaces what is no UTF-8.
  const std::string json =
      base::Json(std::string(text)).dump(-1, ' ', false, base::Json::error_handler_t::replace);
  std::string clean = EscapePlain(base::Json::parse(json).get<std::string>());
  if (clean.size() <= bytes) return clean;
  while (bytes > 0 && (static_cast<unsigned char>(clean[bytes]) & 0xC0U) == 0x80U) --bytes;
  clean.resize(bytes);
  return clean;
}

base::Json StorableId(const base::Json& id) {
  if (id.is_number()) return id;
  return id.is_string() ? base::Json(Storable(id.get<std::string>(), 200)) : base::Json();
}

Outcome OutcomeOf(const http::Response& response) {
  const int status = response.status;
  Outcome outcome;
  outcome.provider = {{"status", status}};
  if (!response.Body().empty()) outcome.provider["body"] = Storable(response.Body(), kKeptBytes);
  if (status >= 200 && status < 300) {
    outcome.result = Outcome::Result::kSent;
    return outcome;
  }
  const bool later = status == 408 || status == 429 || status >= 500;
  outcome.result = later ? Outcome::Result::kRetry : Outcome::Result::kFailed;
  outcome.retry_after = RetryAfter(response);
  outcome.error = "the server answered " + std::to_string(status);
  return outcome;
}

Outcome OutcomeOf(const base::Status& status, std::string_view secret) {
  Outcome outcome;
  outcome.result = status.code() == base::Code::kInvalidArgument ? Outcome::Result::kFailed
                                                                 : Outcome::Result::kRetry;
  outcome.error = status.message();
  while (!secret.empty()) {
    const size_t at = outcome.error.find(secret);
    if (at == std::string::npos) break;
    outcome.error.replace(at, secret.size(), "***");
  }
  outcome.error = Storable(outcome.error, kKeptBytes);
  return outcome;
}

}  // namespace energy::notifications
