#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace energy::telemetry {

/// Unit of the timestamps of line protocol.
enum class Precision : uint8_t { kNanoseconds, kMicroseconds, kMilliseconds, kSeconds };

/// "ns", "us", "ms", "s", and the short forms of InfluxDB 1.x: "n", "u", "µ". Empty: nanoseconds.
std::optional<Precision> ParsePrecision(std::string_view name);
std::string_view PrecisionName(Precision precision);
int64_t NanosecondsPer(Precision precision);

/// What stands for a topic in the dead letter of a line that came on no device's topic: the address
/// that lines are posted to, with the precision. On disk: never rename.
std::string LinesTopic(Precision precision);
/// The precision in such a topic; nothing for any other topic.
std::optional<Precision> PrecisionOfTopic(std::string_view topic);

}  // namespace energy::telemetry
