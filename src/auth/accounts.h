#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "auth/api_key_repository.h"
#include "auth/token.h"
#include "auth/user_repository.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/service.h"
#include "base/status.h"
#include "sql/database.h"

namespace energy::auth {

/// What every request needs to know of users and API keys, in memory: so that a changed role, a
/// deactivation and a revoked key count at once, without SQL. The tables are read again after each
/// change, and every two seconds for what another process changed. While the database is away the
/// last known state holds.
///
/// Threads: safe anywhere. Load blocks on SQL; the others take microseconds.
class Accounts final : public base::Service {
 public:
  static constexpr std::string_view kKeyPrefix = "ep_";

  struct Account {
    Role role = Role::kViewer;
    bool is_active = true;
  };

  /// `hash_key`: of API keys, at least 32 bytes.
  Accounts(sql::Database& database, const base::Clock& clock, base::Random& random,
           std::string hash_key, base::Logger logger);
  ~Accounts() override { Stop(); }

  std::string_view name() const override { return "accounts"; }
  base::Status Start() override;
  /// Writes when keys were last used.
  void Stop() override;

  base::Status Load();

  /// Brings what a token says up to date: the role of now. Errors: kUnauthenticated when the
  /// account is not active or gone.
  base::Result<Claims> Refresh(Claims claims) const;

  /// Whom an API key stands for. Errors: kUnauthenticated.
  base::Result<Claims> FindKey(std::string_view key) const;

  /// A keyed hash suffices: a key has 230 random bits.
  std::string KeyHash(std::string_view key) const;

  /// Writes when keys were last used, as far as that is new.
  base::Status SaveLastUsed();

 private:
  struct Key {
    ApiKey key;
    mutable std::atomic<int64_t> used_ns{0};  // since the last save; 0: not
  };
  struct Snapshot {
    std::map<std::string, Account, std::less<>> users;
    std::map<std::string, std::shared_ptr<const Key>, std::less<>> keys;  // by hash
  };

  std::shared_ptr<const Snapshot> Current() const;
  void Watch(const std::stop_token& stop);

  sql::Database& database_;
  const base::Clock& clock_;
  const std::string hash_key_;
  base::Logger logger_;
  const UserRepository users_;
  const ApiKeyRepository keys_{};
  std::mutex load_mutex_;  // one reading at a time, so that an older one never replaces a newer
  mutable std::mutex snapshot_mutex_;
  std::shared_ptr<const Snapshot> snapshot_;  // guarded by snapshot_mutex_
  std::jthread thread_;
};

}  // namespace energy::auth
