#include "auth/second_factor_service.h"

#include "audit/audit.h"

namespace energy::auth {

base::Result<SecondFactor::State> SecondFactorService::Get(std::string_view user_id) {
  return database_.Read([&](sql::Connection& connection) {
    return sessions_.second_factor().Get(connection, user_id);
  });
}

base::Result<SecondFactor::Enrolment> SecondFactorService::Begin(const Actor& actor,
                                                                 std::string_view password) {
  ENERGY_RETURN_IF_ERROR(sessions_.ConfirmPassword(actor.name, password, "password"));
  return database_.Transaction(
      [&](sql::Connection& connection) -> base::Result<SecondFactor::Enrolment> {
        ENERGY_RETURN_IF_ERROR(Record(connection, "second_factor.begin", actor.user_id));
        return sessions_.second_factor().Begin(connection, actor.user_id, actor.name);
      });
}

base::Result<std::vector<std::string>> SecondFactorService::Confirm(const Actor& actor,
                                                                    std::string_view code) {
  using Codes = std::vector<std::string>;
  ENERGY_ASSIGN_OR_RETURN(
      Codes codes, database_.Transaction([&](sql::Connection& connection) -> base::Result<Codes> {
        ENERGY_RETURN_IF_ERROR(Record(connection, "second_factor.enable", actor.user_id));
        return sessions_.second_factor().Confirm(connection, actor.user_id, code);
      }));
  logger_->info("user {} turned the second factor on from {}", actor.user_id, actor.address);
  return codes;
}

base::Status SecondFactorService::Record(sql::Connection& connection, std::string_view action,
                                         std::string_view user_id) {
  return audit::Record(connection, clock_,
                       {action, "user", std::string(user_id), nullptr, nullptr});
}

base::Status SecondFactorService::Remove(std::string_view action, std::string_view user_id) {
  return database_.Transaction([&](sql::Connection& connection) -> base::Status {
    ENERGY_ASSIGN_OR_RETURN(const bool removed,
                            sessions_.second_factor().Remove(connection, user_id));
    if (!removed) return base::NotFound("there is no second factor");
    return Record(connection, action, user_id);
  });
}

base::Status SecondFactorService::Disable(const Actor& actor, std::string_view password) {
  ENERGY_RETURN_IF_ERROR(sessions_.ConfirmPassword(actor.name, password, "password"));
  ENERGY_RETURN_IF_ERROR(Remove("second_factor.disable", actor.user_id));
  logger_->info("user {} turned the second factor off from {}", actor.user_id, actor.address);
  return {};
}

base::Status SecondFactorService::Reset(const Actor& actor, std::string_view user_id) {
  ENERGY_ASSIGN_OR_RETURN(const User user, sessions_.GetUser(user_id));
  ENERGY_RETURN_IF_ERROR(Remove("second_factor.reset", user.id));
  logger_->info("the second factor of user {} was reset by {} from {}", user.id, actor.user_id,
                actor.address);
  return {};
}

}  // namespace energy::auth
