#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/message.h"

namespace energy::notifications {

struct AwsCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token = {};  ///< of temporary credentials
};

/// Signs a request with AWS Signature Version 4: adds X-Amz-Date, X-Amz-Security-Token when there
/// is one, and Authorization to `headers`, and signs them all, with Host.
///
/// `path`: percent-encoded, beginning with a slash. `query`: encoded as well, sorted by name,
/// without the question mark. Threads: pure. Source: AWS, "Create a signed AWS API request".
void SignForAws(const AwsCredentials& credentials, std::string_view region,
                std::string_view service, base::Timestamp now, std::string_view method,
                std::string_view host, std::string_view path, std::string_view query,
                std::string_view body, http::Headers& headers);

/// The key of a day, region and service, of which the signature is made.
std::string AwsSigningKey(std::string_view secret_access_key, std::string_view day,
                          std::string_view region, std::string_view service);

}  // namespace energy::notifications
