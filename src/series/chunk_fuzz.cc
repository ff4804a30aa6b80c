#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "series/chunk.h"

// Any bytes: a chunk or an error, and what decodes encodes again to something that decodes the
// same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using energy::series::ChunkView;
  using energy::series::Columns;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto view = ChunkView::Parse(bytes);
  if (!view.ok()) return 0;
  Columns rows;
  if (!view->AppendTo(rows, true).ok()) return 0;
  rows.DropEmptyRows();
  if (rows.empty()) return 0;

  std::string encoded;
  EncodeChunk(rows, 0, rows.rows(), encoded);
  const auto again = ChunkView::Parse(encoded);
  Columns back;
  if (!again.ok() || !again->AppendTo(back, true).ok() || back.time_ns != rows.time_ns) {
    std::abort();
  }
  return 0;
}
