#include "auth/login_throttle.h"

#include <algorithm>

namespace energy::auth {

LoginThrottle::LoginThrottle(ThrottleOptions options, const base::Clock& clock)
    : options_(options), clock_(clock) {}

std::chrono::seconds LoginThrottle::Locked(const std::string& account) {
  const Steady now = clock_.Steady();
  std::lock_guard lock(mutex_);
  const auto found = entries_.find(account);
  if (found == entries_.end() || found->second.locked_until <= now) return {};
  return std::chrono::ceil<std::chrono::seconds>(found->second.locked_until - now);
}

void LoginThrottle::Failed(const std::string& account) {
  const Steady now = clock_.Steady();
  std::lock_guard lock(mutex_);
  Forget(now);
  const auto [found, is_new] = entries_.try_emplace(account);
  Entry& entry = found->second;
  if (!is_new) by_age_.erase(entry.order);
  entry.order = next_order_++;
  by_age_.emplace(entry.order, account);
  entry.last_failure = now;
  ++entry.failures;
  if (entry.failures >= options_.free_failures) {
    const int doublings = std::min(entry.failures - options_.free_failures, 20);
    entry.locked_until =
        now + std::min(options_.first_lock * (int64_t{1} << doublings), options_.longest_lock);
  }
  while (entries_.size() > options_.max_accounts) {
    entries_.erase(by_age_.begin()->second);
    by_age_.erase(by_age_.begin());
  }
}

void LoginThrottle::Succeeded(const std::string& account) {
  std::lock_guard lock(mutex_);
  const auto found = entries_.find(account);
  if (found == entries_.end()) return;
  by_age_.erase(found->second.order);
  entries_.erase(found);
}

size_t LoginThrottle::size() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

void LoginThrottle::Forget(Steady now) {
  while (!by_age_.empty()) {
    const auto oldest = entries_.find(by_age_.begin()->second);
    if (oldest->second.last_failure + options_.forget_after > now) return;
    entries_.erase(oldest);
    by_age_.erase(by_age_.begin());
  }
}

}  // namespace energy::auth
