#include "app/platform.h"

#include "app/parts.h"
#include "app/wiring.h"
#include "base/json.h"

namespace energy::app {
namespace {

std::string Endpoint(const std::string& address, uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

// An address that a client on this machine can use.
std::string Reachable(const std::string& address) {
  if (address == "0.0.0.0") return "127.0.0.1";
  if (address == "::") return "::1";
  return address;
}

}  // namespace

Platform::Platform(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Platform::~Platform() { Stop(); }

base::Result<std::unique_ptr<Platform>> Platform::Open(const Settings& settings,
                                                       const base::Logger& logger) {
  ENERGY_ASSIGN_OR_RETURN(DataDir data_dir, DataDir::Open(settings.data_dir));
  auto parts = std::make_unique<Parts>(settings, std::move(data_dir), logger);
  ENERGY_RETURN_IF_ERROR(Wire(*parts));
  return std::unique_ptr<Platform>(new Platform(std::move(parts)));
}

base::Status Platform::Start() {
  Parts& p = *parts_;
  for (base::Service* service : p.services) {
    if (const base::Status status = service->Start(); !status.ok()) {
      Stop();
      return status;
    }
    ++p.running;
    // The rules must be up to date before readings come in.
    if (service != p.alerts.get()) continue;
    if (const base::Status status = p.alerts->CatchUp(*p.store); !status.ok()) {
      Stop();
      return status;
    }
  }
  return {};
}

base::Status Platform::Announce() {
  base::Json endpoints{{"http", http_url()}, {"mqtt", mqtt_endpoint()}};
  if (parts_->tls_server) {
    endpoints["https"] =
        "https://" + Endpoint(Reachable(parts_->settings.http_address), parts_->tls_server->port());
  }
  const auto add = [&](const char* name, mqtt::Transport transport, const std::string& scheme,
                       const std::string& path) {
    const uint16_t port = parts_->broker->port(transport);
    if (port == 0) return;
    endpoints[name] = scheme + Endpoint(Reachable(parts_->settings.mqtt_address), port) + path;
  };
  add("mqtts", mqtt::Transport::kTls, "", "");
  add("mqtt_ws", mqtt::Transport::kWebSocket, "ws://", "/mqtt");
  add("mqtt_wss", mqtt::Transport::kWebSocketTls, "wss://", "/mqtt");
  return parts_->data_dir.WriteFile("endpoints.json", endpoints.dump() + "\n",
                                    /*private_file=*/false);
}

void Platform::Stop() {
  Parts& p = *parts_;
  if (p.running == 0) return;
  p.alerts->StopWaiting();
  while (p.running > 0) p.services[--p.running]->Stop();
  if (const base::Status status = p.mqtt_access->SaveLastUsed(); !status.ok()) {
    p.logger->warn("when credentials were last used is not stored: {}", status.ToString());
  }
}

uint16_t Platform::http_port() const { return parts_->server->port(); }
uint16_t Platform::mqtt_port() const { return parts_->broker->port(); }

std::string Platform::http_url() const {
  return "http://" + Endpoint(Reachable(parts_->settings.http_address), parts_->server->port());
}

std::string Platform::mqtt_endpoint() const {
  return Endpoint(Reachable(parts_->settings.mqtt_address), parts_->broker->port());
}

const std::optional<Platform::FirstAdmin>& Platform::first_admin() const {
  return parts_->first_admin;
}

}  // namespace energy::app
