#include "api/input.h"
#include "api/live_sessions.h"
#include "api/resources.h"

namespace energy::api {
namespace {

using http::Request;
using http::WebSocketSession;

// Between the answer and the first message.
struct Admitted {
  alerts::LiveFilter filter;
  LivePlaces::Place place;
};

base::Result<Admitted> Admit(const AlertLiveRouteParts& parts, const Request& request) {
  ENERGY_ASSIGN_OR_RETURN(const auth::Claims caller, LiveCaller(request, parts.auth));
  QueryInput input(request);
  Admitted admitted;
  for (const std::string& name :
       input.EnumList("severity", rules::ParseSeverity, "low, medium, high, critical")) {
    if (const auto severity = rules::ParseSeverity(name)) {
      admitted.filter.severities.push_back(*severity);
    }
  }
  admitted.filter.device_id = input.Text("device_id");
  ENERGY_RETURN_IF_ERROR(input.Check());
  ENERGY_ASSIGN_OR_RETURN(admitted.place, TakePlace(*parts.places, caller, request));
  return admitted;
}

}  // namespace

void AddAlertLiveRoute(Routes& routes, AlertLiveRouteParts parts, const Envelope& envelope) {
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
    const auto& admitted = std::any_cast<const Admitted&>(request.context);
    sessions->Open(session, admitted.place, hub.Add(admitted.filter, [session](const auto& change) {
      session->Send(change);
    }));
  };
  handler.on_close = [sessions](const std::shared_ptr<WebSocketSession>& session) {
    sessions->Close(session);
  };
  routes.router().AddWebSocket("/api/alerts/live", std::move(handler));
}

}  // namespace energy::api
