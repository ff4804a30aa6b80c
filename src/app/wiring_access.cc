#include "app/stores.h"
#include "app/wiring_layers.h"
#include "auth/key_file.h"

namespace energy::app {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr unsigned kOidcThreads = 2;
constexpr size_t kOidcQueue = 64;

std::filesystem::path KeysOf(const Parts& p) { return KeysDir(p.settings, p.data_dir.path()); }

base::Status WireAccounts(Parts& p) {
  const Settings& s = p.settings;
  std::string jwt_key = s.jwt_secret;
  if (jwt_key.empty()) {
    ENERGY_ASSIGN_OR_RETURN(jwt_key,
                            auth::LoadOrCreateKey(KeysOf(p) / "jwt.key", kKeyBytes, p.random));
  } else if (jwt_key.size() < kKeyBytes) {
    return base::InvalidField("auth.jwt_secret", "must have at least 32 bytes");
  }
  auth::AuthOptions options;
  options.access_ttl = std::chrono::seconds(s.access_token_s);
  options.refresh_ttl = std::chrono::seconds(s.refresh_token_s);
  options.bcrypt_cost = static_cast<unsigned>(s.bcrypt_cost);
  options.throttle.free_failures = static_cast<int>(s.login_free_failures);
  options.throttle.free_failures_per_address = static_cast<int>(s.login_free_failures_per_address);
  options.trust_without_cache = s.sessions_without_cache == "accept";
  ENERGY_ASSIGN_OR_RETURN(
      options.credential_key,
      auth::LoadOrCreateKey(KeysOf(p) / "credentials.key", kKeyBytes, p.random));
  const base::Logger logger = base::Named(p.logger, "auth");
  p.auth = std::make_unique<auth::AuthService>(
      *p.database, auth::AuthCaches{*p.shared_cache, *p.counting_cache}, p.clock, p.random,
      std::move(jwt_key), options, logger);
  ENERGY_RETURN_IF_ERROR(p.auth->Load());
  p.users = std::make_unique<auth::UserService>(*p.database, p.clock, p.random, *p.auth,
                                                options.bcrypt_cost, logger);
  p.api_keys = std::make_unique<auth::ApiKeyService>(*p.database, p.clock, p.random,
                                                     p.auth->accounts(), logger);
  p.second_factors =
      std::make_unique<auth::SecondFactorService>(*p.database, p.clock, *p.auth, logger);
  return {};
}

base::Status MakeFirstAdmin(Parts& p) {
  const auto given = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
  };
  ENERGY_ASSIGN_OR_RETURN(
      const auth::FirstAdmin admin,
      p.auth->EnsureFirstAdmin(given(p.settings.admin_email), given(p.settings.admin_password)));
  if (admin.created) p.first_admin = {admin.email, admin.generated_password};
  if (admin.generated_password) {
    const base::Json file{{"email", admin.email}, {"password", *admin.generated_password}};
    ENERGY_RETURN_IF_ERROR(
        p.data_dir.WriteFile("admin-credentials.json", file.dump(2) + "\n", /*private_file=*/true));
  }
  return {};
}

base::Status WireOidc(Parts& p) {
  ENERGY_ASSIGN_OR_RETURN(std::optional<oidc::Options> options, p.settings.oidc.Check());
  if (!options) return {};
  p.oidc_http =
      std::make_unique<http::Outgoing>(http::OutgoingOptions{.ca_file = p.settings.oidc.ca_file});
  const oidc::LoginParts parts{*p.oidc_http,
                               *p.database,
                               *p.auth,
                               *p.shared_cache,
                               p.clock,
                               p.random,
                               static_cast<unsigned>(p.settings.bcrypt_cost)};
  p.oidc = std::make_unique<oidc::Login>(std::move(*options), parts, base::Named(p.logger, "oidc"));
  // A provider that does not answer holds these threads and no others.
  p.oidc_workers = std::make_unique<base::WorkerPool>("oidc", kOidcThreads, kOidcQueue);
  return {};
}

base::Status WireMqttAccess(Parts& p) {
  ENERGY_ASSIGN_OR_RETURN(std::string mqtt_key,
                          auth::LoadOrCreateKey(KeysOf(p) / "mqtt.key", kKeyBytes, p.random));
  const base::Logger logger = base::Named(p.logger, "auth");
  p.mqtt_access = std::make_unique<auth::MqttAccess>(
      *p.database, p.clock, std::move(mqtt_key),
      auth::MqttAccessOptions{.allow_anonymous = p.settings.mqtt_allow_anonymous}, logger);
  p.mqtt_credentials = std::make_unique<auth::MqttCredentialService>(*p.database, p.clock, p.random,
                                                                     *p.mqtt_access, logger);
  return p.mqtt_access->Load();
}

}  // namespace

base::Status WireAccess(Parts& p) {
  ENERGY_RETURN_IF_ERROR(WireAccounts(p));
  ENERGY_RETURN_IF_ERROR(MakeFirstAdmin(p));
  ENERGY_RETURN_IF_ERROR(WireOidc(p));
  return WireMqttAccess(p);
}

}  // namespace energy::app
