#include "audit/entry.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/json_values.h"
#include "base/time_text.h"

namespace energy::audit {
namespace {

bool NamesSecret(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array<std::string_view, 6> kWords = {"password", "secret",  "token",
                                                      "_hash",    "api_key", "private_key"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

}  // namespace

base::Json ToJson(const Entry& entry) {
  const auto state = [](const std::string& text) {
    return base::Json::parse(text, nullptr, /*allow_exceptions=*/false);
  };
  return {{"sequence", entry.sequence},
          {"time", base::TimeToJson(entry.time)},
          {"actor", entry.actor},
          {"actor_id", entry.actor_id.empty() ? base::Json() : base::Json(entry.actor_id)},
          {"address", entry.address},
          {"request_id", entry.request_id},
          {"action", entry.action},
          {"resource_type", entry.resource_type},
          {"resource_id", entry.resource_id},
          {"before", state(entry.before)},
          {"after", state(entry.after)},
          {"hash", entry.hash}};
}

std::string Canonical(const base::Json& json) {
  // Its objects are maps: in the byte order of their keys.
  return nlohmann::json::parse(json.dump(-1, ' ', false, base::Json::error_handler_t::replace))
      .dump();
}

base::Json WithoutSecrets(const base::Json& json) {
  if (!json.is_structured()) return json;
  base::Json out = json;
  for (auto& [name, value] : out.items()) {
    value = json.is_object() && NamesSecret(name) && !value.is_null() ? base::Json("***")
                                                                      : WithoutSecrets(value);
  }
  return out;
}

std::string HashOf(const std::string& before, const Entry& entry) {
  const base::Json fields{{"action", entry.action},
                          {"actor", entry.actor},
                          {"actor_id", entry.actor_id},
                          {"address", entry.address},
                          {"after", entry.after},
                          {"before", entry.before},
                          {"request_id", entry.request_id},
                          {"resource_id", entry.resource_id},
                          {"resource_type", entry.resource_type},
                          {"sequence", entry.sequence},
                          {"time", base::FormatTimestamp(entry.time)}};
  const std::string text = before + "\n" + Canonical(fields);
  std::array<unsigned char, 32> digest;
  size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, text.data(), text.size(), digest.data(), &size) !=
      1) {
    std::fprintf(stderr, "OpenSSL: SHA-256 failed\n");  // only without memory
    std::abort();
  }
  std::string hex;
  for (const unsigned char byte : digest) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

}  // namespace energy::audit
