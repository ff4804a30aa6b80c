#include "notifications/service.h"

#include <algorithm>

#include "audit/audit.h"
#include "base/json_values.h"
#include "notifications/local_time.h"

namespace energy::notifications {
namespace {

AlertEvent SampleEvent(base::Timestamp now) {
  AlertEvent event;
  event.alert_id = "00000000-0000-7000-8000-000000000001";
  event.rule_name = "Bulb Overheat";
  event.device_id = "D1";
  event.device_name = "Bulb 1 <hall>";
  event.location = "Plant-A, hall 2";
  event.property = "temperature";
  event.op = ">";
  event.threshold = 50;
  event.value = 62.5;
  event.worst_value = 71;
  event.unit = "°C";
  event.severity = Severity::kHigh;
  event.started_at = now - std::chrono::minutes(12);
  event.at = now;
  event.message = "Alert: Bulb Overheat - Device D1 temperature is 62.50 (threshold: > 50.00)";
  return event;
}

Content ContentOf(const PreviewRequest& request, AlertEvent event) {
  Content content{"00000000-0000-7000-8000-000000000002",
                  std::nullopt,
                  {},
                  request.language,
                  request.time_zone};
  if (const auto kind = ParseKind(request.kind)) {
    event.kind = *kind;
    if (*kind == Kind::kTest) event = AlertEvent{.kind = Kind::kTest, .at = event.at};
    content.events.push_back(std::move(event));
    return content;
  }
  content.bundle = request.kind == "flood" ? "flood:device:" + event.device_id : request.kind;
  if (request.kind == "digest") event.severity = Severity::kLow;
  for (int i = 3; i > 0; --i) {
    AlertEvent one = event;
    one.at -= std::chrono::minutes(i);
    one.kind = i == 1 ? Kind::kResolved : Kind::kRaised;
    content.events.push_back(std::move(one));
  }
  return content;
}

base::Json CountsOf(const Notification& n) {
  return {{"status", DeliveryStatusName(n.status)}, {"attempts", n.attempts}};
}

}  // namespace

std::optional<std::string> ParsePreviewKind(std::string_view name) {
  if (std::find(kPreviewKinds.begin(), kPreviewKinds.end(), name) == kPreviewKinds.end()) {
    return std::nullopt;
  }
  return std::string(name);
}

base::Result<sql::Listing<Notification>> NotificationService::List(const NotificationFilter& filter,
                                                                   sql::Page page) {
  return database_.Read(
      [&](sql::Connection& connection) { return repository_.List(connection, filter, page); });
}

base::Result<Notification> NotificationService::Get(const std::string& id) {
  return database_.Read(
      [&](sql::Connection& connection) { return repository_.Get(connection, id); });
}

base::Result<Notification> NotificationService::Retry(const std::string& id) {
  return database_.Transaction([&](sql::Connection& connection) -> base::Result<Notification> {
    ENERGY_ASSIGN_OR_RETURN(const Notification before, repository_.Get(connection, id));
    ENERGY_RETURN_IF_ERROR(repository_.Retry(connection, before, clock_.Now()));
    ENERGY_ASSIGN_OR_RETURN(Notification after, repository_.Get(connection, id));
    ENERGY_RETURN_IF_ERROR(audit::Record(
        connection, clock_,
        {"notification.retry", "notification", id, CountsOf(before), CountsOf(after)}));
    return after;
  });
}

base::Result<Notification> NotificationService::SendTest(ChannelId channel,
                                                         const std::string& recipient,
                                                         const std::string& language) {
  const auto configured = channels_.find(channel);
  if (configured == channels_.end()) {
    return base::Conflict(
        std::string(ChannelName(channel)) + " is not set up: see docs/notifications.md",
        {{"channel", "is not set up"}});
  }
  base::Status usable = CheckAddress(channel, recipient);
  if (usable.ok()) usable = configured->second->Admits(recipient);
  if (!usable.ok()) return base::InvalidField("recipient", usable.message());
  Notification row;
  row.id = base::NewUuid(random_, clock_);
  row.kind = Kind::kTest;
  row.channel = channel;
  row.recipient = recipient;
  row.language = language;
  row.created_at = row.updated_at = clock_.Now();
  row.next_attempt_at = row.created_at;
  row.event = AlertEvent{.kind = Kind::kTest, .started_at = row.created_at, .at = row.created_at};
  const base::Status written =
      database_.Transaction([&](sql::Connection& connection) -> base::Status {
        ENERGY_RETURN_IF_ERROR(repository_.Insert(connection, row, row.id));
        return audit::Record(connection, clock_,
                             {"notification.test",
                              "notification",
                              row.id,
                              nullptr,
                              {{"channel", ChannelName(channel)}, {"recipient", recipient}}});
      });
  if (!written.ok()) return written;
  return row;
}

base::Result<Message> NotificationService::Preview(const PreviewRequest& request) {
  if (!IsTimeZone(request.time_zone)) {
    return base::InvalidField(
        "time_zone", "must be a name of the IANA time zone database, such as Europe/Berlin");
  }
  AlertEvent event = SampleEvent(clock_.Now());
  if (request.alert_id) {
    if (!base::IsUuid(*request.alert_id)) return base::InvalidField("alert_id", "must be a UUID");
    ENERGY_ASSIGN_OR_RETURN(event, event_of_(*request.alert_id));
  }
  return renderer_.Render(request.channel, ContentOf(request, std::move(event)));
}

base::Result<std::vector<ChannelState>> NotificationService::DescribeChannels() {
  ENERGY_ASSIGN_OR_RETURN(const auto counts, database_.Read([&](sql::Connection& connection) {
    return repository_.Counts(connection, clock_.Now() - std::chrono::hours(24));
  }));
  std::vector<ChannelState> states;
  for (const ChannelId id : kChannels) {
    ChannelState& state = states.emplace_back();
    state.channel = id;
    if (const auto channel = channels_.find(id); channel != channels_.end()) {
      state.configured = true;
      state.settings = channel->second->Describe();
    }
    for (const auto& count : counts) {
      if (count.channel != ChannelName(id)) continue;
      if (count.status == "pending") state.pending = count.count;
      if (count.status == "sent") state.sent_24h = count.count;
      if (count.status == "failed") state.failed_24h = count.count;
      if (count.status == "bounced") state.bounced_24h = count.count;
    }
  }
  return states;
}

base::Json ToJson(const Notification& n) {
  const auto provider =
      n.provider_response ? base::Json::parse(*n.provider_response, nullptr, false) : base::Json();
  const auto severity = n.severity ? base::Json(SeverityName(*n.severity)) : base::Json();
  return {{"id", n.id},
          {"alert_id", base::OrNull(n.alert_id)},
          {"kind", KindName(n.kind)},
          {"channel", ChannelName(n.channel)},
          {"recipient", n.recipient},
          {"user_id", base::OrNull(n.user_id)},
          {"language", n.language},
          {"device_id", base::OrNull(n.device_id)},
          {"severity", severity},
          {"bundle", base::OrNull(n.bundle)},
          {"sent_with", base::OrNull(n.sent_with)},
          {"status", DeliveryStatusName(n.status)},
          {"subject", base::OrNull(n.subject)},
          {"attempts", n.attempts},
          {"last_error", base::OrNull(n.last_error)},
          {"provider_response", provider.is_discarded() ? base::Json() : provider},
          {"next_attempt_at", base::TimeOrNull(n.next_attempt_at)},
          {"sent_at", base::TimeOrNull(n.sent_at)},
          {"created_at", base::TimeToJson(n.created_at)},
          {"updated_at", base::TimeToJson(n.updated_at)}};
}

base::Json ToJson(const ChannelState& state) {
  return {{"channel", ChannelName(state.channel)},
          {"configured", state.configured},
          {"settings", state.settings},
          {"pending", state.pending},
          {"sent_24h", state.sent_24h},
          {"failed_24h", state.failed_24h},
          {"bounced_24h", state.bounced_24h}};
}

base::Json ToJson(const Message& message) {
  return {{"subject", message.subject},
          {"text", message.text},
          {"html", message.html.empty() ? base::Json() : base::Json(message.html)}};
}

}  // namespace energy::notifications
