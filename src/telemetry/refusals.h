#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "telemetry/model.h"

namespace energy::telemetry {

/// One reading of a message that was refused.
struct RefusedReading {
  size_t number = 1;      ///< of the reading in an array, or of the line in its text; from 1
  std::string_view text;  ///< of the reading alone; valid as long as the message
  std::string device_id;  ///< empty when the reading names none
  Rejection rejection;
};
using Refusals = std::vector<RefusedReading>;

/// The dead letters of what was refused of one message. Each reading has its own, up to a hundred;
/// further ones of the same device and reason share letters of up to 256 KiB, in the form of the
/// message (lines, or an array), so that a replay reads them as it read the message. A letter keeps
/// its text whole.
void AppendDeadLetters(const Refusals& refusals, std::string_view topic, base::Timestamp now,
                       std::vector<DeadLetter>& out);

/// Shortens texts to their first `most_bytes` and says so in their details: where a refusal is not
/// acknowledged, so that its sender still has the whole (docs/adr/0018).
void CutTexts(Refusals& refusals, size_t most_bytes);

}  // namespace energy::telemetry
