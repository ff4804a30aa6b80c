#include "api/live_sessions.h"
#include "api/resources.h"

namespace energy::api {
namespace {

using http::Request;
using http::WebSocketSession;

// Between the answer and the first message.
struct Admitted {
  series::DeviceRef device;
  LivePlaces::Place place;
};

base::Result<Admitted> Admit(const LiveRouteParts& parts, const Request& request) {
  ENERGY_ASSIGN_OR_RETURN(const auth::Claims caller, LiveCaller(request, parts.auth));
  const std::string id(request.Param("id"));
  if (!parts.registry.Find(id)) return base::NotFound("no device '" + id + "'");
  ENERGY_ASSIGN_OR_RETURN(const series::DeviceRef device, parts.store.OpenDevice(id));
  ENERGY_ASSIGN_OR_RETURN(LivePlaces::Place place, TakePlace(*parts.places, caller, request));
  return Admitted{device, std::move(place)};
}

void Open(const Admitted& admitted, telemetry::LiveHub& hub, LiveSessions& sessions,
          const std::shared_ptr<WebSocketSession>& session) {
  sessions.Open(session, admitted.place, hub.Add(admitted.device, [session](const auto& reading) {
    session->Send(reading);
  }));
  if (auto latest = hub.LatestJson(admitted.device)) session->Send(std::move(latest));
}

}  // namespace

void AddLiveRoute(Routes& routes, LiveRouteParts parts, const Envelope& envelope) {
  auto sessions = std::make_shared<LiveSessions>();
  http::WebSocketHandler handler;
  handler.authorize = [parts, &envelope](Request& request) {
    auto admitted = Admit(parts, request);
    if (!admitted.ok()) return RefuseLive(admitted.status(), envelope);
    request.context = std::move(admitted).value();
    return AcceptLive(request);
  };
  handler.on_open = [sessions, &hub = parts.hub](const Request& request,
                                                 std::shared_ptr<WebSocketSession> session) {
    Open(std::any_cast<const Admitted&>(request.context), hub, *sessions, session);
  };
  handler.on_close = [sessions](const std::shared_ptr<WebSocketSession>& session) {
    sessions->Close(session);
  };
  routes.router().AddWebSocket("/api/data/telemetry/{id}/live", std::move(handler));
}

}  // namespace energy::api
