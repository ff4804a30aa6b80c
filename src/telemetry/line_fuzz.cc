#include "telemetry/fuzz_support.h"
#include "telemetry/line_parser.h"

// Any bytes as line protocol; the first byte chooses how they came.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace energy::telemetry;  // NOLINT: the only code here is the target
  static NamesOnlyStore store;
  static LineParser parser(store);
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const energy::base::Timestamp now{std::chrono::seconds(1'770'463'560)};
  LineParser::Context context{.devices = FuzzDevices(),
                              .device = (data[0] & 1) != 0 ? FuzzDevices().Find("C1") : nullptr,
                              .limits = {now},
                              .precision = static_cast<Precision>((data[0] >> 1) & 3),
                              .default_time = std::nullopt,
                              .may_write = {}};
  if ((data[0] & 8) != 0) context.default_time = now;
  Readings batch;
  Refusals refusals;
  const auto outcome = parser.Parse(text, context, batch, refusals);
  CheckParsed(text, outcome.accepted, batch, refusals);
  return 0;
}
