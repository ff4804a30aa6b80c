#include <map>
#include <mutex>

#include "api/resources.h"

namespace energy::api {
namespace {

using http::Request;
using http::WebSocketAccept;
using http::WebSocketSession;

// Open sessions and what each watches.
class LiveSessions {
 public:
  explicit LiveSessions(telemetry::LiveHub& hub) : hub_(hub) {}

  // Between the answer and the first message.
  struct Admitted {
    series::DeviceRef device;
    LivePlaces::Place place;
  };

  void Open(const Admitted& admitted, const std::shared_ptr<WebSocketSession>& session) {
    const series::DeviceRef device = admitted.device;
    Watched open{admitted.place,
                 hub_.Add(device, [session](const std::shared_ptr<const std::string>& reading) {
                   session->Send(reading);
                 })};
    {
      std::lock_guard lock(mutex_);
      open_[session.get()] = std::move(open);
    }
    if (auto latest = hub_.LatestJson(device)) session->Send(std::move(latest));
  }

  void Close(const std::shared_ptr<WebSocketSession>& session) {
    Watched ended;
    std::lock_guard lock(mutex_);
    const auto found = open_.find(session.get());
    if (found == open_.end()) return;
    ended = std::move(found->second);
    open_.erase(found);
  }

 private:
  struct Watched {
    LivePlaces::Place place;
    std::unique_ptr<telemetry::LiveHub::Watch> watch;
  };

  telemetry::LiveHub& hub_;
  std::mutex mutex_;
  std::map<WebSocketSession*, Watched> open_;  // guarded by mutex_
};

struct Offer {
  std::string token;
  bool by_subprotocol = false;
};

// "bearer, <token>" in Sec-WebSocket-Protocol, or the Authorization header (decision 7).
Offer TokenOf(const Request& request) {
  std::string_view offered = request.Header("Sec-WebSocket-Protocol");
  const size_t comma = offered.find(',');
  if (comma != std::string_view::npos && offered.substr(0, comma) == "bearer") {
    offered.remove_prefix(comma + 1);
    while (offered.starts_with(' ')) offered.remove_prefix(1);
    while (offered.ends_with(' ')) offered.remove_suffix(1);
    return {std::string(offered), true};
  }
  return {std::string(request.Header("Authorization")), false};
}

// A browser names the page's origin; only pages of this server may listen.
bool FromThisServer(const Request& request) {
  const std::string_view origin = request.Header("Origin");
  if (origin.empty()) return true;
  const size_t scheme = origin.find("://");
  return scheme != std::string_view::npos && origin.substr(scheme + 3) == request.Header("Host");
}

std::string MissedMessage(uint64_t missed) {
  return R"({"missed":)" + std::to_string(missed) + "}";
}

}  // namespace

void AddLiveRoute(Routes& routes, LiveRouteParts parts, const Envelope& envelope) {
  auto sessions = std::make_shared<LiveSessions>(parts.hub);
  auto places = std::make_shared<LivePlaces>(parts.limits);
  http::WebSocketHandler handler;
  handler.authorize = [parts, places, &envelope](Request& request) {
    WebSocketAccept answer;
    const auto refuse = [&](const base::Status& status) {
      answer.refusal = envelope.Error(status);
      answer.refuse_status = answer.refusal.status;
      return answer;
    };
    if (!FromThisServer(request)) {
      return refuse(base::PermissionDenied("The page is not from this server."));
    }
    const Offer offer = TokenOf(request);
    const auto caller = parts.auth.Authenticate(offer.token);
    if (!caller.ok()) return refuse(caller.status());
    const base::Status allowed =
        CheckAccess(*FindAccess(http::Method::kGet, request.route), *caller);
    if (!allowed.ok()) return refuse(allowed);
    const std::string id(request.Param("id"));
    if (!parts.registry.Find(id)) return refuse(base::NotFound("no device '" + id + "'"));
    const auto device = parts.store.OpenDevice(id);
    if (!device.ok()) return refuse(device.status());
    auto place = places->Take(caller->is_api_key() ? caller->api_key_id : caller->user_id,
                              request.remote_address);
    if (!place.ok()) return refuse(place.status());
    request.context = LiveSessions::Admitted{*device, std::move(place).value()};
    answer.accept = true;
    if (offer.by_subprotocol) answer.subprotocol = "bearer";
    answer.missed_message = MissedMessage;
    return answer;
  };
  handler.on_open = [sessions](const Request& request, std::shared_ptr<WebSocketSession> session) {
    sessions->Open(std::any_cast<const LiveSessions::Admitted&>(request.context), session);
  };
  handler.on_close = [sessions](const std::shared_ptr<WebSocketSession>& session) {
    sessions->Close(session);
  };
  routes.router().AddWebSocket("/api/data/telemetry/{id}/live", std::move(handler));
}

}  // namespace energy::api
