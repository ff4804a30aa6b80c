#include "auth/refresh_token_repository.h"

#include <array>

#include "auth/hash.h"
#include "base/base64.h"

namespace energy::auth {
namespace {

constexpr size_t kTokenBytes = 32;
constexpr size_t kTokenLength = 43;  // in base64url

}  // namespace

RefreshTokenRepository::RefreshTokenRepository(base::Random& random, const base::Clock& clock)
    : random_(random), clock_(clock) {}

base::Result<std::string> RefreshTokenRepository::Issue(sql::Connection& connection,
                                                        const std::string& family_id,
                                                        const std::string& user_id,
                                                        std::chrono::seconds ttl) const {
  const base::Timestamp now = clock_.Now();
  ENERGY_RETURN_IF_ERROR(
      connection.Execute("DELETE FROM refresh_tokens WHERE expires_at < :now", {{"now", now}})
          .status());
  std::array<unsigned char, kTokenBytes> bytes;
  random_.Fill(bytes);
  std::string token =
      base::EncodeBase64Url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  ENERGY_RETURN_IF_ERROR(
      connection
          .Execute("INSERT INTO refresh_tokens (id, family_id, user_id, token_hash, created_at,"
                   " expires_at) VALUES (:id, :family_id, :user_id, :token_hash, :created_at,"
                   " :expires_at)",
                   {{"id", base::NewUuid(random_, clock_)},
                    {"family_id", family_id},
                    {"user_id", user_id},
                    {"token_hash", Sha256Hex(token)},
                    {"created_at", now},
                    {"expires_at", now + ttl}})
          .status());
  return token;
}

base::Result<SpentToken> RefreshTokenRepository::Spend(sql::Connection& connection,
                                                       std::string_view token) const {
  if (token.size() != kTokenLength) return SpentToken{};
  const std::string hash = Sha256Hex(token);
  const base::Timestamp now = clock_.Now();
  // One statement decides who spends it, so that of two requests at once only one succeeds.
  ENERGY_ASSIGN_OR_RETURN(
      const int64_t spent,
      connection.Execute("UPDATE refresh_tokens SET used_at = :now WHERE token_hash = :hash"
                         " AND used_at IS NULL AND revoked_at IS NULL AND expires_at > :now",
                         {{"now", now}, {"hash", hash}}));
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      connection.Query("SELECT family_id, user_id, used_at, revoked_at FROM refresh_tokens"
                       " WHERE token_hash = :hash",
                       {{"hash", hash}}, 4));
  if (rows.empty()) return SpentToken{};
  const sql::Row& row = rows.front();
  const bool used_before = spent == 0 && !row.IsNull(2) && row.IsNull(3);
  const auto outcome = spent == 1    ? SpentToken::Outcome::kSpent
                       : used_before ? SpentToken::Outcome::kReused
                                     : SpentToken::Outcome::kInvalid;
  return SpentToken{outcome, row.Text(0), row.Text(1)};
}

base::Status RefreshTokenRepository::RevokeFamily(sql::Connection& connection,
                                                  const std::string& family_id) const {
  // Twice: on PostgreSQL the first one may wait for a refresh that is under way, and does not see
  // the token which that adds; the second one does.
  const sql::Params params = {{"now", clock_.Now()}, {"family_id", family_id}};
  return connection
      .ExecuteMany(
          "UPDATE refresh_tokens SET revoked_at = :now WHERE family_id = :family_id"
          " AND revoked_at IS NULL",
          {params, params})
      .status();
}

base::Result<std::vector<std::string>> RefreshTokenRepository::RevokeUser(
    sql::Connection& connection, std::string_view user_id, std::string_view except) const {
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      connection.Query("SELECT DISTINCT family_id FROM refresh_tokens WHERE user_id = :user_id"
                       " AND revoked_at IS NULL AND expires_at > :now",
                       {{"user_id", user_id}, {"now", clock_.Now()}}, 1));
  std::vector<std::string> families;
  for (const sql::Row& row : rows) {
    if (row.Text(0) != except) families.push_back(row.Text(0));
  }
  for (const std::string& family_id : families) {
    ENERGY_RETURN_IF_ERROR(RevokeFamily(connection, family_id));
  }
  return families;
}

base::Result<std::vector<std::pair<std::string, base::Timestamp>>>
RefreshTokenRepository::RevokedSince(sql::Connection& connection, base::Timestamp since) const {
  ENERGY_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                          connection.Query("SELECT family_id, MAX(revoked_at) FROM refresh_tokens"
                                           " WHERE revoked_at >= :since GROUP BY family_id",
                                           {{"since", since}}, 2));
  std::vector<std::pair<std::string, base::Timestamp>> families;
  families.reserve(rows.size());
  for (const sql::Row& row : rows) families.emplace_back(row.Text(0), row.Time(1));
  return families;
}

}  // namespace energy::auth
