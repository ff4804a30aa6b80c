#include "http/exchange.h"

#include <algorithm>
#include <cstdio>
#include <exception>

#include "http/gzip.h"

namespace energy::http {
namespace {

constexpr size_t kCompressFrom = 1024;

// The server writes these itself; a second one from a handler would break the framing.
bool IsFraming(std::string_view name) {
  return EqualsIgnoreCase(name, "Content-Length") || EqualsIgnoreCase(name, "Connection") ||
         EqualsIgnoreCase(name, "Transfer-Encoding") || EqualsIgnoreCase(name, "Date");
}

void AppendHeader(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

Response RunHandler(const Router& router, const Handler& handler, Request& request,
                    const base::Logger& log) {
  try {
    Response response = router.Invoke(handler, request);
    if (response.status < 200 || response.status > 599) {
      log->error("{} {}: a handler answered with status {}, which is none; request {}",
                 MethodName(request.method), request.path, response.status, request.id);
      return router.Error(500, "internal error", request);
    }
    return response;
  } catch (const std::exception& error) {
    log->error("{} {}: a handler threw: {}; request {}", MethodName(request.method), request.path,
               error.what(), request.id);
  } catch (...) {
    log->error("{} {}: a handler threw; request {}", MethodName(request.method), request.path,
               request.id);
  }
  return router.Error(500, "internal error", request);
}

void Compress(const Request& request, Response& response, size_t limit) {
  const std::string& body = response.Body();
  if ((body.size() <= kCompressFrom && !response.more) || response.status == 204 ||
      response.status == 206 || response.status == 304 ||
      !response.Header("Content-Encoding").empty() ||
      !IsCompressible(response.Header("Content-Type"))) {
    return;
  }
  const std::string_view vary = response.Header("Vary");
  if (vary.empty()) {
    response.SetHeader("Vary", "Accept-Encoding");
  } else if (vary.find("Accept-Encoding") == std::string_view::npos && vary != "*") {
    response.SetHeader("Vary", std::string(vary) + ", Accept-Encoding");
  }
  if (!AcceptsGzip(request.Header("Accept-Encoding"))) return;
  if (response.more) return response.SetHeader("Content-Encoding", "gzip"), void();
  if (body.size() > limit) return;
  auto compressed = Gzip(body, 1);
  if (!compressed || compressed->size() >= body.size()) return;
  response.body = std::move(*compressed);
  response.shared_body.reset();
  response.SetHeader("Content-Encoding", "gzip");
  // A strong validator would promise the same bytes as the uncompressed answer (RFC 9110 §8.8.1).
  if (const std::string tag(response.Header("ETag")); tag.starts_with('"')) {
    response.SetHeader("ETag", "W/" + tag);
  }
}

std::string SerializeHead(const Request& request, const Response& response, bool close,
                          int http_minor, std::string_view date) {
  std::string head;
  head.reserve(256);
  head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  head.append(ReasonPhrase(response.status)).append("\r\n");
  AppendHeader(head, "Date", date);
  if (response.more) {
    if (http_minor > 0) AppendHeader(head, "Transfer-Encoding", "chunked");
  } else if (response.status != 204 && response.status != 304) {
    AppendHeader(head, "Content-Length", std::to_string(response.Body().size()));
  }
  for (const auto& [name, value] : response.headers) {
    if (!IsFraming(name) && IsSafeHeader(name, value)) AppendHeader(head, name, value);
  }
  if (!request.id.empty() && response.Header("X-Request-Id").empty()) {
    AppendHeader(head, "X-Request-Id", request.id);
  }
  if (close) {
    AppendHeader(head, "Connection", "close");
  } else if (http_minor == 0) {
    AppendHeader(head, "Connection", "keep-alive");
  }
  head.append("\r\n");
  return head;
}

bool SendsBody(const Request& request, const Response& response) {
  return request.method != Method::kHead && response.status != 204 && response.status != 304;
}

bool WantsClose(const Response& response) {
  return EqualsIgnoreCase(response.Header("Connection"), "close");
}

std::optional<HeaderFault> CheckHeader(const Request& request, int http_minor) {
  const std::string_view coding = request.Header("Transfer-Encoding");
  if (!coding.empty() && !EqualsIgnoreCase(coding, "chunked")) {
    return HeaderFault{501, "the only Transfer-Encoding understood is chunked"};
  }
  // RFC 9112 §3.2; without this, two servers in a row may take a request for different sites.
  const auto hosts = std::count_if(request.headers.begin(), request.headers.end(),
                                   [](const auto& h) { return EqualsIgnoreCase(h.first, "Host"); });
  if (hosts > 1 || (hosts == 0 && http_minor > 0)) {
    return HeaderFault{400, "the request needs exactly one Host header"};
  }
  return std::nullopt;
}

std::optional<HeaderFault> DecodeBody(Request& request, size_t limit) {
  const std::string coding(request.Header("Content-Encoding"));
  if (coding.empty() || EqualsIgnoreCase(coding, "identity")) return std::nullopt;
  if (!EqualsIgnoreCase(coding, "gzip") && !EqualsIgnoreCase(coding, "x-gzip")) {
    return HeaderFault{415, "the only Content-Encoding understood is gzip"};
  }
  auto expanded = Gunzip(request.body, limit);
  if (!expanded.ok()) {
    const bool large = expanded.status().code() == base::Code::kTooLarge;
    return HeaderFault{large ? 413 : 400, expanded.status().message()};
  }
  request.body = std::move(expanded).value();
  std::erase_if(request.headers, [](const auto& header) {
    return EqualsIgnoreCase(header.first, "Content-Encoding");
  });
  return std::nullopt;
}

bool IsSaneRequestId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

std::string HttpDate(base::Timestamp time) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  char text[64];
  const int length = std::snprintf(
      text, sizeof(text), "%s, %02u %s %04d %02ld:%02ld:%02ld GMT",
      kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
      kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
      clock.hours().count(), clock.minutes().count(), static_cast<long>(clock.seconds().count()));
  return std::string(text, static_cast<size_t>(length));
}

}  // namespace energy::http
