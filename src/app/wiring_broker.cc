#include "app/version.h"
#include "app/wiring_layers.h"

namespace energy::app {
namespace {

mqtt::TlsOptions TlsOf(const Settings& s) {
  mqtt::TlsOptions tls;
  tls.certificate = s.mqtt_tls_certificate;
  tls.key = s.mqtt_tls_key;
  tls.client_ca = s.mqtt_tls_client_ca;
  using Clients = mqtt::TlsOptions::ClientCertificates;
  tls.client_certificates = s.mqtt_tls_client_certificates == "require"    ? Clients::kRequire
                            : s.mqtt_tls_client_certificates == "optional" ? Clients::kOptional
                                                                           : Clients::kOff;
  using Name = mqtt::TlsOptions::UserName;
  tls.user_name = s.mqtt_tls_user_name == "cn"    ? Name::kCommonName
                  : s.mqtt_tls_user_name == "san" ? Name::kSubjectAltName
                                                  : Name::kOff;
  return tls;
}

mqtt::AdmissionOptions AdmissionOf(const Settings& s) {
  mqtt::AdmissionOptions admission;
  admission.max_connections = static_cast<uint32_t>(s.mqtt_max_connections);
  admission.max_connections_per_address = static_cast<uint32_t>(s.mqtt_max_connections_per_address);
  admission.max_connects_per_second = static_cast<uint32_t>(s.mqtt_max_connects_per_second);
  admission.max_connects_per_minute_per_client =
      static_cast<uint32_t>(s.mqtt_max_connects_per_minute_per_client);
  admission.max_connects_per_minute_per_address =
      static_cast<uint32_t>(s.mqtt_max_connects_per_minute_per_address);
  admission.free_login_failures = static_cast<uint32_t>(s.mqtt_free_login_failures);
  return admission;
}

mqtt::BrokerOptions OptionsOf(const Settings& s, const std::filesystem::path& data_dir) {
  mqtt::BrokerOptions options;
  options.tls = TlsOf(s);
  options.tls_port = static_cast<uint16_t>(s.mqtt_tls_port);
  options.web_socket = s.mqtt_websocket_enabled;
  options.web_socket_port = static_cast<uint16_t>(s.mqtt_websocket_port);
  options.web_socket_tls_port = static_cast<uint16_t>(s.mqtt_websocket_tls_port);
  options.address = s.mqtt_address;
  options.port = static_cast<uint16_t>(s.mqtt_port);
  options.allow_anonymous = s.mqtt_allow_anonymous;
  options.admission = AdmissionOf(s);
  options.max_messages_per_second = static_cast<uint32_t>(s.mqtt_max_messages_per_second);
  options.max_bytes_per_second = static_cast<uint64_t>(s.mqtt_max_bytes_per_second);
  options.max_total_messages_per_second =
      static_cast<uint32_t>(s.mqtt_max_total_messages_per_second);
  options.max_total_bytes_per_second = static_cast<uint64_t>(s.mqtt_max_total_bytes_per_second);
  options.max_subscriptions_per_client = static_cast<size_t>(s.mqtt_max_subscriptions);
  options.version = kVersion;
  options.max_packet_bytes = static_cast<uint32_t>(s.mqtt_max_packet_bytes);
  options.receive_maximum = static_cast<uint16_t>(s.mqtt_receive_maximum);
  options.max_keep_alive_s = static_cast<uint16_t>(s.mqtt_max_keep_alive_s);
  options.max_outbound_bytes = static_cast<size_t>(s.mqtt_max_queued_bytes);
  options.max_queued_messages = static_cast<size_t>(s.mqtt_max_queued_messages);
  options.max_queued_total_bytes = static_cast<size_t>(s.mqtt_max_queued_total_bytes);
  options.max_sessions = static_cast<size_t>(s.mqtt_max_sessions);
  options.max_session_expiry_s = static_cast<uint32_t>(s.mqtt_max_session_expiry_s);
  options.max_retained_messages = static_cast<size_t>(s.mqtt_max_retained_messages);
  options.max_retained_bytes = static_cast<size_t>(s.mqtt_max_retained_bytes);
  options.session_folder = data_dir / "mqtt";
  options.stop_timeout = std::chrono::milliseconds(1000);
  return options;
}

}  // namespace

void WireBroker(Parts& p) {
  p.broker = std::make_unique<mqtt::Broker>(OptionsOf(p.settings, p.data_dir.path()), *p.io,
                                            *p.mqtt_access, *p.ingest, p.clock,
                                            base::Named(p.logger, "mqtt"), p.metrics);
  const auto acknowledge = [&p](std::span<const mqtt::AckToken> tokens,
                                mqtt::PublishResult result) { p.broker->Complete(tokens, result); };
  const auto resume = [&p] {
    if (!p.ingest->Saturated(0)) p.broker->ResumeReading();
  };
  using Names = auth::MqttAccess::Names;
  p.mqtt_access->OnChange([&p](const Names& names) { p.broker->DisconnectUsers(names); },
                          [&p](const Names& names) { p.broker->RenewUsers(names); });
  p.committer->Connect(acknowledge, resume);
  p.dead_letter_writer->Connect(acknowledge, resume);
}

}  // namespace energy::app
