#pragma once

namespace energy::telemetry {

/// Reads a decimal number such as -230.5, .5 or 1e-3 from the start of [text, end), as the double
/// nearest to it, and answers where it ends; null when there is none or it is beyond a double's
/// range. Threads: pure. Cost: about 5 ns for up to 15 digits, 30 ns otherwise.
const char* ParseNumber(const char* text, const char* end, double& out);

}  // namespace energy::telemetry
