#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/auth_service.h"
#include "auth/model.h"
#include "auth/second_factor.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "sql/database.h"

namespace energy::auth {

/// Turning the second factor on and off. What a user does with the own one takes the password
/// again, so that a session left open is not enough. All of it is in the audit log.
///
/// Threads: safe anywhere. All block on SQL, Begin and Disable for a bcrypt (255 ms).
class SecondFactorService {
 public:
  SecondFactorService(sql::Database& database, const base::Clock& clock, AuthService& sessions,
                      base::Logger logger)
      : database_(database), clock_(clock), sessions_(sessions), logger_(std::move(logger)) {}

  base::Result<SecondFactor::State> Get(std::string_view user_id);
  /// Errors: kInvalidArgument for a wrong password, kRateLimited after several, kConflict while a
  ///   second factor is in use.
  base::Result<SecondFactor::Enrolment> Begin(const Actor& actor, std::string_view password);
  /// From now on logins ask for a code. Answers the recovery codes, to be shown once.
  /// Errors: kInvalidArgument for a wrong code, kConflict without an enrolment.
  base::Result<std::vector<std::string>> Confirm(const Actor& actor, std::string_view code);
  /// Errors: as Begin; kNotFound when there is none.
  base::Status Disable(const Actor& actor, std::string_view password);
  /// For who has lost authenticator and recovery codes. Errors: kNotFound.
  base::Status Reset(const Actor& actor, std::string_view user_id);

 private:
  base::Status Record(sql::Connection& connection, std::string_view action,
                      std::string_view user_id);
  base::Status Remove(std::string_view action, std::string_view user_id);

  sql::Database& database_;
  const base::Clock& clock_;
  AuthService& sessions_;
  base::Logger logger_;
};

}  // namespace energy::auth
