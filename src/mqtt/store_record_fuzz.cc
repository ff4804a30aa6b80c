#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mqtt/crc32.h"
#include "mqtt/store_record.h"
#include "mqtt/writer.h"

using namespace energy::mqtt;  // NOLINT: the only code here is the target

namespace {

const StoreTime kNow{energy::base::Timestamp(std::chrono::hours(480'000)),
                     Message::TimePoint(std::chrono::hours(1))};

void Check(bool holds) {
  if (!holds) std::abort();
}

// What decodes must encode, decode again and encode to the same bytes, and must be safe to apply.
void TryRecord(std::string_view bytes, StoredState& state) {
  Change change;
  size_t size = 0;
  if (DecodeStoreRecord(bytes, kNow, change, size) != RecordStatus::kOk) return;
  state.Apply(change);
  std::string once;
  EncodeStoreRecord(change, kNow, once);
  Change again;
  Check(DecodeStoreRecord(once, kNow, again, size) == RecordStatus::kOk && size == once.size());
  std::string twice;
  EncodeStoreRecord(again, kNow, twice);
  Check(once == twice);
}

}  // namespace

// The input is a row of bodies, each after two bytes of its length: a header with the right
// checksum is put before each, which a fuzzer would not find. The input as it is must be safe too.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  StoredState state;
  TryRecord(input, state);
  while (input.size() > 2) {
    const size_t length =
        static_cast<size_t>(data[size - input.size()]) << 8U | data[size - input.size() + 1];
    input.remove_prefix(2);
    const std::string_view body = input.substr(0, length);
    input.remove_prefix(body.size());
    std::string record;
    Writer writer(record);
    writer.U32(static_cast<uint32_t>(body.size()));
    writer.U32(Crc32c(body));
    writer.Bytes(body);
    TryRecord(record, state);
  }
  // A state describes itself.
  StoredState copy;
  state.Describe([&](const Change& change) { copy.Apply(change); });
  Check(copy.sessions().size() == state.sessions().size());
  Check(copy.messages().size() == state.messages().size());
  Check(copy.retained().size() == state.retained().size());
  return 0;
}
