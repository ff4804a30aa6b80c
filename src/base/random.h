#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>

#include "base/clock.h"

namespace energy::base {

/// Source of unpredictable bytes. Injected, so that tests get the same ids each run.
class Random {
 public:
  virtual ~Random() = default;
  /// Fills `out`. Threads: safe anywhere.
  virtual void Fill(std::span<unsigned char> out) = 0;
};

/// The kernel's generator (getrandom(2)): fit for keys, tokens and passwords.
class SystemRandom final : public Random {
 public:
  void Fill(std::span<unsigned char> out) override;
};

/// The same bytes for the same seed. For tests only. Not thread safe.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : engine_(seed) {}
  void Fill(std::span<unsigned char> out) override;

 private:
  std::mt19937_64 engine_;
};

/// UUID version 7 (RFC 9562 §5.7): ordered by creation time, which keeps database pages warm.
std::string NewUuid(Random& random, const Clock& clock);

/// True for the canonical 8-4-4-4-12 form in lower or upper case.
bool IsUuid(std::string_view text);

/// `length` characters from A-Z a-z 2-9 without look-alikes (5.8 bits each), for secrets that a
/// person may have to type.
std::string NewSecret(Random& random, size_t length);

}  // namespace energy::base
