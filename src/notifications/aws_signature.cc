#include "notifications/aws_signature.h"

#include <date/date.h>

#include <algorithm>
#include <map>

#include "auth/hash.h"
#include "auth/model.h"
#include "base/text.h"

namespace energy::notifications {

std::string AwsSigningKey(std::string_view secret_access_key, std::string_view day,
                          std::string_view region, std::string_view service) {
  const std::string of_day = auth::HmacSha256("AWS4" + std::string(secret_access_key), day);
  return auth::HmacSha256(auth::HmacSha256(auth::HmacSha256(of_day, region), service),
                          "aws4_request");
}

void SignForAws(const AwsCredentials& credentials, std::string_view region,
                std::string_view service, base::Timestamp now, std::string_view method,
                std::string_view host, std::string_view path, std::string_view query,
                std::string_view body, http::Headers& headers) {
  const std::string time =
      date::format("%Y%m%dT%H%M%SZ", std::chrono::floor<std::chrono::seconds>(now));
  const std::string day = time.substr(0, 8);
  headers.emplace_back("X-Amz-Date", time);
  if (!credentials.session_token.empty()) {
    headers.emplace_back("X-Amz-Security-Token", credentials.session_token);
  }
  std::map<std::string, std::string> canonical{{"host", std::string(host)}};
  for (const auto& [name, value] : headers) {
    canonical[auth::LowerCase(name)] = base::Trim(value);
  }
  std::string lines;
  std::string names;
  for (const auto& [name, value] : canonical) {
    lines.append(name).append(":").append(value).append("\n");
    names.append(names.empty() ? "" : ";").append(name);
  }
  std::string request(method);
  for (const std::string_view part :
       {path, query, std::string_view(lines), std::string_view(names)}) {
    request.append("\n").append(part);
  }
  request += "\n" + auth::Sha256Hex(body);

  std::string scope = day;
  scope.append("/").append(region).append("/").append(service).append("/aws4_request");
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + auth::Sha256Hex(request);
  const std::string key = AwsSigningKey(credentials.secret_access_key, day, region, service);
  headers.emplace_back("Authorization",
                       "AWS4-HMAC-SHA256 Credential=" + credentials.access_key_id + "/" + scope +
                           ", SignedHeaders=" + names +
                           ", Signature=" + auth::ToHex(auth::HmacSha256(key, to_sign)));
}

}  // namespace energy::notifications
