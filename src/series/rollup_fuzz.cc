#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "series/rollup_block.h"

// Any bytes are refused or give a block that can be written and read again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace energy::series;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const RollupShape& shape : {kHourlyShape, kDailyShape}) {
    (void)DecodeRollup(bytes, shape, {});
  }
  return 0;
}
