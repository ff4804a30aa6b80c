#include "app/wiring_layers.h"

namespace energy::app {
namespace {

using notifications::AlertEvent;

AlertEvent EventOf(const alerts::Alert& alert) {
  AlertEvent event;
  event.alert_id = alert.id;
  event.rule_id = alert.rule_id;
  event.rule_name = alert.rule_name;
  event.device_id = alert.device_id;
  event.property = alert.property;
  event.op = rules::OperatorName(alert.op);
  event.threshold = alert.threshold_value;
  event.value = alert.latest_value;
  event.worst_value = alert.worst_value;
  event.unit = alert.unit.value_or("");
  event.severity = notifications::ParseSeverity(rules::SeverityName(alert.severity))
                       .value_or(notifications::Severity::kMedium);
  event.started_at = event.at = alert.created_at;
  event.message = alert.message;
  return event;
}

std::optional<notifications::Severity> SeverityBefore(const alerts::AlertEvent& event) {
  const auto severity = event.before.find("severity");
  if (severity == event.before.end()) return std::nullopt;
  return notifications::ParseSeverity(severity->get<std::string>());
}

}  // namespace

void ConnectOutbox(Parts& p) {
  p.alerts->SetOutbox([&p](sql::Connection& connection, const alerts::Alert& alert,
                           const alerts::AlertEvent& what) {
    const auto kind = notifications::ParseKind(what.action);
    if (!kind) return base::Status();  // of interest to the history alone
    AlertEvent event = EventOf(alert);
    event.kind = *kind;
    event.at = what.at;
    if (*kind == notifications::Kind::kEscalated) event.previous_severity = SeverityBefore(what);
    return p.outbox->Write(connection, std::move(event));
  });
}

base::Status WireNotifications(Parts& p) {
  const NotificationSettings& s = p.settings.notifications;
  p.notification_outgoing =
      std::make_unique<http::Outgoing>(http::OutgoingOptions{.ca_file = s.ca_file});
  p.mailer = std::make_unique<http::Mailer>();
  ENERGY_ASSIGN_OR_RETURN(p.channels, s.Channels(*p.notification_outgoing, *p.mailer, p.clock));
  ENERGY_ASSIGN_OR_RETURN(const notifications::RendererOptions renderer, s.Renderer());
  ENERGY_ASSIGN_OR_RETURN(p.renderer, notifications::Renderer::Make(renderer));
  ENERGY_ASSIGN_OR_RETURN(notifications::OutboxOptions outbox, s.Outbox());
  p.outbox =
      std::make_unique<notifications::Outbox>(std::move(outbox), p.channels, p.clock, p.random);
  p.sender = std::make_unique<notifications::Sender>(
      *p.database, p.channels, *p.renderer, p.clock, p.random, s.Sender(),
      [&p] {
        p.notification_outgoing->Stop();
        p.mailer->Stop();
      },
      base::Named(p.logger, "notifications"), p.metrics);
  p.notifications = std::make_unique<notifications::NotificationService>(
      *p.database, p.channels, *p.renderer, p.clock, p.random,
      [&p](const std::string& id) -> base::Result<AlertEvent> {
        ENERGY_ASSIGN_OR_RETURN(const alerts::Alert alert, p.alerts->Get(id));
        AlertEvent event = EventOf(alert);
        if (const auto device = p.registry->Find(alert.device_id)) {
          event.device_name = device->name;
        }
        return event;
      });
  p.preferences = std::make_unique<notifications::PreferencesService>(*p.database, p.clock);
  p.rule_routing = std::make_unique<notifications::RuleRoutingService>(*p.database, p.clock);
  return {};
}

}  // namespace energy::app
