#include "auth/user_service.h"

#include "audit/audit.h"
#include "auth/common_passwords.h"
#include "auth/user_audit.h"

namespace energy::auth {

base::Status CheckNewPassword(std::string_view password, std::string_view email,
                              std::string_view field) {
  const auto refuse = [&](const char* why) {
    return base::InvalidArgument("the password is not valid", {{std::string(field), why}});
  };
  if (password.size() < kMinPasswordBytes || password.size() > kMaxPasswordBytes) {
    return refuse("must have 8 to 72 bytes");
  }
  if (password.find('\0') != std::string_view::npos) return refuse("must not contain NUL");
  const std::string lower = LowerCase(password);
  if (IsCommonPassword(lower)) return refuse("is among the first that are tried: choose another");
  if (lower == email || lower == email.substr(0, email.find('@'))) {
    return refuse("must not be the email: choose another");
  }
  return {};
}

UserService::UserService(sql::Database& database, const base::Clock& clock, base::Random& random,
                         AuthService& sessions, unsigned bcrypt_cost, base::Logger logger)
    : database_(database),
      clock_(clock),
      sessions_(sessions),
      logger_(std::move(logger)),
      hasher_(random, bcrypt_cost),
      users_(random, clock) {}

base::Result<User> UserService::Create(const Actor& actor, std::string_view email,
                                       std::string_view full_name, Role role,
                                       std::string_view password) {
  NewUser user{std::string(email), std::string(full_name), role, ""};
  base::Status invalid = ValidateNewUser(user);
  const base::Status bad_password = CheckNewPassword(password, NormalizeEmail(email), "password");
  if (!invalid.ok() || !bad_password.ok()) {
    std::vector<base::FieldError> errors = invalid.fields();
    errors.insert(errors.end(), bad_password.fields().begin(), bad_password.fields().end());
    return base::InvalidArgument("the account is not valid", std::move(errors));
  }
  ENERGY_ASSIGN_OR_RETURN(user.password_hash, hasher_.Hash(password));
  ENERGY_ASSIGN_OR_RETURN(
      User created, database_.Transaction([&](sql::Connection& connection) -> base::Result<User> {
        ENERGY_ASSIGN_OR_RETURN(User made, users_.Create(connection, user));
        ENERGY_RETURN_IF_ERROR(RecordUserCreated(connection, clock_, made));
        return made;
      }));
  ENERGY_RETURN_IF_ERROR(sessions_.accounts().Load());
  logger_->info("user {} was made by {} from {}", created.id, actor.user_id, actor.address);
  return created;
}

base::Result<User> UserService::Get(std::string_view id) { return sessions_.GetUser(id); }

base::Result<sql::Listing<User>> UserService::List(const UserFilter& filter, sql::Page page) {
  return database_.Read(
      [&](sql::Connection& connection) { return users_.List(connection, filter, page); });
}

base::Result<User> UserService::Update(const Actor& actor, std::string_view id,
                                       const UserPatch& patch) {
  ENERGY_ASSIGN_OR_RETURN(
      User updated, database_.Transaction([&](sql::Connection& connection) -> base::Result<User> {
        ENERGY_ASSIGN_OR_RETURN(const std::optional<User> before, users_.FindById(connection, id));
        ENERGY_ASSIGN_OR_RETURN(User user, users_.Update(connection, id, patch));
        ENERGY_RETURN_IF_ERROR(RecordUserUpdated(connection, clock_, before, user));
        if (!user.is_active) {
          ENERGY_RETURN_IF_ERROR(sessions_.EndSessions(connection, user.id, ""));
        }
        return user;
      }));
  ENERGY_RETURN_IF_ERROR(sessions_.accounts().Load());
  logger_->info("user {} was changed by {} from {}: role {}, {}", updated.id, actor.user_id,
                actor.address, RoleName(updated.role), updated.is_active ? "active" : "inactive");
  return updated;
}

base::Status UserService::StorePassword(std::string_view action, std::string_view user_id,
                                        std::string_view password,
                                        std::string_view except_session) {
  ENERGY_ASSIGN_OR_RETURN(const std::string hash, hasher_.Hash(password));
  return database_.Transaction([&](sql::Connection& connection) -> base::Status {
    ENERGY_RETURN_IF_ERROR(users_.SetPassword(connection, user_id, hash));
    ENERGY_RETURN_IF_ERROR(audit::Record(connection, clock_,
                                         {action, "user", std::string(user_id), nullptr, nullptr}));
    return sessions_.EndSessions(connection, user_id, except_session);
  });
}

base::Status UserService::ResetPassword(const Actor& actor, std::string_view id,
                                        std::string_view password) {
  ENERGY_ASSIGN_OR_RETURN(const User user, Get(id));
  ENERGY_RETURN_IF_ERROR(CheckNewPassword(password, user.email, "password"));
  ENERGY_RETURN_IF_ERROR(StorePassword("user.password_reset", user.id, password, ""));
  logger_->info("the password of user {} was reset by {} from {}", user.id, actor.user_id,
                actor.address);
  return {};
}

base::Status UserService::ChangePassword(const Actor& actor, std::string_view session_id,
                                         std::string_view present, std::string_view next) {
  ENERGY_RETURN_IF_ERROR(CheckNewPassword(next, actor.name, "new_password"));
  ENERGY_RETURN_IF_ERROR(sessions_.ConfirmPassword(actor.name, present, "current_password"));
  ENERGY_RETURN_IF_ERROR(StorePassword("user.password_change", actor.user_id, next, session_id));
  logger_->info("user {} changed the password from {}", actor.user_id, actor.address);
  return {};
}

}  // namespace energy::auth
