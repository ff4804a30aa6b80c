#include "api/input.h"
#include "api/json_views.h"
#include "api/part_routes.h"
#include "api/resources.h"
#include "base/text.h"
#include "notifications/service.h"

namespace energy::api {
namespace {

using http::Method;
using http::Request;
using http::Response;
using notifications::NotificationService;

constexpr const char* kChannelNames = "email, whatsapp, telegram, webhook";
constexpr const char* kStatuses = "pending, sent, failed, bounced, cancelled";
constexpr const char* kKinds = "raised, escalated, resolved, unacknowledged, test";
constexpr const char* kPreviewKinds =
    "raised, escalated, resolved, unacknowledged, test, digest, flood, quiet";
constexpr const char* kLanguages = "en, de";

Response List(Request& request, NotificationService& service, const Envelope& envelope) {
  QueryInput input(request);
  notifications::NotificationFilter filter;
  filter.statuses = input.EnumList("status", notifications::ParseDeliveryStatus, kStatuses);
  filter.channels = input.EnumList("channel", notifications::ParseChannel, kChannelNames);
  filter.kinds = input.EnumList("kind", notifications::ParseKind, kKinds);
  filter.severities =
      input.EnumList("severity", notifications::ParseSeverity, "low, medium, high, critical");
  filter.alert_id = input.Text("alert_id");
  filter.device_id = input.Text("device_id");
  filter.recipient = input.Text("recipient");
  filter.start = input.Time("start");
  filter.end = input.Time("end");
  filter.sort = input.Text("sort").value_or("");
  const sql::Page page = input.Page();
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(service.List(filter, page),
                       [](const auto& listing) { return ListToJson("notifications", listing); });
}

Response Get(Request& request, NotificationService& service, const Envelope& envelope) {
  return envelope.From(service.Get(std::string(request.Param("id"))),
                       [](const auto& notification) { return ToJson(notification); });
}

Response Retry(Request& request, NotificationService& service, const Envelope& envelope) {
  return envelope.From(service.Retry(std::string(request.Param("id"))),
                       [](const auto& notification) { return ToJson(notification); });
}

Response SendTest(Request& request, NotificationService& service, const Envelope& envelope) {
  BodyInput input(request);
  const auto channel = input.Enum("channel", notifications::ParseChannel, kChannelNames);
  if (!input.Has("channel")) input.Fail("channel", "is missing");
  const std::string recipient = input.RequiredText("recipient");
  const auto language = input.Enum("language", notifications::ParseLanguage, kLanguages);
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(
      service.SendTest(*channel, recipient, language.value_or("en")),
      [](const auto& notification) { return ToJson(notification); }, 202);
}

Response Preview(Request& request, NotificationService& service, const Envelope& envelope) {
  BodyInput input(request);
  notifications::PreviewRequest preview;
  const auto channel = input.Enum("channel", notifications::ParseChannel, kChannelNames);
  if (!input.Has("channel")) input.Fail("channel", "is missing");
  const auto kind = input.Enum("kind", notifications::ParsePreviewKind, kPreviewKinds);
  const auto language = input.Enum("language", notifications::ParseLanguage, kLanguages);
  preview.time_zone = input.Text("time_zone").value_or("UTC");
  preview.alert_id = input.Text("alert_id");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  preview.channel = *channel;
  preview.kind = kind.value_or("raised");
  preview.language = language.value_or("en");
  return envelope.From(service.Preview(preview),
                       [](const auto& message) { return ToJson(message); });
}

Response Channels(Request&, NotificationService& service, const Envelope& envelope) {
  return envelope.From(service.DescribeChannels(), [](const auto& states) {
    base::Json channels = base::Json::array();
    for (const auto& state : states) channels.push_back(ToJson(state));
    return base::Json{{"channels", std::move(channels)}};
  });
}

Response UpdateOwn(Request& request, const auth::Claims& caller,
                   notifications::PreferencesService& service, const Envelope& envelope) {
  BodyInput input(request);
  notifications::PreferencesPatch patch;
  patch.email = input.NullableText("email");
  patch.phone = input.NullableText("phone");
  patch.chat_id = input.NullableText("chat_id");
  patch.channels = input.Texts("channels");
  patch.language = input.Enum("language", notifications::ParseLanguage, kLanguages);
  patch.time_zone = input.Text("time_zone");
  patch.quiet_start = input.NullableText("quiet_start");
  patch.quiet_end = input.NullableText("quiet_end");
  patch.quiet_breakthrough =
      input.Enum("quiet_breakthrough", notifications::ParseSeverity, "low, medium, high, critical");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(service.Update(caller.user_id, patch),
                       [](const auto& preferences) { return ToJson(preferences); });
}

Response GetRouting(Request& request, notifications::RuleRoutingService& service,
                    const Envelope& envelope) {
  return envelope.From(service.Get(std::string(request.Param("id"))),
                       [](const auto& routing) { return ToJson(routing); });
}

std::vector<notifications::Recipient> ReadRecipients(BodyInput& input, const std::string& name) {
  const auto texts = input.Texts(name);
  if (!texts) return {};
  auto recipients = notifications::ParseRecipients(*texts, name);
  if (recipients.ok()) return *std::move(recipients);
  for (const auto& error : recipients.status().fields()) input.Fail(error.field, error.message);
  return {};
}

Response SetRouting(Request& request, notifications::RuleRoutingService& service,
                    const Envelope& envelope) {
  BodyInput input(request);
  notifications::RuleRouting routing;
  routing.muted = input.Flag("muted").value_or(false);
  routing.recipients = ReadRecipients(input, "recipients");
  routing.escalation_recipients = ReadRecipients(input, "escalation_recipients");
  if (const auto minutes = input.NullableNumber("escalation_minutes").value_or(std::nullopt)) {
    const auto whole = static_cast<int64_t>(*minutes);
    if (*minutes < 0 || *minutes > notifications::kMaxEscalationMinutes ||
        static_cast<double>(whole) != *minutes) {
      input.Fail("escalation_minutes", "must be a whole number from 0 to 10080, or null");
    }
    routing.escalation_minutes = whole;
  }
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  const base::Status set = service.Set(std::string(request.Param("id")), routing);
  return set.ok() ? envelope.Ok(ToJson(routing)) : envelope.Error(set);
}

}  // namespace

void AddNotificationRoutes(Routes& routes, NotificationRouteParts parts, const Envelope& envelope) {
  PartRoutes log(routes, parts.service, envelope);
  log.Add(Method::kGet, "/api/notifications", List);
  log.Add(Method::kGet, "/api/notifications/channels", Channels);
  log.Add(Method::kPost, "/api/notifications/test", SendTest);
  log.Add(Method::kPost, "/api/notifications/preview", Preview);
  log.Add(Method::kGet, "/api/notifications/{id}", Get);
  log.Add(Method::kPost, "/api/notifications/{id}/retry", Retry);

  PartRoutes routing(routes, parts.routing, envelope);
  routing.Add(Method::kGet, "/api/rules/{id}/recipients", GetRouting);
  routing.Add(Method::kPut, "/api/rules/{id}/recipients", SetRouting);

  notifications::PreferencesService& own = parts.preferences;
  routes.Add(Method::kGet, "/api/auth/me/notifications",
             [&own, &envelope](Request&, const auth::Claims& caller) {
               return envelope.From(own.Get(caller.user_id),
                                    [](const auto& preferences) { return ToJson(preferences); });
             });
  routes.Add(Method::kPut, "/api/auth/me/notifications",
             [&own, &envelope](Request& request, const auth::Claims& caller) {
               return UpdateOwn(request, caller, own, envelope);
             });
}

}  // namespace energy::api
