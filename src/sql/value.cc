#include "sql/value.h"

#include <charconv>

namespace energy::sql {
namespace {

template <class T>
std::optional<T> Parse(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  T value{};
  const char* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

/// The length of the UTF-8 sequence at the start of `text`, 0 when it is malformed (RFC 3629 §4).
size_t SequenceLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80;   // overlong below
    const unsigned high = first == 0xed ? 0x9f : 0xbf;  // surrogates above
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned low = first == 0xf0 ? 0x90 : 0x80;
    const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::optional<int64_t> Row::OptInt(size_t i) const { return Parse<int64_t>(columns_.at(i)); }
int64_t Row::Int(size_t i) const { return OptInt(i).value_or(0); }

std::optional<double> Row::OptDouble(size_t i) const { return Parse<double>(columns_.at(i)); }
double Row::Double(size_t i) const { return OptDouble(i).value_or(0); }

bool Row::Bool(size_t i) const {
  const std::optional<std::string>& text = columns_.at(i);
  return text == "1" || text == "t" || text == "true";
}

std::optional<base::Timestamp> Row::OptTime(size_t i) const {
  base::Timestamp time;
  const std::optional<std::string>& text = columns_.at(i);
  if (!text || !base::TryParseTimestamp(*text, time)) return std::nullopt;
  return time;
}
base::Timestamp Row::Time(size_t i) const { return OptTime(i).value_or(base::Timestamp()); }

bool IsStorableText(std::string_view text) {
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    if (length == 0 || text.front() == '\0') return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace energy::sql
