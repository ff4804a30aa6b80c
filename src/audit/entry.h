#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/json.h"

namespace energy::audit {

/// One entry of the log, as it is kept.
struct Entry {
  int64_t sequence = 0;  ///< from 1, without gaps
  base::Timestamp time;
  std::string actor_id;
  std::string actor;
  std::string address;
  std::string request_id;
  std::string action;
  std::string resource_type;
  std::string resource_id;
  std::string before;  ///< canonical JSON
  std::string after;   ///< canonical JSON
  std::string hash;    ///< of this entry and all before it, 64 hex digits
};

/// The hash before the first entry.
inline const std::string kFirstHash(64, '0');

/// How the API shows an entry, and what retention writes before it removes one: enough to compute
/// the hash again.
base::Json ToJson(const Entry& entry);

/// JSON with the keys of all objects in byte order, without blanks.
std::string Canonical(const base::Json& json);

/// `json` with the values of members that are named like a secret replaced by "***".
base::Json WithoutSecrets(const base::Json& json);

/// SHA-256 over `before` (the hash before), a line feed and the entry as canonical JSON, in hex.
std::string HashOf(const std::string& before, const Entry& entry);

}  // namespace energy::audit
