#pragma once

#include "alerts/model.h"
#include "auth/model.h"
#include "base/json.h"
#include "devices/model.h"
#include "rules/model.h"
#include "sql/list_query.h"
#include "telemetry/dead_letter_repository.h"

namespace energy::api {

/// How the API shows the values of the domain (docs/api/openapi.yaml).
base::Json ToJson(const auth::User& user);
base::Json ToJson(const devices::Device& device);
base::Json ToJson(const devices::Profile& profile);
base::Json ToJson(const rules::Rule& rule);
base::Json ToJson(const alerts::Alert& alert);
base::Json ToJson(const alerts::AlertSummary& summary);
base::Json ToJson(const telemetry::StoredDeadLetter& letter);

base::Json TimeOrNull(const std::optional<base::Timestamp>& time);

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
