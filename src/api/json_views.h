#pragma once

#include "alerts/alert_json.h"
#include "auth/api_key_repository.h"
#include "auth/model.h"
#include "auth/mqtt_credentials.h"
#include "base/json_values.h"
#include "devices/device_json.h"
#include "health/health.h"
#include "mqtt/client_info.h"
#include "mqtt/packet_trace.h"
#include "query/engine.h"
#include "rules/rule_json.h"
#include "sql/list_query.h"
#include "telemetry/dead_letter_repository.h"

namespace energy::api {

/// How the API shows the values of the domain (docs/api/openapi.yaml). Those that the audit log
/// keeps too are beside their models: devices/device_json.h, rules/rule_json.h,
/// alerts/alert_json.h.
base::Json ToJson(const auth::User& user);
base::Json ToJson(const auth::ApiKey& key);
base::Json ToJson(const health::Health& health);
base::Json ToJson(const alerts::AlertSummary& summary);
base::Json ToJson(const telemetry::StoredDeadLetter& letter);
base::Json ToJson(const mqtt::ClientInfo& client);
base::Json ToJson(const mqtt::ClientError& error);
base::Json ToJson(const mqtt::TracedPacket& packet);
base::Json ToJson(const auth::ListedCredential& credential);
base::Json ToJson(const auth::ListedAclRule& rule);
base::Json ToJson(const query::LatestReading& reading);
base::Json ToJson(const query::Statistics& statistics);

using base::TimeOrNull;

/// {<plural>: [...], total, page, page_size} (decision 3).
template <class T>
base::Json ListToJson(const char* plural, const sql::Listing<T>& listing) {
  base::Json items = base::Json::array();
  for (const T& item : listing.items) items.push_back(ToJson(item));
  return {{plural, std::move(items)},
          {"total", listing.total},
          {"page", listing.page.page},
          {"page_size", listing.page.page_size}};
}

}  // namespace energy::api
