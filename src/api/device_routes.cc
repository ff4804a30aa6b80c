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
  devices::DeviceFilter filter;
  filter.type = input.Text("type");
  filter.status = input.Enum("status", devices::ParseStatus, kStatuses);
  filter.location = input.Text("location");
  filter.search = input.Text("search").value_or("");
  filter.sort = input.Text("sort").value_or("");
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
  return envelope.From(devices.Update(request.Param("id"), patch),
                       [](const auto& updated) { return ToJson(updated); });
}

Response State(Request& request, const DeviceRouteParts& parts, const Envelope& envelope) {
  const auto device = parts.devices.Get(request.Param("id"));
  if (!device.ok()) return envelope.Error(device.status());
  const auto interval = devices::ReportingInterval(device->metadata);
  const bool online =
      device->last_seen && parts.clock.Now() - *device->last_seen <= kMissedIntervals * interval;
  const auto latest = parts.queries.LatestJson(device->id);
  return envelope.OkText(
      base::Json({{"id", device->id},
                  {"status", devices::StatusName(device->status)},
                  {"last_seen", TimeOrNull(device->last_seen)},
                  {"online", online},
                  {"latest", latest ? base::Json::parse(*latest) : base::Json()}})
          .dump());
}

Response Credentials(Request& request, const DeviceRouteParts& parts, const Envelope& envelope) {
  const auto device = parts.devices.Get(request.Param("id"));
  if (!device.ok()) return envelope.Error(device.status());
  return envelope.From(
      parts.mqtt_access.Issue(device->id),
      [](const auth::IssuedCredential& issued) -> base::Json {
        return {
            {"username", issued.username}, {"password", issued.password}, {"topic", issued.topic}};
      },
      201);
}

}  // namespace

void AddDeviceRoutes(Routes& routes, DeviceRouteParts parts, const Envelope& envelope) {
  devices::DeviceService& devices = parts.devices;
  routes.Add(Method::kGet, "/api/devices", Access::kRead,
             [&](Request& request, const Claims&) { return List(request, devices, envelope); });
  routes.Add(Method::kPost, "/api/devices", Access::kAdmin,
             [&](Request& request, const Claims&) { return Create(request, devices, envelope); });
  routes.Add(Method::kGet, "/api/devices/{id}", Access::kRead,
             [&](Request& request, const Claims&) {
               return envelope.From(devices.Get(request.Param("id")),
                                    [](const auto& device) { return ToJson(device); });
             });
  routes.Add(Method::kPut, "/api/devices/{id}", Access::kOperate,
             [&](Request& request, const Claims&) { return Update(request, devices, envelope); });
  routes.Add(Method::kDelete, "/api/devices/{id}", Access::kAdmin,
             [&](Request& request, const Claims&) {
               const base::Status status = devices.Delete(request.Param("id"));
               if (!status.ok()) return envelope.Error(status);
               return envelope.Ok({{"message", "The device is removed; its telemetry is kept."}});
             });
  routes.Add(Method::kGet, "/api/devices/{id}/status", Access::kRead,
             [parts, &envelope](Request& request, const Claims&) {
               return State(request, parts, envelope);
             });
  routes.Add(Method::kPost, "/api/devices/{id}/credentials", Access::kAdmin,
             [parts, &envelope](Request& request, const Claims&) {
               return Credentials(request, parts, envelope);
             });
  routes.Add(Method::kGet, "/api/profiles", Access::kRead, [&](Request& request, const Claims&) {
    QueryInput input(request);
    const sql::Page page = input.Page();
    if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
    return envelope.From(devices.ListProfiles(page),
                         [](const auto& listing) { return ListToJson("profiles", listing); });
  });
  routes.Add(Method::kGet, "/api/profiles/{type}", Access::kRead,
             [&](Request& request, const Claims&) {
               return envelope.From(devices.GetProfile(request.Param("type")),
                                    [](const auto& profile) { return ToJson(profile); });
             });
}

}  // namespace energy::api
