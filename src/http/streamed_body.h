#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/gzip.h"
#include "http/message.h"

// Private to the module.

namespace energy::http {

/// The body of an answer in pieces as it goes over the wire: compressed if its headers say so, and
/// in the chunked coding (RFC 9112 §7.1) unless the peer speaks HTTP/1.0. Holds one piece.
///
/// Threads: one call at a time, on any.
class StreamedBody {
 public:
  /// Takes `body` and `more` of the response.
  StreamedBody(Response& response, bool chunked);

  /// Sets `wire` to the next bytes to send, none at times. False after the last. Errors: those of
  /// the source, kInternal when it throws.
  base::Result<bool> Next(std::string& wire);

 private:
  base::Result<bool> NextPiece();

  BodySource source_;
  std::string first_;
  const bool chunked_;
  std::optional<GzipStream> gzip_;
  std::string piece_;
  std::string compressed_;
};

}  // namespace energy::http
