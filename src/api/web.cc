#include "api/web.h"

#include "api/ingest_answers.h"

namespace energy::api {
namespace {

// Emotion (MUI) writes style elements, hence 'unsafe-inline' for styles; scripts are files only.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

bool IsLocalhost(std::string_view host) {
  return http::EqualsIgnoreCase(host.substr(0, host.find(':')), "localhost");
}

http::Response Secured(const http::Request& request, http::Response response,
                       std::chrono::seconds hsts) {
  if (hsts.count() > 0 && request.secure && !IsLocalhost(request.Header("Host"))) {
    response.SetHeader("Strict-Transport-Security", "max-age=" + std::to_string(hsts.count()));
  }
  response.SetHeader("Content-Security-Policy", kContentSecurityPolicy);
  response.SetHeader("X-Content-Type-Options", "nosniff");
  response.SetHeader("X-Frame-Options", "DENY");
  response.SetHeader("Referrer-Policy", "same-origin");
  response.SetHeader("Cross-Origin-Opener-Policy", "same-origin");
  return response;
}

}  // namespace

void AddWebPage(http::Router& router, const http::StaticFiles* files, const Envelope& envelope) {
  router.SetFallback(
      [files, &envelope](http::Request& request) {
        // The description of the API is shown by the app, like its other pages.
        if (request.path == "/api/docs") request.path = "/docs";
        const bool api = request.path == "/api" || request.path.starts_with("/api/");
        if (!api && files != nullptr) {
          if (auto page = files->Serve(request)) return std::move(*page);
        }
        return envelope.Error(base::NotFound("There is nothing at this path."));
      },
      http::Run::kInline);
}

void UseSecurityHeaders(http::Router& router, const Envelope& envelope, std::chrono::seconds hsts) {
  router.Use([hsts](http::Request& request, const http::Handler& next) {
    http::Response response = next(request);
    return Secured(request, std::move(response), hsts);
  });
  router.SetErrorBody(
      [&envelope, hsts](int status, std::string_view message, const http::Request& request) {
        return Secured(request,
                       IsLineWritePath(request.path) ? InfluxError(status, message)
                                                     : envelope.Error(status, message),
                       hsts);
      });
}

}  // namespace energy::api
