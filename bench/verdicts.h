#pragma once

#include <string>
#include <vector>

namespace energy::bench {

enum class Better : uint8_t { kHigher, kLower };

/// One of our figures, and which way is better.
struct Figure {
  std::string what;  ///< such as "24 h, four fields, p50"
  double value = 0;
  std::string unit;  ///< such as "ms"
  Better better = Better::kHigher;
};

/// The targets of a run, each with our figure beside a peer's or a limit.
class Verdicts {
 public:
  /// Holds when ours is at least `times` as good as the peer's.
  void Against(const Figure& ours, const std::string& peer, double theirs, double times);
  /// Holds when ours is not worse than `limit`; `meaning` says where the limit comes from, and may
  /// be empty.
  void Within(const Figure& ours, double limit, const std::string& meaning = {});

  bool all_hold() const { return misses_ == 0; }
  /// One Markdown table: target, our figure, what it is beside, ratio (above 1: ours is better).
  std::string ToMarkdown() const;

 private:
  void Add(const Figure& ours, const std::string& target, const std::string& beside, double theirs,
           bool holds);

  std::vector<std::string> lines_;
  unsigned misses_ = 0;
};

/// The middle of `values`; 0 when there are none.
double Median(std::vector<double> values);

/// "1,234,567".
std::string Thousands(double value);

/// `printf` into a string.
[[gnu::format(printf, 1, 2)]] std::string Format(const char* format, ...);

}  // namespace energy::bench
