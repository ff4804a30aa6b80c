#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "telemetry/precision.h"
#include "telemetry/reading_draft.h"
#include "telemetry/refusals.h"

namespace energy::telemetry {

/// Reads InfluxDB line protocol: `measurement,tag=value field=1.5,other=2i 1770463560000000000`.
///
/// The device of a line is, where the message came on no device's own topic or path, the tag
/// `device_tag`; without it the measurement where that is a registered device, else the tag `host`.
/// Other tags and the measurement say nothing here. Fields are the device's fields: floats,
/// integers (1i, 1u; beyond 2^53 the nearest double) and booleans (1 and 0). Text is refused, and
/// with it its line. A refused line leaves the others be.
///
/// Threads: one parser per thread. Cost: one pass, about 0.15 µs a line of four fields; no
/// allocation for accepted lines. Source: InfluxDB's documentation of line protocol.
class LineParser {
 public:
  struct Context {
    const DeviceTable& devices;
    const IngestDevice* device = nullptr;  ///< of the topic or path; null: each line names its own
    std::string_view device_tag = "device_id";
    TimeLimits limits;
    Precision precision = Precision::kNanoseconds;
    /// For lines without a timestamp; nothing: they are refused, since a message that is delivered
    /// again would count twice.
    std::optional<base::Timestamp> default_time;
    /// Whether readings of a device may be written; empty: of all.
    std::function<bool(std::string_view device_id)> may_write;
  };
  struct Outcome {
    size_t accepted = 0;
    size_t forbidden_line = 0;  ///< the first line of a device that may not be written; 0: none
    std::string forbidden_device;
  };

  explicit LineParser(series::Store& store);

  /// Appends the readings of `text` to `batch`, and what is refused to `refusals`. Stops at a line
  /// that may not be written.
  Outcome Parse(std::string_view text, const Context& context, Readings& batch, Refusals& refusals);

 private:
  // What a series key, measurement and tags as they are written, means in the present message.
  struct Series {
    uint64_t message = 0;
    std::string key;
    const IngestDevice* device = nullptr;  // null: refused
    std::string device_id;                 // as the line has it
    Rejection rejection;
    bool forbidden = false;
  };

  const Series& FindSeries(std::string_view key, const Context& context);
  void Resolve(std::string_view key, const Context& context, Series& series);
  bool ReadLine(const char*& at, const char* end, const Context& context, const Series& series,
                Readings& batch, Rejection& rejection);
  bool ReadField(const char*& at, const char* end, Rejection& rejection);
  bool ReadFieldName(const char*& at, const char* end, std::string_view& name,
                     Rejection& rejection);

  ReadingDraft draft_;
  uint64_t message_ = 0;
  std::array<Series, 256> series_;  // by hash of the key
  const Series* last_ = nullptr;
  std::string scratch_;
};

}  // namespace energy::telemetry
