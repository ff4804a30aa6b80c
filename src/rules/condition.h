#pragma once

#include <optional>

#include "rules/model.h"

namespace energy::rules {

/// True when `value` meets the threshold (LLD §4.4.3).
inline bool Holds(Operator op, double value, double threshold) {
  switch (op) {
    case Operator::kGreater:
      return value > threshold;
    case Operator::kLess:
      return value < threshold;
    case Operator::kGreaterEqual:
      return value >= threshold;
    case Operator::kLessEqual:
      return value <= threshold;
    case Operator::kEqual:
      return value == threshold;
    case Operator::kNotEqual:
      return value != threshold;
  }
  return false;
}

/// True when a firing rule goes on at `value`: while the value still meets the clear threshold, or
/// the threshold where there is none (decision 17).
inline bool KeepsFiring(Operator op, double value, double threshold,
                        std::optional<double> clear_threshold) {
  return Holds(op, value, clear_threshold.value_or(threshold));
}

/// The value that is further beyond the threshold; for = and != the newer one.
inline double Worse(Operator op, double worst, double value) {
  switch (op) {
    case Operator::kGreater:
    case Operator::kGreaterEqual:
      return value > worst ? value : worst;
    case Operator::kLess:
    case Operator::kLessEqual:
      return value < worst ? value : worst;
    case Operator::kEqual:
    case Operator::kNotEqual:
      return value;
  }
  return value;
}

}  // namespace energy::rules
