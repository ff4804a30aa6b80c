#include "auth/revocations.h"

#include <vector>

namespace energy::auth {
namespace {

std::string Key(const std::string& session_id) { return "session/ended/" + session_id; }

}  // namespace

bool Revocations::Add(const std::string& session_id, base::Timestamp until, base::Timestamp now) {
  // Here first: should the cache fail, this process at least refuses the session.
  const bool kept = Keep(session_id, until, now);
  return Tell(session_id, until, now) && kept;
}

bool Revocations::Keep(const std::string& session_id, base::Timestamp until, base::Timestamp now) {
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

bool Revocations::Tell(const std::string& session_id, base::Timestamp until, base::Timestamp now) {
  if (shared_.local() || until <= now) return true;
  const auto ttl = std::chrono::ceil<cache::Cache::Duration>(until - now);
  return shared_.Set(Key(session_id), "1", ttl).ok();
}

base::Result<bool> Revocations::Contains(const std::string& session_id) const {
  {
    std::lock_guard lock(mutex_);
    if (until_.contains(session_id)) return true;
  }
  if (shared_.local()) return false;
  ENERGY_ASSIGN_OR_RETURN(const auto ended, shared_.Get(Key(session_id)));
  return ended.has_value();
}

void Revocations::Share(base::Timestamp now) {
  std::vector<std::pair<base::Timestamp, std::string>> entries;
  {
    std::lock_guard lock(mutex_);
    entries.assign(by_expiry_.begin(), by_expiry_.end());
  }
  for (const auto& [until, session_id] : entries) {
    if (!Tell(session_id, until, now)) return;  // away again: the next return begins anew
  }
}

size_t Revocations::size() const {
  std::lock_guard lock(mutex_);
  return until_.size();
}

}  // namespace energy::auth
