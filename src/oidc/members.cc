#include "oidc/members.h"

#include "audit/audit.h"
#include "auth/user_audit.h"

namespace energy::oidc {
namespace {

constexpr size_t kUnknownPasswordCharacters = 40;

base::Status Refuse(const char* reason, std::string message, const std::string& user_id = "") {
  return {base::Code::kPermissionDenied,
          std::move(message),
          {{kReasonField, reason}, {kUserField, user_id}}};
}

}  // namespace

Members::Members(const Options& options, sql::Database& database, auth::AuthService& sessions,
                 const base::Clock& clock, base::Random& random, unsigned bcrypt_cost,
                 base::Logger logger)
    : options_(options),
      database_(database),
      sessions_(sessions),
      clock_(clock),
      random_(random),
      logger_(std::move(logger)),
      hasher_(random, bcrypt_cost),
      users_(random, clock) {}

base::Result<std::optional<auth::User>> Members::Find(sql::Connection& connection,
                                                      const Person& person) {
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      connection.Query("SELECT user_id FROM user_identities WHERE issuer = :issuer AND"
                       " subject = :subject",
                       {{"issuer", person.issuer}, {"subject", person.subject}}, 1));
  if (rows.empty()) return std::optional<auth::User>();
  return users_.FindById(connection, rows.front().Text(0));
}

base::Status Members::NoteIdentity(sql::Connection& connection, const auth::User& user,
                                   const Person& person) {
  ENERGY_RETURN_IF_ERROR(
      connection
          .Execute("INSERT INTO user_identities (issuer, subject, user_id, created_at)"
                   " VALUES (:issuer, :subject, :user_id, :created_at)",
                   {{"issuer", person.issuer},
                    {"subject", person.subject},
                    {"user_id", user.id},
                    {"created_at", clock_.Now()}})
          .status());
  return audit::Record(connection, clock_,
                       {"user.link",
                        "user",
                        user.id,
                        nullptr,
                        {{"issuer", person.issuer}, {"subject", person.subject}}});
}

base::Result<auth::User> Members::Link(sql::Connection& connection, const Person& person,
                                       const std::string& password_hash) {
  if (person.email.empty()) {
    return Refuse(kEmailMissing, "the provider tells no e-mail: add it to auth.oidc.scopes");
  }
  ENERGY_ASSIGN_OR_RETURN(const std::optional<auth::StoredUser> known,
                          users_.FindByEmail(connection, person.email));
  if (known) {
    // An e-mail is what somebody typed at the provider, unless it has seen to it.
    if (!options_.link_verified_email || person.email_verified != true) {
      return Refuse(kEmailTaken, "user " + known->user.id + " has this e-mail already",
                    known->user.id);
    }
    ENERGY_RETURN_IF_ERROR(NoteIdentity(connection, known->user, person));
    return known->user;
  }
  if (!options_.create_users) return Refuse(kRefused, "nobody known, and no accounts are made");
  if (person.email_verified == false) {
    return Refuse(kEmailMissing, "the provider has not verified the e-mail");
  }
  const auth::NewUser user{person.email, person.name, *person.role, password_hash};
  if (!auth::ValidateNewUser(user).ok()) {
    return Refuse(kEmailMissing, "what the provider tells is no e-mail");
  }
  ENERGY_ASSIGN_OR_RETURN(auth::User made, users_.Create(connection, user));
  ENERGY_RETURN_IF_ERROR(auth::RecordUserCreated(connection, clock_, made));
  ENERGY_RETURN_IF_ERROR(NoteIdentity(connection, made, person));
  return made;
}

base::Result<Members::Outcome> Members::Update(sql::Connection& connection, const auth::User& user,
                                               const Person& person) {
  if (options_.role_claim.empty() || user.role == *person.role) return Outcome{user};
  auto updated = users_.Update(connection, user.id, {.role = person.role});
  if (!updated.ok()) {
    return base::Status(updated.status().code(), updated.status().message(),
                        {{kReasonField, kRefused}, {kUserField, user.id}});
  }
  ENERGY_RETURN_IF_ERROR(auth::RecordUserUpdated(connection, clock_, user, *updated));
  return Outcome{std::move(updated).value(), true};
}

base::Result<auth::User> Members::Admit(const Person& person) {
  const bool by_rules = !options_.role_claim.empty();
  if (by_rules && !person.role) return Refuse(kRefused, "no rule of auth.oidc.roles applies");
  if (!sql::IsStorableText(person.subject) || !sql::IsStorableText(person.email)) {
    return Refuse(kRefused, "the subject or e-mail cannot be stored");
  }
  ENERGY_ASSIGN_OR_RETURN(
      std::optional<auth::User> known,
      database_.Read([&](sql::Connection& connection) { return Find(connection, person); }));
  std::string password_hash;
  if (!known) {
    if (!person.role) return Refuse(kRefused, "auth.oidc.default_role refuses who is new");
    // A password that nobody knows: a login with one takes as long as with any other account.
    ENERGY_ASSIGN_OR_RETURN(password_hash,
                            hasher_.Hash(base::NewSecret(random_, kUnknownPasswordCharacters)));
  }
  ENERGY_ASSIGN_OR_RETURN(
      const Outcome outcome,
      database_.Transaction([&](sql::Connection& connection) -> base::Result<Outcome> {
        ENERGY_ASSIGN_OR_RETURN(std::optional<auth::User> user, Find(connection, person));
        const bool linked = !user;
        if (linked) {
          if (password_hash.empty()) return Refuse(kRefused, "the account was removed meanwhile");
          ENERGY_ASSIGN_OR_RETURN(user, Link(connection, person, password_hash));
        }
        if (!user->is_active) {
          return Refuse(kRefused, "user " + user->id + " is not active", user->id);
        }
        ENERGY_ASSIGN_OR_RETURN(Outcome updated, Update(connection, *user, person));
        updated.changed = updated.changed || linked;
        return updated;
      }));
  if (outcome.changed) {
    // The new account or role must be known to Authenticate before its first token is.
    ENERGY_RETURN_IF_ERROR(sessions_.accounts().Load());
    logger_->info("user {} came by OpenID Connect: role {}", outcome.user.id,
                  auth::RoleName(outcome.user.role));
  }
  return outcome.user;
}

}  // namespace energy::oidc
