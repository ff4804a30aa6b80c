#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "series/log_record.h"

// Any bytes: a record or an error; what decodes is a well-formed batch that survives a round trip.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using energy::series::Batch;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Batch batch;
  if (!energy::series::DecodeLogRecord(bytes, batch).ok()) return 0;
  if (!CheckBatch(batch, size_t{1} << 32, size_t{1} << 16).ok()) std::abort();
  std::string encoded;
  EncodeLogRecord(batch, encoded);
  Batch again;
  if (!energy::series::DecodeLogRecord(encoded, again).ok() || again.fields != batch.fields) {
    std::abort();
  }
  return 0;
}
