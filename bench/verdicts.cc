#include "verdicts.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace energy::bench {
namespace {

std::string Text(double value, const std::string& unit) {
  const double size = std::abs(value);
  std::string number = size >= 1000  ? Thousands(value)
                       : size >= 100 ? Format("%.0f", value)
                       : size >= 10  ? Format("%.1f", value)
                                     : Format("%.2f", value);
  return unit.empty() ? number : number + " " + unit;
}

}  // namespace

void Verdicts::Against(const Figure& ours, const std::string& peer, double theirs, double times) {
  const double ratio = ours.better == Better::kHigher ? ours.value / theirs : theirs / ours.value;
  const std::string target = times == 1 ? "at least as good" : Format("%gx as good", times);
  Add(ours, target, peer, theirs, ratio >= times);
}

void Verdicts::Within(const Figure& ours, double limit, const std::string& meaning) {
  const bool higher = ours.better == Better::kHigher;
  Add(ours, (higher ? "at least " : "at most ") + Text(limit, ours.unit),
      meaning.empty() ? "limit" : meaning, limit,
      higher ? ours.value >= limit : ours.value <= limit);
}

void Verdicts::Add(const Figure& ours, const std::string& target, const std::string& beside,
                   double theirs, bool holds) {
  const double ratio = ours.better == Better::kHigher ? ours.value / theirs : theirs / ours.value;
  lines_.push_back("| " + ours.what + " | " + target + " | " + Text(ours.value, ours.unit) + " | " +
                   beside + " | " + Text(theirs, ours.unit) + " | " + Format("%.2f", ratio) +
                   (holds ? " | yes |\n" : " | **no** |\n"));
  misses_ += holds ? 0 : 1;
}

std::string Verdicts::ToMarkdown() const {
  std::string table =
      "| what | target | ours | beside | its figure | ratio | holds |\n"
      "| --- | --- | ---: | --- | ---: | ---: | --- |\n";
  for (const std::string& line : lines_) table += line;
  return table;
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::string Thousands(double value) {
  const std::string digits = std::to_string(static_cast<long long>(value + 0.5));
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string Format(const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

}  // namespace energy::bench
