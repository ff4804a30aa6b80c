#include "telemetry/precision.h"

namespace energy::telemetry {
namespace {

constexpr std::string_view kLinesTopic = "api/v2/write?precision=";

}  // namespace

int64_t NanosecondsPer(Precision precision) {
  switch (precision) {
    case Precision::kNanoseconds:
      return 1;
    case Precision::kMicroseconds:
      return 1'000;
    case Precision::kMilliseconds:
      return 1'000'000;
    case Precision::kSeconds:
      return 1'000'000'000;
  }
  return 1;
}

std::optional<Precision> ParsePrecision(std::string_view name) {
  if (name.empty() || name == "ns" || name == "n") return Precision::kNanoseconds;
  if (name == "us" || name == "u" || name == "\xC2\xB5") return Precision::kMicroseconds;
  if (name == "ms") return Precision::kMilliseconds;
  if (name == "s") return Precision::kSeconds;
  return std::nullopt;
}

std::string_view PrecisionName(Precision precision) {
  switch (precision) {
    case Precision::kNanoseconds:
      return "ns";
    case Precision::kMicroseconds:
      return "us";
    case Precision::kMilliseconds:
      return "ms";
    case Precision::kSeconds:
      return "s";
  }
  return "ns";
}

std::string LinesTopic(Precision precision) {
  return std::string(kLinesTopic) + std::string(PrecisionName(precision));
}

std::optional<Precision> PrecisionOfTopic(std::string_view topic) {
  if (!topic.starts_with(kLinesTopic)) return std::nullopt;
  return ParsePrecision(topic.substr(kLinesTopic.size()));
}

}  // namespace energy::telemetry
