#include "auth/second_factor.h"

#include <array>

#include "auth/hash.h"
#include "auth/sealed.h"
#include "auth/totp.h"

namespace energy::auth {
namespace {

constexpr size_t kSecretBytes = 20;  // of SHA-1, as RFC 4226 §4 recommends
constexpr int kRecoveryCodes = 10;
constexpr size_t kRecoveryLength = 10;

// People copy codes with blanks and dashes in them.
std::string Compact(std::string_view code) {
  std::string compact;
  for (const char c : code.substr(0, 64)) {
    if (c != ' ' && c != '-') compact += c;
  }
  return compact;
}

}  // namespace

struct SecondFactor::Stored {
  std::string secret;
  bool confirmed = false;
  int64_t last_step = 0;
};

SecondFactor::SecondFactor(base::Random& random, const base::Clock& clock, std::string_view key)
    : random_(random),
      clock_(clock),
      seal_key_(HmacSha256(key, "second factors")),
      code_key_(HmacSha256(key, "recovery codes")) {}

std::string SecondFactor::CodeHash(std::string_view user_id, std::string_view code) const {
  return ToHex(HmacSha256(code_key_, std::string(user_id) + '\0' + std::string(code)));
}

base::Result<std::optional<SecondFactor::Stored>> SecondFactor::Find(
    sql::Connection& connection, std::string_view user_id) const {
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      connection.Query("SELECT secret, confirmed_at, last_step FROM second_factors"
                       " WHERE user_id = :user_id",
                       {{"user_id", user_id}}, 3));
  if (rows.empty()) return std::optional<Stored>();
  auto secret = Unseal(seal_key_, user_id, rows[0].Text(0));
  if (!secret) {
    return base::Internal("the second factor cannot be read: keys/credentials.key is another one");
  }
  return std::optional(Stored{std::move(*secret), !rows[0].IsNull(1), rows[0].Int(2)});
}

base::Result<SecondFactor::State> SecondFactor::Get(sql::Connection& connection,
                                                    std::string_view user_id) const {
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      connection.Query("SELECT (SELECT COUNT(*) FROM second_factors WHERE user_id = :user_id"
                       " AND confirmed_at IS NOT NULL),"
                       " (SELECT COUNT(*) FROM recovery_codes WHERE user_id = :user_id)",
                       {{"user_id", user_id}}, 2));
  return State{rows.at(0).Int(0) > 0, rows.at(0).Int(1)};
}

base::Result<SecondFactor::Enrolment> SecondFactor::Begin(sql::Connection& connection,
                                                          std::string_view user_id,
                                                          std::string_view email) const {
  std::array<unsigned char, kSecretBytes> bytes;
  random_.Fill(bytes);
  const std::string secret(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  ENERGY_ASSIGN_OR_RETURN(
      const int64_t written,
      connection.Execute("INSERT INTO second_factors (user_id, secret, last_step, created_at)"
                         " VALUES (:user_id, :secret, 0, :now) ON CONFLICT (user_id) DO UPDATE SET"
                         " secret = excluded.secret, created_at = excluded.created_at"
                         " WHERE second_factors.confirmed_at IS NULL",
                         {{"user_id", user_id},
                          {"secret", Seal(seal_key_, user_id, secret, random_)},
                          {"now", clock_.Now()}}));
  if (written == 0) {
    return base::Conflict("there is a second factor already: turn it off first");
  }
  return Enrolment{EncodeBase32(secret), OtpauthUri(secret, email)};
}

base::Result<bool> SecondFactor::TakeStep(sql::Connection& connection, std::string_view user_id,
                                          int64_t step, bool confirm) const {
  // One statement decides, so that of two requests with the same code one succeeds.
  sql::Params params{{"user_id", user_id}, {"step", step}};
  if (confirm) params.push_back({"now", clock_.Now()});
  ENERGY_ASSIGN_OR_RETURN(
      const int64_t taken,
      connection.Execute(
          std::string("UPDATE second_factors SET last_step = :step") +
              (confirm ? ", confirmed_at = :now" : "") +
              " WHERE user_id = :user_id AND last_step < :step AND confirmed_at IS " +
              (confirm ? "NULL" : "NOT NULL"),
          params));
  return taken == 1;
}

base::Result<std::vector<std::string>> SecondFactor::Confirm(sql::Connection& connection,
                                                             std::string_view user_id,
                                                             std::string_view code) const {
  ENERGY_ASSIGN_OR_RETURN(const std::optional<Stored> stored, Find(connection, user_id));
  if (!stored || stored->confirmed) {
    return base::Conflict(stored ? "the second factor is in use already"
                                 : "no enrolment has begun: begin with a new secret");
  }
  const auto step = FindTotpStep(stored->secret, Compact(code), clock_.Now(), stored->last_step);
  bool taken = false;
  if (step) {
    ENERGY_ASSIGN_OR_RETURN(taken, TakeStep(connection, user_id, *step, /*confirm=*/true));
  }
  if (!taken) {
    return base::InvalidField("code", "is not the one that the authenticator shows now");
  }
  std::vector<std::string> codes;
  std::vector<sql::Params> rows;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    codes.push_back(base::NewSecret(random_, kRecoveryLength));
    rows.push_back({{"user_id", user_id}, {"code_hash", CodeHash(user_id, codes.back())}});
  }
  ENERGY_RETURN_IF_ERROR(connection
                             .ExecuteMany("INSERT INTO recovery_codes (user_id, code_hash)"
                                          " VALUES (:user_id, :code_hash)",
                                          rows)
                             .status());
  return codes;
}

base::Result<SecondFactor::Spent> SecondFactor::Spend(sql::Connection& connection,
                                                      std::string_view user_id,
                                                      std::string_view code) const {
  ENERGY_ASSIGN_OR_RETURN(const std::optional<Stored> stored, Find(connection, user_id));
  if (!stored || !stored->confirmed) return Spent::kNothing;
  const std::string compact = Compact(code);
  if (const auto step = FindTotpStep(stored->secret, compact, clock_.Now(), stored->last_step)) {
    ENERGY_ASSIGN_OR_RETURN(const bool taken,
                            TakeStep(connection, user_id, *step, /*confirm=*/false));
    return taken ? Spent::kCode : Spent::kNothing;
  }
  ENERGY_ASSIGN_OR_RETURN(
      const int64_t removed,
      connection.Execute("DELETE FROM recovery_codes WHERE user_id = :user_id"
                         " AND code_hash = :code_hash",
                         {{"user_id", user_id}, {"code_hash", CodeHash(user_id, compact)}}));
  return removed == 1 ? Spent::kRecoveryCode : Spent::kNothing;
}

base::Result<bool> SecondFactor::Remove(sql::Connection& connection,
                                        std::string_view user_id) const {
  ENERGY_RETURN_IF_ERROR(
      connection
          .Execute("DELETE FROM recovery_codes WHERE user_id = :user_id", {{"user_id", user_id}})
          .status());
  ENERGY_ASSIGN_OR_RETURN(const int64_t removed,
                          connection.Execute("DELETE FROM second_factors WHERE user_id = :user_id",
                                             {{"user_id", user_id}}));
  return removed == 1;
}

}  // namespace energy::auth
