#include "api/web.h"
#include "app/wiring_layers.h"

namespace energy::app {
namespace {

std::filesystem::path WebDir(const Settings& settings) {
  if (!settings.web_dir.empty()) return settings.web_dir;
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "web";
}

}  // namespace

base::Status WireServers(Parts& p) {
  if (auto web = http::StaticFiles::Load(WebDir(p.settings)); web.ok()) {
    p.web = std::move(web).value();
  } else {
    p.logger->warn("no web page: {}", web.status().message());
  }
  api::AddWebPage(*p.router, p.web ? &*p.web : nullptr, *p.envelope);

  http::ServerOptions options;
  ENERGY_ASSIGN_OR_RETURN(options.trusted_proxies,
                          http::TrustedProxies::Parse(p.settings.trusted_proxies));
  options.max_connections = static_cast<uint32_t>(p.settings.http_max_connections);
  options.address = p.settings.http_address;
  options.port = static_cast<uint16_t>(p.settings.http_port);
  options.stop_timeout = std::chrono::milliseconds(1000);
  p.server = std::make_unique<http::Server>(options, *p.io, *p.workers, *p.router, p.clock,
                                            p.random, base::Named(p.logger, "http"), p.metrics);
  if (p.settings.http_tls_certificate.empty()) return {};
  options.port = static_cast<uint16_t>(p.settings.http_tls_port);
  options.tls_certificate = p.settings.http_tls_certificate;
  options.tls_key = p.settings.http_tls_key;
  p.tls_server =
      std::make_unique<http::Server>(options, *p.io, *p.workers, *p.router, p.clock, p.random,
                                     base::Named(p.logger, "https"), p.metrics);
  return {};
}

}  // namespace energy::app
