#include "auth/second_factor_service.h"

namespace energy::auth {

base::Result<SecondFactor::State> SecondFactorService::Get(std::string_view user_id) {
  return database_.Read([&](sql::Connection& connection) {
    return sessions_.second_factor().Get(connection, user_id);
  });
}

base::Result<SecondFactor::Enrolment> SecondFactorService::Begin(const Actor& actor,
                                                                 std::string_view password) {
  ENERGY_RETURN_IF_ERROR(sessions_.ConfirmPassword(actor.name, password, "password"));
  return database_.Transaction([&](sql::Connection& connection) {
    return sessions_.second_factor().Begin(connection, actor.user_id, actor.name);
  });
}

base::Result<std::vector<std::string>> SecondFactorService::Confirm(const Actor& actor,
                                                                    std::string_view code) {
  ENERGY_ASSIGN_OR_RETURN(
      std::vector<std::string> codes, database_.Transaction([&](sql::Connection& connection) {
        return sessions_.second_factor().Confirm(connection, actor.user_id, code);
      }));
  logger_->info("user {} turned the second factor on from {}", actor.user_id, actor.address);
  return codes;
}

base::Status SecondFactorService::Remove(std::string_view user_id) {
  ENERGY_ASSIGN_OR_RETURN(const bool removed,
                          database_.Transaction([&](sql::Connection& connection) {
                            return sessions_.second_factor().Remove(connection, user_id);
                          }));
  return removed ? base::Status() : base::NotFound("there is no second factor");
}

base::Status SecondFactorService::Disable(const Actor& actor, std::string_view password) {
  ENERGY_RETURN_IF_ERROR(sessions_.ConfirmPassword(actor.name, password, "password"));
  ENERGY_RETURN_IF_ERROR(Remove(actor.user_id));
  logger_->info("user {} turned the second factor off from {}", actor.user_id, actor.address);
  return {};
}

base::Status SecondFactorService::Reset(const Actor& actor, std::string_view user_id) {
  ENERGY_ASSIGN_OR_RETURN(const User user, sessions_.GetUser(user_id));
  ENERGY_RETURN_IF_ERROR(Remove(user.id));
  logger_->info("the second factor of user {} was reset by {} from {}", user.id, actor.user_id,
                actor.address);
  return {};
}

}  // namespace energy::auth
