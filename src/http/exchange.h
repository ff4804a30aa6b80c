#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "http/router.h"

// Private to the module: the parts of an HTTP exchange that need no connection.

namespace energy::http {

/// Runs a handler and makes its answer ready to send. A handler that throws becomes a 500 and a
/// line in the log. Never throws. Threads: wherever the handler may run.
Response RunHandler(const Router& router, const Handler& handler, Request& request,
                    const base::Logger& log);

/// Compresses the answer when that is allowed and worth it. `limit`: larger bodies stay as they
/// are, so that an I/O thread is not held up. Of an answer in pieces it says only that it will be
/// compressed: see StreamedBody.
void Compress(const Request& request, Response& response, size_t limit);

/// Status line and headers with the empty line after them. Unsafe headers are left out.
/// `http_minor`: of the request, 0 or 1.
std::string SerializeHead(const Request& request, const Response& response, bool close,
                          int http_minor, std::string_view date);

/// False when the answer has no body on the wire: to HEAD, and 204 and 304.
bool SendsBody(const Request& request, const Response& response);

/// True if the handler asks for the end of the connection.
bool WantsClose(const Response& response);

/// What is wrong with the header of a request beyond its syntax, and the status that says so.
struct HeaderFault {
  int status = 400;
  std::string message;
};
std::optional<HeaderFault> CheckHeader(const Request& request, int http_minor);

/// Expands the body of a request whose Content-Encoding is gzip, and takes that header away. What
/// is wrong otherwise: 415 for another coding, 400 for bytes that are no gzip, 413 for a body that
/// expands to more than `limit` bytes.
std::optional<HeaderFault> DecodeBody(Request& request, size_t limit);

/// True for 1 to 64 characters of A-Z a-z 0-9 '.' '_' '-': safe in logs and headers.
bool IsSaneRequestId(std::string_view id);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7).
std::string HttpDate(base::Timestamp time);

}  // namespace energy::http
