#pragma once

#include <memory>
#include <string_view>

#include "auth/auth_service.h"
#include "auth/mqtt_access.h"
#include "http/message.h"

namespace energy::api {

/// Which devices a request may write.
class WriteAccess {
 public:
  /// Null: all devices.
  explicit WriteAccess(std::shared_ptr<const mqtt::Principal> principal)
      : principal_(std::move(principal)) {}

  /// What a client may publish by MQTT it may write by HTTP (decision 12).
  bool MayWrite(std::string_view device_id) const;

 private:
  std::shared_ptr<const mqtt::Principal> principal_;
};

/// Who writes telemetry: an access token of an engineer or admin or an API key (`Bearer` or
/// `Token`), or the MQTT credential of a device or client (`Basic`, `Token user:password`, or the
/// query parameters `u` and `p` of InfluxDB 1.x). Errors: kUnauthenticated, kPermissionDenied for
/// another role or scope.
base::Result<WriteAccess> AuthorizeWrite(const http::Request& request,
                                         const auth::AuthService& auth,
                                         auth::MqttAccess& mqtt_access);

}  // namespace energy::api
