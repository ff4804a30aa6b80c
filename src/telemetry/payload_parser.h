#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "series/store.h"
#include "telemetry/device_table.h"
#include "telemetry/model.h"

namespace energy::telemetry {

/// Why a payload was refused.
struct Rejection {
  RejectReason reason = RejectReason::kParseError;
  std::string detail;
};

/// Reads telemetry payloads (LLD §4.3.3, §6.2): one JSON object with `device_id`, `timestamp`
/// (RFC 3339 with an offset) and one number per field of the device's profile.
///
/// Refused: text that is not such an object, a `device_id` other than the topic's device, a
/// timestamp over `max_future` ahead, a missing required field, a value outside its range, a field
/// that the profile does not have, a field named twice. Threads: one parser per thread. Cost: about
/// 0.3 µs and no allocation for an accepted payload.
class PayloadParser {
 public:
  /// The most fields one reading may carry.
  static constexpr size_t kMaxFields = 256;

  PayloadParser(series::Store& store, std::chrono::nanoseconds max_future);
  ~PayloadParser();

  /// Appends the reading to `batch` and answers true; or answers false with `rejection` filled and
  /// `batch` untouched.
  bool Parse(std::string_view payload, const IngestDevice& device, base::Timestamp now,
             series::Batch& batch, Rejection& rejection);

 private:
  struct Json;
  struct Reading;

  bool ReadMember(std::string_view key, Json& json, const IngestDevice& device, Reading& reading,
                  Rejection& rejection);
  bool ReadField(std::string_view key, double value, const IngestDevice& device, Reading& reading,
                 Rejection& rejection);
  bool TakeUncheckedField(std::string_view key, double value, Reading& reading,
                          Rejection& rejection);
  bool CheckComplete(const IngestDevice& device, base::Timestamp now, const Reading& reading,
                     Rejection& rejection) const;

  series::Store& store_;
  const std::chrono::nanoseconds max_future_;
  std::unique_ptr<Json> json_;
  std::unique_ptr<Reading> reading_;
};

}  // namespace energy::telemetry
