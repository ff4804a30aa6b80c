#pragma once

#include <string>

namespace energy::base {

/// The most characters AppendNumber or WriteNumber produce.
inline constexpr size_t kMaxNumberText = 32;

/// Appends the shortest decimal text that reads back as the same double (JSON and CSV take it).
/// `value` is finite. Cost: about 8 ns for values with up to three decimals below 1e6, which is
/// what sensors send; 12 ns up to six decimals below 1e9; 60 ns for others.
void AppendNumber(std::string& out, double value);
/// The same into a buffer of at least kMaxNumberText; returns the end.
char* WriteNumber(char* to, double value);

}  // namespace energy::base
