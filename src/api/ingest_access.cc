#include "api/ingest_access.h"

#include "api/access.h"
#include "base/base64.h"

namespace energy::api {
namespace {

// "Scheme rest": the rest when the scheme is that one, without case.
std::optional<std::string_view> AfterScheme(std::string_view header, std::string_view scheme) {
  if (header.size() <= scheme.size() || header[scheme.size()] != ' ' ||
      !http::EqualsIgnoreCase(header.substr(0, scheme.size()), scheme)) {
    return std::nullopt;
  }
  return header.substr(scheme.size() + 1);
}

base::Result<WriteAccess> WithCredential(std::string_view user, std::string_view password,
                                         const http::Request& request,
                                         auth::MqttAccess& mqtt_access) {
  mqtt::ConnectRequest connect;
  connect.client_id = user;
  connect.username = user;
  connect.password = password;
  connect.remote_address = request.remote_address;
  ENERGY_ASSIGN_OR_RETURN(auto principal, mqtt_access.Authenticate(connect));
  return WriteAccess(std::move(principal));
}

base::Result<WriteAccess> WithPair(std::string_view pair, const http::Request& request,
                                   auth::MqttAccess& mqtt_access) {
  const size_t colon = pair.find(':');
  if (colon == std::string_view::npos) {
    return base::Unauthenticated("The credentials must be user:password.");
  }
  return WithCredential(pair.substr(0, colon), pair.substr(colon + 1), request, mqtt_access);
}

}  // namespace

bool WriteAccess::MayWrite(std::string_view device_id) const {
  return principal_ == nullptr ||
         principal_->MayPublish("devices/" + std::string(device_id) + "/telemetry");
}

base::Result<WriteAccess> AuthorizeWrite(const http::Request& request,
                                         const auth::AuthService& auth,
                                         auth::MqttAccess& mqtt_access) {
  const std::string_view header = request.Header("Authorization");
  std::string_view token = header;
  if (const auto basic = AfterScheme(header, "Basic")) {
    const auto pair = base::DecodeBase64(*basic);
    if (!pair) return base::Unauthenticated("The credentials are no base64.");
    return WithPair(*pair, request, mqtt_access);
  }
  if (const auto influx = AfterScheme(header, "Token")) {
    if (influx->find(':') != std::string_view::npos) return WithPair(*influx, request, mqtt_access);
    token = *influx;
  } else if (const auto user = request.Query("u"); user && header.empty()) {
    return WithCredential(*user, request.Query("p").value_or(std::string_view()), request,
                          mqtt_access);
  }
  ENERGY_ASSIGN_OR_RETURN(const auth::Claims caller, auth.Authenticate(token));
  ENERGY_RETURN_IF_ERROR(CheckAccess(*FindAccess(request.method, request.route), caller));
  return WriteAccess(nullptr);
}

}  // namespace energy::api
