#include "auth/login_throttle.h"

#include <algorithm>
#include <charconv>

#include "base/address.h"

namespace energy::auth {
namespace {

using std::chrono::milliseconds;

std::string OfAccount(std::string_view account) { return "account/" + std::string(account); }
std::string OfAddress(std::string_view remote) { return "address/" + base::AddressGroup(remote); }
std::string Failures(const std::string& subject) { return "login/failures/" + subject; }
std::string LockedUntil(const std::string& subject) { return "login/locked/" + subject; }

int64_t ToMs(base::Timestamp time) {
  return std::chrono::floor<milliseconds>(time).time_since_epoch().count();
}

}  // namespace

LoginThrottle::LoginThrottle(ThrottleOptions options, cache::Cache& counts,
                             const base::Clock& clock)
    : options_(options), counts_(counts), clock_(clock) {}

std::chrono::seconds LoginThrottle::Locked(std::string_view account, std::string_view remote) {
  const std::chrono::seconds left = Left(OfAccount(account));
  if (remote.empty() || options_.free_failures_per_address == 0) return left;
  return std::max(left, Left(OfAddress(remote)));
}

void LoginThrottle::Failed(std::string_view account, std::string_view remote) {
  Count(OfAccount(account), options_.free_failures);
  if (remote.empty() || options_.free_failures_per_address == 0) return;
  Count(OfAddress(remote), options_.free_failures_per_address);
}

void LoginThrottle::Succeeded(std::string_view account) {
  for (const std::string& key : {Failures(OfAccount(account)), LockedUntil(OfAccount(account))}) {
    (void)counts_.Take(key);  // what stays is forgotten by itself
  }
}

std::chrono::seconds LoginThrottle::Left(const std::string& subject) {
  const auto value = counts_.Get(LockedUntil(subject));
  if (!value.ok() || !*value) return {};
  int64_t until = 0;
  std::from_chars((*value)->data(), (*value)->data() + (*value)->size(), until);
  const milliseconds left(until - ToMs(clock_.Now()));
  return std::max(std::chrono::ceil<std::chrono::seconds>(left), std::chrono::seconds(0));
}

void LoginThrottle::Count(const std::string& subject, int free_failures) {
  const auto failures = counts_.Increment(Failures(subject), options_.forget_after);
  if (!failures.ok() || *failures < free_failures) return;
  const int64_t doublings = std::min<int64_t>(*failures - free_failures, 20);
  const auto lock =
      std::min(options_.first_lock * (int64_t{1} << doublings), options_.longest_lock);
  // Kept as long as the count, so that a full memory forgets whoever failed longest ago.
  (void)counts_.Set(LockedUntil(subject), std::to_string(ToMs(clock_.Now() + lock)),
                    options_.forget_after);
}

}  // namespace energy::auth
