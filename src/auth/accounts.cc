#include "auth/accounts.h"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <utility>

#include "auth/hash.h"

namespace energy::auth {
namespace {

constexpr std::chrono::seconds kWatchInterval{2};
// When keys were last used is told this roughly.
constexpr int kIntervalsPerSave = 15;
// An account that another process has just made is not read yet.
constexpr std::chrono::seconds kNewAccountGrace{5};

}  // namespace

Accounts::Accounts(sql::Database& database, const base::Clock& clock, base::Random& random,
                   std::string hash_key, base::Logger logger)
    : database_(database),
      clock_(clock),
      hash_key_(std::move(hash_key)),
      logger_(std::move(logger)),
      users_(random, clock),
      snapshot_(std::make_shared<const Snapshot>()) {}

base::Status Accounts::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Watch(stop); });
  return {};
}

void Accounts::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  if (const base::Status status = SaveLastUsed(); !status.ok()) {
    logger_->error("when API keys were last used is lost: {}", status.ToString());
  }
}

void Accounts::Watch(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "accounts");
  std::mutex mutex;
  std::condition_variable_any wake;
  bool failing = false;
  for (int round = 1;; ++round) {
    {
      std::unique_lock lock(mutex);
      wake.wait_for(lock, stop, kWatchInterval, [] { return false; });
    }
    if (stop.stop_requested()) return;
    base::Status status = Load();
    if (status.ok() && round % kIntervalsPerSave == 0) status = SaveLastUsed();
    if (!status.ok() && !failing) {
      logger_->error("changes of users and API keys are not seen: {}", status.ToString());
    }
    failing = !status.ok();
  }
}

std::shared_ptr<const Accounts::Snapshot> Accounts::Current() const {
  std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

base::Status Accounts::Load() {
  std::lock_guard one_load(load_mutex_);
  const std::shared_ptr<const Snapshot> before = Current();
  auto after = std::make_shared<Snapshot>();
  ENERGY_RETURN_IF_ERROR(database_.Read([&](sql::Connection& c) -> base::Status {
    ENERGY_ASSIGN_OR_RETURN(const std::vector<User> users, users_.All(c));
    for (const User& user : users) after->users[user.id] = {user.role, user.is_active};
    ENERGY_ASSIGN_OR_RETURN(const std::vector<StoredApiKey> keys, keys_.All(c));
    for (const StoredApiKey& stored : keys) {
      const auto known = before->keys.find(stored.secret_hash);
      std::shared_ptr<const Key> kept;
      if (known != before->keys.end()) {
        kept = known->second;  // with when it was used
      } else {
        auto added = std::make_shared<Key>();
        added->key = stored.key;
        kept = std::move(added);
      }
      after->keys.emplace(stored.secret_hash, std::move(kept));
    }
    return {};
  }));
  std::lock_guard lock(snapshot_mutex_);
  snapshot_ = std::move(after);
  return {};
}

base::Result<Claims> Accounts::Refresh(Claims claims) const {
  const std::shared_ptr<const Snapshot> snapshot = Current();
  const auto found = snapshot->users.find(claims.user_id);
  if (found == snapshot->users.end()) {
    if (clock_.Now() - claims.issued_at < kNewAccountGrace) return claims;
    return base::Unauthenticated("the account is gone");
  }
  if (!found->second.is_active) return base::Unauthenticated("the account is not active");
  claims.role = found->second.role;
  return claims;
}

std::string Accounts::KeyHash(std::string_view key) const {
  return ToHex(HmacSha256(hash_key_, key));
}

base::Result<Claims> Accounts::FindKey(std::string_view key) const {
  constexpr size_t kLongest = 100;
  const std::shared_ptr<const Snapshot> snapshot = Current();
  const auto found =
      key.size() > kLongest ? snapshot->keys.end() : snapshot->keys.find(KeyHash(key));
  if (found == snapshot->keys.end()) return base::Unauthenticated("the API key is not valid");
  const ApiKey& known = found->second->key;
  const base::Timestamp now = clock_.Now();
  if (known.expires_at && *known.expires_at <= now) {
    return base::Unauthenticated("the API key has expired: ask an admin for another");
  }
  found->second->used_ns.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  Claims claims;
  claims.email = known.name;
  claims.api_key_id = known.id;
  claims.scopes = known.scopes;
  return claims;
}

base::Status Accounts::SaveLastUsed() {
  std::map<std::string, base::Timestamp> used;
  const std::shared_ptr<const Snapshot> snapshot = Current();
  for (const auto& [hash, key] : snapshot->keys) {
    const int64_t ns = key->used_ns.exchange(0, std::memory_order_relaxed);
    if (ns != 0) used.emplace(key->key.id, base::Timestamp(std::chrono::nanoseconds(ns)));
  }
  if (used.empty()) return {};
  return database_.Transaction([&](sql::Connection& c) { return keys_.SaveLastUsed(c, used); });
}

}  // namespace energy::auth
