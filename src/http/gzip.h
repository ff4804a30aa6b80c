#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace energy::http {

/// Compresses to the gzip format (RFC 1952). Nothing when zlib fails. Cost: about 10 ms a MiB of
/// JSON at level 1; level 9 is for what is compressed once.
std::optional<std::string> Gzip(std::string_view data, int level);

/// Expands the gzip format, several members in a row too. Errors: kInvalidArgument for bytes that
/// are not that, kTooLarge for more than `limit` bytes, found without expanding more than those.
base::Result<std::string> Gunzip(std::string_view data, size_t limit);

/// Compresses to the gzip format piece by piece, with level 1. Memory: about 256 KiB.
class GzipStream {
 public:
  GzipStream();
  ~GzipStream();
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  /// Appends to `out` what of the input so far is compressed; all of it with `last`. False when
  /// zlib fails.
  [[nodiscard]] bool Add(std::string_view data, bool last, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// True if an Accept-Encoding header admits gzip (RFC 9110 §12.5.3): named, or by "*", with q > 0.
bool AcceptsGzip(std::string_view accept_encoding);

/// True for text, JSON, JavaScript, XML and SVG; images and archives are compressed already.
bool IsCompressible(std::string_view content_type);

}  // namespace energy::http
