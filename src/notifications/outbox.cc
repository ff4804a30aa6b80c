#include "notifications/outbox.h"

#include <algorithm>

#include "auth/hash.h"

namespace energy::notifications {
namespace {

// Rows of one event: beyond, the rest is not told.
constexpr size_t kMaxTargets = 200;
constexpr std::chrono::minutes kFloodWindow{1};

std::vector<ChannelId> WantedChannels(const RuleRouting& routing) {
  std::vector<ChannelId> wanted;
  for (const std::string& name : routing.channels) {
    if (const auto channel = ParseChannel(name)) wanted.push_back(*channel);
  }
  // A rule without channels uses whatever its recipients name.
  if (routing.channels.empty()) wanted.assign(kChannels.begin(), kChannels.end());
  return wanted;
}

// The next moment of a grid that all processes share, so that what comes in between is due at once.
base::Timestamp NextOf(base::Timestamp now, std::chrono::minutes step) {
  const auto since = now.time_since_epoch();
  return base::Timestamp((since / step + 1) * std::chrono::nanoseconds(step));
}

std::string EventKey(const AlertEvent& event, const Notification& row) {
  std::string text = event.alert_id;
  for (const std::string_view part :
       {KindName(row.kind), SeverityName(event.severity), ChannelName(row.channel)}) {
    text.append("|").append(part);
  }
  return auth::Sha256Hex(text + "|" + std::to_string(event.at.time_since_epoch().count()) + "|" +
                         row.recipient);
}

// The device as it is called now.
base::Status DescribeDevice(sql::Connection& connection, AlertEvent& event) {
  ENERGY_ASSIGN_OR_RETURN(const auto rows,
                          connection.Query("SELECT name, location FROM devices WHERE id = :id",
                                           {{"id", event.device_id}}, 2));
  if (rows.empty()) return {};
  event.device_name = rows.front().Text(0);
  event.location = rows.front().OptText(1);
  return {};
}

}  // namespace

base::Status Outbox::Write(sql::Connection& connection, AlertEvent event) {
  if (event.suppressed || channels_.empty()) return {};
  if (event.device_name.empty()) ENERGY_RETURN_IF_ERROR(DescribeDevice(connection, event));
  if (event.kind == Kind::kResolved) {
    ENERGY_RETURN_IF_ERROR(repository_.CancelReminders(connection, event.alert_id,
                                                       "the alert was resolved", clock_.Now()));
    if (!options_.resolved) return {};
    Targets told;
    ENERGY_RETURN_IF_ERROR(AddToldTargets(connection, event.alert_id, told));
    return InsertAll(connection, event, told);
  }
  ENERGY_ASSIGN_OR_RETURN(const RuleRouting routing,
                          RuleRoutingService::Find(connection, event.rule_id));
  if (routing.muted) return {};
  Targets targets;
  ENERGY_RETURN_IF_ERROR(AddRoutedTargets(connection, event, routing, targets));
  if (event.kind == Kind::kEscalated) {
    ENERGY_RETURN_IF_ERROR(AddToldTargets(connection, event.alert_id, targets));
  }
  ENERGY_RETURN_IF_ERROR(InsertAll(connection, event, targets));
  if (event.kind != Kind::kRaised) return {};
  return InsertReminders(connection, event, routing);
}

base::Status Outbox::AddTargets(sql::Connection& connection,
                                const std::vector<Recipient>& recipients,
                                const std::vector<ChannelId>& wanted, Targets& targets) const {
  const auto add = [&](Target target) {
    const bool known = std::any_of(targets.begin(), targets.end(), [&](const Target& other) {
      return other.channel == target.channel && other.address == target.address;
    });
    if (!known && targets.size() < kMaxTargets) targets.push_back(std::move(target));
  };
  const auto wants = [&](ChannelId channel) {
    return std::find(wanted.begin(), wanted.end(), channel) != wanted.end();
  };
  for (const Recipient& recipient : recipients) {
    if (recipient.channel) {
      if (!wants(*recipient.channel)) continue;
      add({*recipient.channel, recipient.address, options_.language, options_.time_zone, {}});
      continue;
    }
    ENERGY_ASSIGN_OR_RETURN(const auto person,
                            PreferencesService::FindPerson(connection, recipient.address));
    if (!person) continue;  // gone, or not active any more
    for (const ChannelId channel : wanted) {
      const auto address = person->AddressOn(channel);
      if (!address) continue;
      add({channel, *address, person->preferences.language, person->preferences.time_zone,
           person->preferences});
    }
  }
  return {};
}

base::Status Outbox::AddRoutedTargets(sql::Connection& connection, const AlertEvent& event,
                                      const RuleRouting& routing, Targets& targets) const {
  const auto defaults = options_.defaults.find(event.severity);
  for (const ChannelId channel : WantedChannels(routing)) {
    const bool has_own = std::any_of(routing.recipients.begin(), routing.recipients.end(),
                                     [&](const Recipient& recipient) {
                                       return !recipient.channel || recipient.channel == channel;
                                     });
    if (has_own) {
      ENERGY_RETURN_IF_ERROR(AddTargets(connection, routing.recipients, {channel}, targets));
    } else if (defaults != options_.defaults.end()) {
      // A rule that names recipients and no channels means those recipients alone.
      if (routing.channels.empty() && !routing.recipients.empty()) continue;
      ENERGY_RETURN_IF_ERROR(AddTargets(connection, defaults->second, {channel}, targets));
    }
  }
  return {};
}

base::Status Outbox::AddToldTargets(sql::Connection& connection, const std::string& alert_id,
                                    Targets& targets) const {
  ENERGY_ASSIGN_OR_RETURN(const auto told, repository_.RecipientsOf(connection, alert_id));
  for (const Notification& row : told) {
    const bool known = std::any_of(targets.begin(), targets.end(), [&](const Target& other) {
      return other.channel == row.channel && other.address == row.recipient;
    });
    if (known || targets.size() >= kMaxTargets) continue;
    Target target{row.channel, row.recipient, row.language, row.time_zone, {}};
    if (row.user_id) {
      ENERGY_ASSIGN_OR_RETURN(auto person,
                              PreferencesService::FindPersonById(connection, *row.user_id));
      if (!person) continue;
      target.user = std::move(person->preferences);
    }
    targets.push_back(std::move(target));
  }
  return {};
}

base::Result<std::optional<std::string>> Outbox::FloodBundle(sql::Connection& connection,
                                                             const AlertEvent& event) const {
  const base::Timestamp since = clock_.Now() - kFloodWindow;
  const auto over = [&](const std::optional<std::string>& device,
                        int64_t limit) -> base::Result<bool> {
    if (limit == 0) return false;
    ENERGY_ASSIGN_OR_RETURN(const int64_t recent,
                            repository_.RecentAlerts(connection, event.kind, device, since, limit));
    return recent >= limit;
  };
  ENERGY_ASSIGN_OR_RETURN(const bool site, over(std::nullopt, options_.flood_site));
  if (site) return std::optional<std::string>("flood:site");
  ENERGY_ASSIGN_OR_RETURN(const bool device, over(event.device_id, options_.flood_per_device));
  if (device) return std::optional<std::string>("flood:device:" + event.device_id);
  return std::optional<std::string>();
}

Notification Outbox::RowFor(const AlertEvent& event, const Target& target) const {
  Notification row;
  row.id = base::NewUuid(random_, clock_);
  row.alert_id = event.alert_id;
  row.kind = event.kind;
  row.channel = target.channel;
  row.recipient = target.address;
  if (target.user) row.user_id = target.user->user_id;
  row.language = target.language;
  row.time_zone = target.time_zone;
  row.device_id = event.device_id;
  row.severity = event.severity;
  row.event = event;
  row.created_at = row.updated_at = clock_.Now();
  const auto channel = channels_.find(target.channel);
  const base::Status usable =
      channel == channels_.end() ? base::InvalidArgument("is not set up: see docs/notifications.md")
                                 : channel->second->Admits(target.address);
  if (usable.ok()) {
    row.next_attempt_at = row.created_at;
  } else {
    row.status = DeliveryStatus::kFailed;
    row.last_error =
        (channel == channels_.end() ? std::string(ChannelName(target.channel)) : target.address) +
        " " + usable.message();
  }
  return row;
}

void Outbox::Schedule(const AlertEvent& event, const Target& target,
                      const std::optional<std::string>& flood, Notification& row) const {
  if (row.status != DeliveryStatus::kPending) return;
  const base::Timestamp now = row.created_at;
  if (target.user && target.user->quiet && event.severity < target.user->quiet_breakthrough) {
    if (const auto until = QuietUntil(*target.user->quiet, target.user->time_zone, now)) {
      row.bundle = "quiet";
      row.next_attempt_at = *until;
      return;
    }
  }
  if (event.severity == Severity::kLow && options_.digest.count() > 0) {
    row.bundle = "digest";
    row.next_attempt_at = NextOf(now, options_.digest);
    return;
  }
  if (!flood) return;
  row.bundle = *flood;
  row.next_attempt_at = NextOf(now, kFloodWindow);
}

base::Status Outbox::InsertAll(sql::Connection& connection, const AlertEvent& event,
                               const Targets& targets) const {
  if (targets.empty()) return {};
  ENERGY_ASSIGN_OR_RETURN(const auto flood, FloodBundle(connection, event));
  for (const Target& target : targets) {
    Notification row = RowFor(event, target);
    Schedule(event, target, flood, row);
    ENERGY_RETURN_IF_ERROR(repository_.Insert(connection, row, EventKey(event, row)));
  }
  return {};
}

// What a reminder says was true when it was written: the sender sees to it that it still is.
base::Status Outbox::InsertReminders(sql::Connection& connection, const AlertEvent& event,
                                     const RuleRouting& routing) const {
  const std::chrono::minutes wait(routing.escalation_minutes.value_or(options_.escalation.count()));
  if (wait.count() == 0) return {};
  const auto& recipients = routing.escalation_recipients.empty() ? options_.escalation_recipients
                                                                 : routing.escalation_recipients;
  Targets targets;
  const std::vector<ChannelId> all(kChannels.begin(), kChannels.end());
  ENERGY_RETURN_IF_ERROR(AddTargets(connection, recipients, all, targets));
  AlertEvent reminder = event;
  reminder.kind = Kind::kUnacknowledged;
  for (const Target& target : targets) {
    Notification row = RowFor(reminder, target);
    if (row.status == DeliveryStatus::kPending) row.next_attempt_at = row.created_at + wait;
    ENERGY_RETURN_IF_ERROR(repository_.Insert(connection, row, EventKey(reminder, row)));
  }
  return {};
}

}  // namespace energy::notifications
