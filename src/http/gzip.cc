#include "http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "base/text.h"
#include "http/message.h"

namespace energy::http {
namespace {

// "q=0", "q=0.0", "q=0.000" forbid; everything else admits.
bool IsForbidden(std::string_view parameters) {
  const size_t q = parameters.find("q=");
  if (q == std::string_view::npos) return false;
  const std::string_view value = base::Trim(parameters.substr(q + 2));
  return !value.empty() && value.find_first_not_of("0.") == std::string_view::npos;
}

base::Status TooLargeExpanded(size_t limit) {
  return base::TooLarge("the body expands to more than " + std::to_string(limit) +
                        " bytes: send less at a time");
}

bool Begin(z_stream& stream, int level) {
  // 15 bits of window; 16 more ask for the gzip wrapper instead of zlib's.
  return deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
}

}  // namespace

struct GzipStream::State {
  z_stream stream{};
  bool usable = false;
};

GzipStream::GzipStream() : state_(std::make_unique<State>()) {
  state_->usable = Begin(state_->stream, 1);
}

GzipStream::~GzipStream() { deflateEnd(&state_->stream); }

bool GzipStream::Add(std::string_view data, bool last, std::string& out) {
  if (!state_->usable || data.size() > std::numeric_limits<uInt>::max() / 2) return false;
  z_stream& stream = state_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  int result = Z_OK;
  do {
    char buffer[16 << 10];
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof(buffer);
    result = deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
    out.append(buffer, sizeof(buffer) - stream.avail_out);
  } while (result == Z_OK && (stream.avail_out == 0 || (last && stream.avail_in > 0)));
  return last ? result == Z_STREAM_END : result == Z_OK || result == Z_BUF_ERROR;
}

std::optional<std::string> Gzip(std::string_view data, int level) {
  if (data.size() > std::numeric_limits<uInt>::max() / 2) return std::nullopt;
  z_stream stream{};
  if (!Begin(stream, level)) return std::nullopt;
  std::string out(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) return std::nullopt;
  return out;
}

base::Result<std::string> Gunzip(std::string_view data, size_t limit) {
  constexpr size_t kFirstBytes = 64 << 10;
  if (data.size() > std::numeric_limits<uInt>::max()) return TooLargeExpanded(limit);
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return base::Internal("zlib cannot start");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  std::string out;
  size_t size = 0;
  while (true) {
    if (size == out.size()) {
      if (size > limit) return TooLargeExpanded(limit);
      out.resize(std::min(std::max(kFirstBytes, 2 * size), limit + 1));
    }
    const auto room =
        static_cast<uInt>(std::min<size_t>(out.size() - size, std::numeric_limits<uInt>::max()));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + size);
    stream.avail_out = room;
    const int result = inflate(&stream, Z_NO_FLUSH);
    size += room - stream.avail_out;
    if (result == Z_STREAM_END) {
      if (size > limit) return TooLargeExpanded(limit);
      if (stream.avail_in == 0) break;
      inflateReset(&stream);  // another member follows
      continue;
    }
    const bool cut_short = stream.avail_out > 0;  // all input is used and more output was welcome
    if ((result != Z_OK && result != Z_BUF_ERROR) || cut_short) {
      return base::InvalidArgument("the body is not whole in the gzip format");
    }
  }
  out.resize(size);
  return out;
}

bool AcceptsGzip(std::string_view accept_encoding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    const size_t end = std::min(accept_encoding.find(','), accept_encoding.size());
    const std::string_view item = accept_encoding.substr(0, end);
    accept_encoding.remove_prefix(std::min(end + 1, accept_encoding.size()));
    const size_t semicolon = std::min(item.find(';'), item.size());
    const std::string_view coding = base::Trim(item.substr(0, semicolon));
    const bool admitted = !IsForbidden(item.substr(semicolon));
    if (EqualsIgnoreCase(coding, "gzip") || EqualsIgnoreCase(coding, "x-gzip")) return admitted;
    if (coding == "*") any = admitted;
  }
  return any;
}

bool IsCompressible(std::string_view content_type) {
  const std::string_view type = base::Trim(content_type.substr(0, content_type.find(';')));
  return type.starts_with("text/") || type.ends_with("json") || type.ends_with("+xml") ||
         type.ends_with("/xml") || type.ends_with("/javascript") || type.ends_with("/yaml");
}

}  // namespace energy::http
