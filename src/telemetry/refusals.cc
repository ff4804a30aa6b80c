#include "telemetry/refusals.h"

namespace energy::telemetry {
namespace {

constexpr size_t kSingleLetters = 100;
constexpr size_t kSharedBytes = 256 << 10;

DeadLetter MakeLetter(const RefusedReading& refused, std::string_view topic, base::Timestamp now) {
  return {refused.device_id,        std::string(topic),       std::string(refused.text),
          refused.rejection.reason, refused.rejection.detail, now};
}

// True when the text can be one of several in a letter.
bool IsJsonReading(std::string_view text) { return !text.empty() && text.front() == '{'; }

bool MayShare(const DeadLetter& letter, const RefusedReading& refused) {
  const bool json = IsJsonReading(refused.text);
  return letter.reason == refused.rejection.reason && letter.device_id == refused.device_id &&
         letter.payload.size() + refused.text.size() <= kSharedBytes &&
         json == (letter.payload.front() == '[');
}

}  // namespace

void AppendDeadLetters(const Refusals& refusals, std::string_view topic, base::Timestamp now,
                       std::vector<DeadLetter>& out) {
  bool shared = false;  // the last letter may take more
  for (size_t i = 0; i < refusals.size(); ++i) {
    const RefusedReading& refused = refusals[i];
    const bool json = IsJsonReading(refused.text);
    if (shared && MayShare(out.back(), refused)) {
      DeadLetter& letter = out.back();
      if (json) letter.payload.back() = ',';  // was the closing bracket
      if (!json) letter.payload += '\n';
      letter.payload += refused.text;
      if (json) letter.payload += ']';
      ++letter.readings;
      continue;
    }
    out.push_back(MakeLetter(refused, topic, now));
    shared = i >= kSingleLetters && !refused.text.empty();
    if (!shared) continue;
    if (json) out.back().payload = '[' + out.back().payload + ']';
    out.back().detail +=
        " (further readings of the message, refused for the same kind of reason, follow)";
  }
}

void CutTexts(Refusals& refusals, size_t most_bytes) {
  for (RefusedReading& refused : refusals) {
    if (refused.text.size() <= most_bytes) continue;
    refused.rejection.detail += "; of these " + std::to_string(refused.text.size()) +
                                " bytes only the first " + std::to_string(most_bytes) +
                                " are kept here: correct the whole and send it again";
    refused.text = refused.text.substr(0, most_bytes);
  }
}

}  // namespace energy::telemetry
