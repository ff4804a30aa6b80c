#include "oidc/options.h"

namespace energy::oidc {

bool IsSecureUrl(std::string_view url) {
  constexpr std::string_view kTls = "https://";
  constexpr std::string_view kPlain = "http://";
  const bool tls = url.starts_with(kTls);
  if (!tls && !url.starts_with(kPlain)) return false;
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '\\') return false;
  }
  std::string_view host = url.substr(tls ? kTls.size() : kPlain.size());
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.empty() || host.find('@') != std::string_view::npos) return false;
  if (tls) return true;
  if (host == "[::1]" || host.starts_with("[::1]:")) return true;
  host = host.substr(0, host.find(':'));
  return host == "localhost" || host == "127.0.0.1";
}

}  // namespace energy::oidc
