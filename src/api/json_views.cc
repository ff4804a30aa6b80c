#include "api/json_views.h"

#include <cmath>

#include "base/base64.h"
#include "sql/value.h"

namespace energy::api {
namespace {

using base::OrNull;

std::string Time(base::Timestamp time) { return base::TimeToJson(time); }

}  // namespace

base::Json ToJson(const auth::User& user) {
  return {{"id", user.id},
          {"email", user.email},
          {"full_name", user.full_name},
          {"role", auth::RoleName(user.role)},
          {"is_active", user.is_active},
          {"created_at", Time(user.created_at)},
          {"updated_at", Time(user.updated_at)},
          {"last_login", TimeOrNull(user.last_login)},
          {"second_factor", user.second_factor},
          {"version", user.version}};
}

base::Json ToJson(const auth::ApiKey& key) {
  return {{"id", key.id},
          {"name", key.name},
          {"hint", key.hint},
          {"scopes", auth::ScopeNames(key.scopes)},
          {"created_by", key.created_by ? base::Json(*key.created_by) : base::Json()},
          {"created_at", Time(key.created_at)},
          {"expires_at", TimeOrNull(key.expires_at)},
          {"last_used", TimeOrNull(key.last_used)}};
}

base::Json ToJson(const health::Health& health) {
  const health::Inputs& in = health.inputs;
  const auto part = [](const char* name, double weight, const std::optional<double>& value) {
    return base::Json{{"name", name}, {"weight", weight}, {"value", OrNull(value)}};
  };
  const auto rest = [](const std::optional<double>& share) {
    return share ? std::optional(1 - *share) : std::nullopt;
  };
  const auto response =
      in.response_ms ? std::optional(health::ResponseScore(*in.response_ms)) : std::nullopt;
  return {{"device_id", health.device_id},
          {"health_score", OrNull(health.score)},
          {"uptime_percent", OrNull(in.uptime ? std::optional(100 * *in.uptime) : std::nullopt)},
          {"avg_response_ms", OrNull(in.response_ms)},
          {"error_rate", OrNull(in.error_rate)},
          {"last_calculated", Time(health.end)},
          {"start", Time(health.start)},
          {"end", Time(health.end)},
          {"parts",
           {part("uptime", health::kUptimeWeight, in.uptime),
            part("data_quality", health::kDataWeight, rest(in.missing_rate)),
            part("errors", health::kErrorWeight, rest(in.error_rate)),
            part("response", health::kResponseWeight, response)}},
          {"inputs",
           {{"readings", in.readings},
            {"expected", in.expected},
            {"reporting_interval_s", static_cast<double>(health.interval.count()) / 1000},
            {"missing_rate", OrNull(in.missing_rate)},
            {"dead_letters", in.dead_letters},
            {"delayed_readings", in.delayed}}}};
}

base::Json ToJson(const alerts::AlertSummary& summary) {
  base::Json by_severity = base::Json::object();
  for (const rules::Severity severity : {rules::Severity::kLow, rules::Severity::kMedium,
                                         rules::Severity::kHigh, rules::Severity::kCritical}) {
    const auto found = summary.by_severity.find(severity);
    by_severity[std::string(rules::SeverityName(severity))] =
        found == summary.by_severity.end() ? 0 : found->second;
  }
  return {{"open", summary.open},
          {"acknowledged", summary.acknowledged},
          {"resolved_24h", summary.resolved_24h},
          {"suppressed_24h", summary.suppressed_24h},
          {"by_severity", std::move(by_severity)}};
}

base::Json ToJson(const query::LatestReading& reading) {
  base::Json json{{"device_id", reading.device_id},
                  {"timestamp", Time(base::Timestamp(std::chrono::nanoseconds(reading.time_ns)))}};
  for (size_t f = 0; f < reading.fields.size(); ++f) {
    if (!std::isnan(reading.values[f])) json[reading.fields[f]] = reading.values[f];
  }
  return json;
}

base::Json ToJson(const query::Statistics& statistics) {
  base::Json fields = base::Json::object();
  for (const query::FieldStatistics& field : statistics.fields) {
    fields[field.field] = {
        {"unit", field.unit.empty() ? base::Json(nullptr) : base::Json(field.unit)},
        {"count", field.count},
        {"min", field.min},
        {"max", field.max},
        {"mean", field.mean},
        {"stddev", std::isnan(field.stddev) ? base::Json(nullptr) : base::Json(field.stddev)},
        {"p50", field.p50},
        {"p90", field.p90},
        {"p95", field.p95},
        {"p99", field.p99},
        {"first", field.first},
        {"last", field.last}};
  }
  base::Json json{{"device_id", statistics.device_id},
                  {"readings", statistics.readings},
                  {"expected", statistics.expected},
                  {"reporting_interval_s", static_cast<double>(statistics.interval.count()) / 1000},
                  {"missing_rate", OrNull(statistics.missing_rate)},
                  {"uptime", OrNull(statistics.uptime)},
                  {"first_at", TimeOrNull(statistics.first_at)},
                  {"last_at", TimeOrNull(statistics.last_at)},
                  {"source", query::SourceName(query::Source::kRaw)},
                  {"fields", std::move(fields)}};
  if (statistics.complete_from) json["complete_from"] = Time(*statistics.complete_from);
  return json;
}

base::Json ToJson(const telemetry::StoredDeadLetter& letter) {
  base::Json json{{"id", letter.id},
                  {"device_id", OrNull(letter.device_id)},
                  {"topic", letter.topic},
                  {"payload", letter.payload}};
  if (!sql::IsStorableText(letter.payload)) {
    json["payload_base64"] = base::EncodeBase64(letter.payload);
  }
  json["reason"] = letter.reason;
  json["detail"] = letter.detail;
  json["received_at"] = Time(letter.received_at);
  return json;
}

base::Json ToJson(const mqtt::ClientInfo& client) {
  return {{"client_id", client.client_id},
          {"username", client.username},
          {"address", client.address},
          {"transport", mqtt::TransportName(client.transport)},
          {"protocol", client.version == mqtt::Version::k5 ? "5.0" : "3.1.1"},
          {"connected_at", Time(client.connected_at)},
          {"keep_alive_s", client.keep_alive.count()},
          {"clean_start", client.clean_start},
          {"session_expiry_s", client.session_expiry.count()},
          {"subscriptions", client.subscriptions},
          {"messages_received", client.messages_received},
          {"messages_sent", client.messages_sent},
          {"bytes_received", client.bytes_received},
          {"bytes_sent", client.bytes_sent},
          {"messages_dropped", client.messages_dropped},
          {"inflight_received", client.inflight_received},
          {"inflight_sent", client.inflight_sent},
          {"queued", client.queued},
          {"last_error", client.last_error.empty() ? base::Json() : base::Json(client.last_error)}};
}

base::Json ToJson(const mqtt::ClientError& error) {
  return {{"time", Time(error.time)},
          {"client_id", error.client_id},
          {"username", error.username},
          {"address", error.address},
          {"transport", mqtt::TransportName(error.transport)},
          {"error", error.error}};
}

base::Json ToJson(const mqtt::TracedPacket& packet) {
  base::Json json{{"time", Time(packet.time)},
                  {"direction", packet.received ? "in" : "out"},
                  {"type", mqtt::PacketTypeName(packet.type)},
                  {"bytes", packet.bytes}};
  if (packet.packet_id != 0) json["packet_id"] = packet.packet_id;
  if (!packet.topic.empty()) json["topic"] = packet.topic;
  if (packet.type == mqtt::PacketType::kPublish) {
    json["qos"] = packet.qos;
    json["retain"] = packet.retain;
    json["dup"] = packet.dup;
  }
  if (!packet.payload) return json;
  json["payload"] = *packet.payload;
  if (!sql::IsStorableText(*packet.payload)) {
    json["payload_base64"] = base::EncodeBase64(*packet.payload);
  }
  return json;
}

base::Json ToJson(const auth::ListedCredential& credential) {
  return {{"username", credential.username},
          {"device_id", OrNull(credential.device_id)},
          {"created_at", Time(credential.created_at)},
          {"last_used", TimeOrNull(credential.last_used)}};
}

base::Json ToJson(const auth::ListedAclRule& rule) {
  return {{"id", rule.id},
          {"username", rule.username},
          {"topic", rule.rule.topic},
          {"action", auth::ActionName(rule.rule.action)},
          {"effect", rule.rule.allow ? "allow" : "deny"},
          {"created_at", Time(rule.created_at)}};
}

}  // namespace energy::api
