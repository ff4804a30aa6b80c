#include "auth/revocations.h"

namespace energy::auth {

bool Revocations::Add(const std::string& session_id, base::Timestamp until, base::Timestamp now) {
  std::lock_guard lock(mutex_);
  const auto drop_oldest = [this] {
    until_.erase(by_expiry_.begin()->second);
    by_expiry_.erase(by_expiry_.begin());
  };
  while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) drop_oldest();
  if (until <= now) return true;
  const auto [found, is_new] = until_.try_emplace(session_id, until);
  if (!is_new) {
    if (found->second >= until) return true;
    by_expiry_.erase({found->second, session_id});
    found->second = until;
  }
  by_expiry_.emplace(until, session_id);
  if (until_.size() <= limit_) return true;
  drop_oldest();
  return false;
}

bool Revocations::Contains(const std::string& session_id) const {
  std::lock_guard lock(mutex_);
  return until_.contains(session_id);
}

size_t Revocations::size() const {
  std::lock_guard lock(mutex_);
  return until_.size();
}

}  // namespace energy::auth
