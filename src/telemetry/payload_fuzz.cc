#include "telemetry/fuzz_support.h"
#include "telemetry/payload_parser.h"

// Any bytes as JSON, for a device with a profile and one without (the first byte chooses).
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace energy::telemetry;  // NOLINT: the only code here is the target
  static NamesOnlyStore store;
  static PayloadParser parser(store);
  if (size == 0) return 0;
  const std::string_view payload(reinterpret_cast<const char*>(data) + 1, size - 1);
  const IngestDevice* device = FuzzDevices().Find((data[0] & 1) != 0 ? "C1" : "D1");
  Readings batch;
  Refusals refusals;
  const TimeLimits limits{energy::base::Timestamp(std::chrono::seconds(1'770'463'560))};
  const size_t accepted =
      parser.Parse(payload, {*device, limits, (data[0] & 2) != 0}, batch, refusals);
  CheckParsed(payload, accepted, batch, refusals);
  if (accepted == 0 && refusals.empty()) std::abort();  // nothing may vanish
  return 0;
}
