#include "notifications/backoff.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace energy::notifications {
namespace {

constexpr std::chrono::seconds kLongestAskedFor = std::chrono::hours(1);
constexpr int64_t kMostDoublings = 30;

}  // namespace

std::chrono::milliseconds WaitAfter(int64_t attempts, const Backoff& backoff, base::Random& random,
                                    std::optional<std::chrono::seconds> asked_for) {
  const int64_t doublings = std::clamp<int64_t>(attempts - 1, 0, kMostDoublings);
  const int64_t whole =
      std::min(backoff.longest.count(), backoff.first.count() * (int64_t{1} << doublings));
  std::array<unsigned char, 4> bytes{};
  random.Fill(bytes);
  uint32_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof(number));
  const int64_t half = whole / 2;
  auto wait = std::chrono::milliseconds(half + static_cast<int64_t>(number) % (whole - half + 1));
  if (asked_for) {
    // In seconds first: what a provider says may be more than milliseconds can.
    wait = std::max<std::chrono::milliseconds>(
        wait, std::clamp(*asked_for, std::chrono::seconds(0), kLongestAskedFor));
  }
  return wait;
}

}  // namespace energy::notifications
