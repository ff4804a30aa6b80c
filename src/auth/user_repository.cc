#include "auth/user_repository.h"

#include <algorithm>

#include "base/text.h"
#include "base/versions.h"

namespace energy::auth {
namespace {

constexpr std::string_view kColumns =
    "id, email, full_name, role, is_active, created_at, updated_at, last_login, version,"
    " password_hash, (SELECT COUNT(*) FROM second_factors f WHERE f.user_id = users.id"
    " AND f.confirmed_at IS NOT NULL)";
constexpr size_t kColumnCount = 11;

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
  user.version = row.Int(8);
  user.second_factor = row.Int(10) > 0;
  return {std::move(user), row.Text(9)};
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
  if (user.full_name.empty() || !sql::IsStorableText(user.full_name) ||
      base::CharacterCount(user.full_name) > 255) {
    errors.push_back({"full_name", "must have 1 to 255 characters"});
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

base::Result<std::vector<User>> UserRepository::All(sql::Connection& connection) const {
  const std::string sql = "SELECT " + std::string(kColumns) + " FROM users";
  ENERGY_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                          connection.Query(sql, {}, kColumnCount));
  std::vector<User> users;
  users.reserve(rows.size());
  for (const sql::Row& row : rows) users.push_back(ToUser(row).user);
  return users;
}

base::Result<sql::Listing<User>> UserRepository::List(sql::Connection& connection,
                                                      const UserFilter& filter,
                                                      sql::Page page) const {
  sql::ListQuery query(std::string(kColumns), kColumnCount, "users", "id");
  query.Search({"email", "full_name"}, filter.search);
  if (filter.role) query.Equals("role", std::string(RoleName(*filter.role)));
  if (filter.is_active) query.Where("is_active = :active", {{"active", *filter.is_active}});
  ENERGY_RETURN_IF_ERROR(query.Sort(filter.sort,
                                    {{"email", "email"},
                                     {"full_name", "full_name"},
                                     {"role", "role"},
                                     {"created_at", "created_at"},
                                     {"last_login", "last_login"}},
                                    "email"));
  return query.Fetch<User>(connection, page, [](const sql::Row& row) { return ToUser(row).user; });
}

base::Result<User> UserRepository::Update(sql::Connection& connection, std::string_view id,
                                          const UserPatch& patch) const {
  if (connection.dialect() == sql::Dialect::kPostgresql) {
    // Two admins who take each other's role at the same time must not both succeed.
    ENERGY_RETURN_IF_ERROR(
        connection.Query("SELECT id FROM users WHERE role = 'admin' ORDER BY id FOR UPDATE", {}, 1)
            .status());
  }
  ENERGY_ASSIGN_OR_RETURN(const std::optional<User> present, FindById(connection, id));
  if (!present) return base::NotFound("there is no such user");
  const base::Status stale = base::StaleVersion("user", present->version);
  if (patch.version && *patch.version != present->version) return stale;
  User next = *present;
  next.full_name = patch.full_name.value_or(present->full_name);
  next.role = patch.role.value_or(present->role);
  next.is_active = patch.is_active.value_or(present->is_active);
  next.version = present->version + 1;
  next.updated_at = clock_.Now();
  ENERGY_RETURN_IF_ERROR(ValidateNewUser({next.email, next.full_name, next.role, ""}));
  const auto administers = [](const User& u) { return u.role == Role::kAdmin && u.is_active; };
  if (administers(*present) && !administers(next)) {
    ENERGY_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> others,
        connection.Query("SELECT COUNT(*) FROM users WHERE role = 'admin' AND is_active = true"
                         " AND id <> :id",
                         {{"id", id}}, 1));
    if (others.at(0).Int(0) == 0) {
      return base::Conflict("this is the last active admin: make another one first");
    }
  }
  ENERGY_ASSIGN_OR_RETURN(
      const int64_t updated,
      connection.Execute(
          "UPDATE users SET full_name = :full_name, role = :role, is_active = :is_active,"
          " version = version + 1, updated_at = :now WHERE id = :id AND version = :version",
          {{"full_name", next.full_name},
           {"role", RoleName(next.role)},
           {"is_active", next.is_active},
           {"now", next.updated_at},
           {"id", id},
           {"version", present->version}}));
  if (updated == 0) return stale;
  return next;
}

base::Status UserRepository::SetPassword(sql::Connection& connection, std::string_view id,
                                         std::string_view password_hash) const {
  ENERGY_ASSIGN_OR_RETURN(
      const int64_t updated,
      connection.Execute("UPDATE users SET password_hash = :hash, updated_at = :now WHERE id = :id",
                         {{"hash", password_hash}, {"now", clock_.Now()}, {"id", id}}));
  return updated == 0 ? base::NotFound("there is no such user") : base::Status();
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
