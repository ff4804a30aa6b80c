#include "api/answer_later.h"
#include "api/device_filter.h"
#include "api/entity_tag.h"
#include "api/input.h"
#include "api/json_views.h"
#include "api/resources.h"

namespace energy::api {
namespace {

using auth::Claims;
using http::Method;
using http::Request;
using http::Response;

constexpr const char* kStatuses = "active, inactive, maintenance, error";
// A device counts as online until this many reporting intervals passed without a reading.
constexpr int kMissedIntervals = 3;

Response List(Request& request, devices::DeviceService& devices, const Envelope& envelope) {
  QueryInput input(request);
  const devices::DeviceFilter filter = ReadDeviceFilter(input);
  const sql::Page page = input.Page();
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(devices.List(filter, page),
                       [](const auto& listing) { return ListToJson("devices", listing); });
}

Response Create(Request& request, devices::DeviceService& devices, const Envelope& envelope) {
  BodyInput input(request);
  devices::NewDevice device;
  device.id = input.RequiredText("id");
  device.name = input.RequiredText("name");
  device.type = input.RequiredText("type");
  device.location = input.NullableText("location").value_or(std::nullopt);
  device.status = input.Enum("status", devices::ParseStatus, kStatuses).value_or(device.status);
  device.metadata = input.Object("metadata").value_or(base::Json::object());
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(
      devices.Create(device), [](const auto& created) { return ToJson(created); }, 201);
}

Response Show(const Request& request, const devices::DeviceView& view, const Envelope& envelope) {
  return WithEntityTag(request, envelope.OkText(view.json), view.device.version);
}

// What is known in memory is answered on the thread of the request; for the rest it asks a worker.
Response Get(Request& request, const DeviceRouteParts& parts, const Envelope& envelope) {
  if (const auto known = parts.devices.Known(request.Param("id"))) {
    return Show(request, *known, envelope);
  }
  const auto ask = [&devices = parts.devices, &envelope](Request& kept) {
    const auto view = devices.View(kept.Param("id"));
    return view.ok() ? Show(kept, **view, envelope) : envelope.Error(view.status());
  };
  if (parts.read == http::Run::kWorker) return ask(request);
  return AnswerOn(parts.workers, request, envelope, ask);
}

// Ok when If-Match holds; then `version` is what the change is made from.
base::Status Guard(IfMatch& condition, std::string_view id, devices::DeviceService& devices,
                   std::optional<int64_t>& version) {
  return condition.Guard(
      [&]() -> base::Result<int64_t> {
        ENERGY_ASSIGN_OR_RETURN(const devices::Device device, devices.Get(id));
        return device.version;
      },
      version);
}

Response Update(Request& request, devices::DeviceService& devices, const Envelope& envelope) {
  BodyInput input(request);
  devices::DevicePatch patch;
  patch.name = input.Text("name");
  patch.type = input.Text("type");
  patch.location = input.NullableText("location");
  patch.status = input.Enum("status", devices::ParseStatus, kStatuses);
  patch.metadata = input.Object("metadata");
  patch.version = input.Integer("version");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  const std::string_view id = request.Param("id");
  IfMatch condition(request);
  const base::Status holds = Guard(condition, id, devices, patch.version);
  if (!holds.ok()) return condition.Error(holds, envelope);
  const auto updated = devices.Update(id, patch);
  return updated.ok() ? envelope.Ok(ToJson(*updated)) : condition.Error(updated.status(), envelope);
}

Response State(Request& request, const DeviceRouteParts& parts, const Envelope& envelope) {
  const auto device = parts.devices.Get(request.Param("id"));
  if (!device.ok()) return envelope.Error(device.status());
  const auto interval = devices::ReportingInterval(device->metadata);
  const bool online =
      device->last_seen && parts.clock.Now() - *device->last_seen <= kMissedIntervals * interval;
  const auto latest = parts.queries.Latest(device->id);
  return envelope.Ok({{"id", device->id},
                      {"status", devices::StatusName(device->status)},
                      {"last_seen", TimeOrNull(device->last_seen)},
                      {"online", online},
                      {"latest", latest ? ToJson(*latest) : base::Json()}});
}

Response Delete(Request& request, devices::DeviceService& devices, const Envelope& envelope) {
  QueryInput input(request);
  const auto parse = [](std::string_view text) -> std::optional<devices::Telemetry> {
    if (text == "keep") return devices::Telemetry::kKeep;
    if (text == "delete") return devices::Telemetry::kDelete;
    return std::nullopt;
  };
  const auto telemetry =
      input.Enum("telemetry", parse, "keep, delete").value_or(devices::Telemetry::kKeep);
  base::Status status = input.Check();
  IfMatch condition(request);
  std::optional<int64_t> version;
  const std::string_view id = request.Param("id");
  if (status.ok()) status = Guard(condition, id, devices, version);
  if (status.ok()) status = devices.Delete(id, telemetry, version);
  if (!status.ok()) return condition.Error(status, envelope);
  const bool kept = telemetry == devices::Telemetry::kKeep;
  return envelope.Ok({{"message", kept ? "The device is removed; its telemetry is kept."
                                       : "The device is removed, its telemetry too."},
                      {"telemetry", kept ? "kept" : "deleted"}});
}

Response HealthOf(Request& request, health::HealthService& health, const Envelope& envelope) {
  if (const auto status = QueryInput(request).Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(health.Of(request.Param("id")),
                       [](const health::Health& found) { return ToJson(found); });
}

Response Credentials(Request& request, const DeviceRouteParts& parts, const Envelope& envelope) {
  const auto device = parts.devices.Get(request.Param("id"));
  if (!device.ok()) return envelope.Error(device.status());
  return envelope.From(
      parts.mqtt_credentials.Issue(device->id),
      [](const auth::IssuedCredential& issued) -> base::Json {
        return {
            {"username", issued.username}, {"password", issued.password}, {"topic", issued.topic}};
      },
      201);
}

}  // namespace

void AddDeviceRoutes(Routes& routes, DeviceRouteParts parts, const Envelope& envelope) {
  devices::DeviceService& devices = parts.devices;
  routes.Add(Method::kGet, "/api/devices",
             [&](Request& request, const Claims&) { return List(request, devices, envelope); });
  routes.Add(Method::kPost, "/api/devices",
             [&](Request& request, const Claims&) { return Create(request, devices, envelope); });
  routes.Add(
      Method::kGet, "/api/devices/{id}",
      [parts, &envelope](Request& request, const Claims&) { return Get(request, parts, envelope); },
      parts.read);
  routes.Add(Method::kPut, "/api/devices/{id}",
             [&](Request& request, const Claims&) { return Update(request, devices, envelope); });
  routes.Add(Method::kDelete, "/api/devices/{id}",
             [&](Request& request, const Claims&) { return Delete(request, devices, envelope); });
  routes.Add(Method::kGet, "/api/devices/{id}/health",
             [parts, &envelope](Request& request, const Claims&) {
               return HealthOf(request, parts.health, envelope);
             });
  routes.Add(Method::kGet, "/api/devices/{id}/status",
             [parts, &envelope](Request& request, const Claims&) {
               return State(request, parts, envelope);
             });
  routes.Add(Method::kPost, "/api/devices/{id}/credentials",
             [parts, &envelope](Request& request, const Claims&) {
               return Credentials(request, parts, envelope);
             });
}

}  // namespace energy::api
