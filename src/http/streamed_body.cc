#include "http/streamed_body.h"

#include <cstdio>
#include <exception>

namespace energy::http {

StreamedBody::StreamedBody(Response& response, bool chunked)
    : source_(std::move(response.more)), first_(response.Body()), chunked_(chunked) {
  response.more = nullptr;
  response.body.clear();
  response.shared_body.reset();
  if (response.Header("Content-Encoding") == "gzip") gzip_.emplace();
}

base::Result<bool> StreamedBody::NextPiece() {
  if (!first_.empty()) {
    piece_ = std::exchange(first_, {});
    return true;
  }
  try {
    return source_(piece_);
  } catch (const std::exception& error) {
    return base::Internal(std::string("a source of an answer threw: ") + error.what());
  } catch (...) {
    return base::Internal("a source of an answer threw");
  }
}

base::Result<bool> StreamedBody::Next(std::string& wire) {
  piece_.clear();
  wire.clear();
  ENERGY_ASSIGN_OR_RETURN(const bool more, NextPiece());
  std::string* data = &piece_;
  if (gzip_) {
    compressed_.clear();
    if (!gzip_->Add(piece_, !more, compressed_)) return base::Internal("zlib failed");
    data = &compressed_;
  }
  if (!chunked_) {
    wire.swap(*data);
    return more;
  }
  if (!data->empty()) {
    char size[24];
    wire.append(size,
                static_cast<size_t>(std::snprintf(size, sizeof(size), "%zx\r\n", data->size())));
    wire += *data;
    wire += "\r\n";
  }
  // An empty chunk is the end of the body.
  if (!more) wire += "0\r\n\r\n";
  return more;
}

}  // namespace energy::http
