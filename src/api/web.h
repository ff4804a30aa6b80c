#pragma once

#include <chrono>

#include "api/envelope.h"
#include "http/router.h"
#include "http/static_files.h"

namespace energy::api {

/// Answers what no route matches with the web page, and everything below /api with the envelope's
/// 404. `files` may be null: then there is no page.
void AddWebPage(http::Router& router, const http::StaticFiles* files, const Envelope& envelope);

/// Puts security headers on every answer, those of the protocol layer's own errors included; among
/// them a content security policy that the page satisfies.
/// `hsts`: how long browsers use TLS only, once they came through TLS (RFC 6797); 0: not told.
/// Never told for localhost, which other programs share.
void UseSecurityHeaders(http::Router& router, const Envelope& envelope,
                        std::chrono::seconds hsts = std::chrono::seconds(0));

}  // namespace energy::api
