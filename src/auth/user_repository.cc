#include "auth/user_repository.h"

#include <algorithm>

namespace energy::auth {
namespace {

constexpr std::string_view kColumns =
    "id, email, full_name, role, is_active, created_at, updated_at, last_login, password_hash";
constexpr size_t kColumnCount = 9;

StoredUser ToUser(const sql::Row& row) {
  User user;
  user.id = row.Text(0);
  user.email = row.Text(1);
  user.full_name = row.Text(2);
  user.role = ParseRole(row.Text(3)).value_or(Role::kViewer);
  user.is_active = row.Bool(4);
  user.created_at = row.Time(5);
  user.updated_at = row.Time(6);
  user.last_login = row.OptTime(7);
  return {std::move(user), row.Text(8)};
}

/// Only the form: whether mail arrives there is seen by sending one.
bool LooksLikeEmail(std::string_view email) {
  const size_t at = email.find('@');
  const auto visible = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; };
  return at != std::string_view::npos && at > 0 && at + 1 < email.size() &&
         email.find('@', at + 1) == std::string_view::npos && email.size() <= 255 &&
         std::all_of(email.begin(), email.end(), visible) && sql::IsStorableText(email);
}

base::Result<std::optional<StoredUser>> FindOne(sql::Connection& connection,
                                                std::string_view condition,
                                                const sql::Params& params) {
  const std::string sql =
      "SELECT " + std::string(kColumns) + " FROM users WHERE " + std::string(condition);
  ENERGY_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                          connection.Query(sql, params, kColumnCount));
  if (rows.empty()) return std::optional<StoredUser>();
  return std::optional<StoredUser>(ToUser(rows.front()));
}

}  // namespace

base::Status ValidateNewUser(const NewUser& user) {
  std::vector<base::FieldError> errors;
  if (!LooksLikeEmail(NormalizeEmail(user.email))) {
    errors.push_back({"email", "must look like name@host and have at most 255 characters"});
  }
  if (user.full_name.empty() || user.full_name.size() > 255 ||
      !sql::IsStorableText(user.full_name)) {
    errors.push_back({"full_name", "must have 1 to 255 bytes of text"});
  }
  if (errors.empty()) return {};
  return base::InvalidArgument("the account is not valid", std::move(errors));
}

UserRepository::UserRepository(base::Random& random, const base::Clock& clock)
    : random_(random), clock_(clock) {}

base::Result<std::optional<StoredUser>> UserRepository::FindByEmail(sql::Connection& connection,
                                                                    std::string_view email) const {
  return FindOne(connection, "email = :email", {{"email", NormalizeEmail(email)}});
}

base::Result<std::optional<User>> UserRepository::FindById(sql::Connection& connection,
                                                           std::string_view id) const {
  // PostgreSQL would refuse a text that is no UUID instead of not finding it.
  if (!base::IsUuid(id)) return std::optional<User>();
  ENERGY_ASSIGN_OR_RETURN(const std::optional<StoredUser> stored,
                          FindOne(connection, "id = :id", {{"id", id}}));
  if (!stored) return std::optional<User>();
  return std::optional<User>(stored->user);
}

base::Result<User> UserRepository::Create(sql::Connection& connection, const NewUser& user) const {
  ENERGY_RETURN_IF_ERROR(ValidateNewUser(user));
  User created;
  created.id = base::NewUuid(random_, clock_);
  created.email = NormalizeEmail(user.email);
  created.full_name = user.full_name;
  created.role = user.role;
  created.created_at = clock_.Now();
  created.updated_at = created.created_at;
  const base::Status status =
      connection
          .Execute(
              "INSERT INTO users (id, email, password_hash, full_name, role, is_active,"
              " created_at, updated_at) VALUES (:id, :email, :password_hash, :full_name,"
              " :role, :is_active, :created_at, :updated_at)",
              {{"id", created.id},
               {"email", created.email},
               {"password_hash", user.password_hash},
               {"full_name", created.full_name},
               {"role", RoleName(created.role)},
               {"is_active", true},
               {"created_at", created.created_at},
               {"updated_at", created.updated_at}})
          .status();
  if (status.code() == base::Code::kConflict) {
    return base::Conflict("there is a user with this email",
                          {{"email", "is taken; choose another"}});
  }
  ENERGY_RETURN_IF_ERROR(status);
  return created;
}

base::Status UserRepository::TouchLastLogin(sql::Connection& connection,
                                            std::string_view id) const {
  return connection
      .Execute("UPDATE users SET last_login = :now WHERE id = :id",
               {{"now", clock_.Now()}, {"id", id}})
      .status();
}

base::Result<int64_t> UserRepository::Count(sql::Connection& connection) const {
  ENERGY_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                          connection.Query("SELECT COUNT(*) FROM users", {}, 1));
  return rows.at(0).Int(0);
}

}  // namespace energy::auth
