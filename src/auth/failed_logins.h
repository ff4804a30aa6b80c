#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/service.h"
#include "base/status.h"
#include "sql/database.h"

namespace energy::auth {

/// Failed logins on their way to the audit log: counted, and written every minute as one entry for
/// each pair of account and address, and one for all that were more than `kMaxSubjects`, so that a
/// storm adds at most that many entries a minute. What was typed is never kept. While the database
/// is away they wait; kill -9 loses a minute.
///
/// Threads: safe anywhere. Add takes a lock and no SQL.
class FailedLogins final : public base::Service {
 public:
  static constexpr size_t kMaxSubjects = 20;

  enum class Why {
    kPassword,  ///< wrong, or of an unknown or inactive account
    kCode,      ///< of the second factor
    kProvider,  ///< an OpenID provider's answer that was refused
    kLocked,    ///< the account or the address is locked: not even looked at
  };

  FailedLogins(sql::Database& database, const base::Clock& clock, base::Logger logger)
      : database_(database), clock_(clock), logger_(std::move(logger)) {}
  ~FailedLogins() override { Stop(); }

  std::string_view name() const override { return "failed-logins"; }
  base::Status Start() override;
  /// Writes what is there.
  void Stop() override;

  /// `user_id`: empty when the account is not known.
  void Add(std::string_view user_id, std::string_view address, Why why);

  /// Writes what is there now. Errors: those of SQL; it then waits for the next time.
  base::Status Flush();

 private:
  using Subject = std::pair<std::string, std::string>;  // user id, address or its network
  struct Tally {
    int64_t wrong_passwords = 0;
    int64_t wrong_codes = 0;
    int64_t refused_answers = 0;
    int64_t locked = 0;
    base::Timestamp first;
    base::Timestamp last;
    void Add(const Tally& other);
  };
  using Tallies = std::map<Subject, Tally>;

  void AddLocked(const Subject& subject, const Tally& tally);
  base::Status Record(sql::Connection& connection, const Subject& subject, const Tally& tally);

  sql::Database& database_;
  const base::Clock& clock_;
  base::Logger logger_;
  std::mutex flushing_;  // one at a time
  std::mutex mutex_;
  Tallies tallies_;  // guarded by mutex_; at most kMaxSubjects and one for the rest
  std::jthread thread_;
};

}  // namespace energy::auth
