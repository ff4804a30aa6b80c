#include "base/number_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace energy::base {
namespace {

// A quotient of exact numbers is rounded like the reading of its text: a value that equals
// decimals / scale may be written as these decimals. Below the limits such texts are far fewer than
// doubles, so that the text is unique and the shortest.
constexpr double kThousand = 1e3;
constexpr double kThousandthsLimit = 1e6;
constexpr double kMillion = 1e6;
constexpr double kMillionthsLimit = 1e9;

// A short text that is copied whole, however much of it counts.
struct Word {
  std::array<char, 7> text;
  uint8_t size;
};
using Words = std::array<Word, 1000>;

constexpr Word Digits(int number) {
  return {{static_cast<char>('0' + number / 100), static_cast<char>('0' + number / 10 % 10),
           static_cast<char>('0' + number % 10)},
          3};
}

// "0" to "999".
constexpr Words kIntegers = [] {
  Words words{};
  for (int number = 0; number < 1000; ++number) {
    Word& word = words[number] = Digits(number);
    while (word.size > 1 && word.text[0] == '0') {
      word.text = {word.text[1], word.text[2]};
      --word.size;
    }
  }
  return words;
}();

// "", ".001" to ".999", without zeros at the end.
constexpr Words kFractions = [] {
  Words words{};
  for (int number = 1; number < 1000; ++number) {
    const Word digits = Digits(number);
    words[number] = {{'.', digits.text[0], digits.text[1], digits.text[2]}, 4};
    while (words[number].text[words[number].size - 1] == '0') --words[number].size;
  }
  return words;
}();

char* Write(char* to, const Word& word) {
  std::memcpy(to, word.text.data(), word.text.size());
  return to + word.size;
}

char* WriteThousandths(char* to, uint32_t thousandths) {
  const uint32_t integer = thousandths / 1000;
  to = integer < kIntegers.size() ? Write(to, kIntegers[integer])
                                  : std::to_chars(to, to + kMaxNumberText, integer).ptr;
  return Write(to, kFractions[thousandths % 1000]);
}

char* WriteMillionths(char* to, uint64_t millionths) {
  constexpr uint64_t kScale = 1'000'000;
  to = std::to_chars(to, to + kMaxNumberText, millionths / kScale).ptr;
  auto fraction = static_cast<uint32_t>(millionths % kScale);
  if (fraction == 0) return to;
  *to++ = '.';
  for (int i = 5; i >= 0; --i, fraction /= 10) to[i] = static_cast<char>('0' + fraction % 10);
  char* end = to + 6;
  while (end[-1] == '0') --end;
  return end;
}

}  // namespace

char* WriteNumber(char* to, double value) {
  const double size = std::fabs(value);
  if (size < kMillionthsLimit) {
    *to = '-';
    char* const begin = to + (std::signbit(value) ? 1 : 0);
    if (size < kThousandthsLimit) {
      const auto thousandths = static_cast<int32_t>(size * kThousand + 0.5);
      if (thousandths / kThousand == size) {
        return WriteThousandths(begin, static_cast<uint32_t>(thousandths));
      }
    }
    const auto millionths = static_cast<int64_t>(size * kMillion + 0.5);
    if (static_cast<double>(millionths) / kMillion == size) {
      return WriteMillionths(begin, static_cast<uint64_t>(millionths));
    }
  }
  return std::to_chars(to, to + kMaxNumberText, value).ptr;
}

void AppendNumber(std::string& out, double value) {
  char text[kMaxNumberText];
  out.append(text, WriteNumber(text, value));
}

}  // namespace energy::base
