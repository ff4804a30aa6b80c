#pragma once

#include <string>
#include <vector>

#include "http/router.h"

namespace energy::api {

/// Answers questions of pages of other origins, those of the list only (CORS, Fetch §3.2): for
/// bearer tokens, never for cookies. An origin is "https://host[:port]" as the browser sends it.
void UseCors(http::Router& router, std::vector<std::string> origins);

/// Puts what Routes has counted into the headers of an answer.
void UseRateLimitHeaders(http::Router& router);

}  // namespace energy::api
