#include "api/live_sessions.h"

namespace energy::api {
namespace {

using http::Request;

struct Offer {
  std::string token;
  bool by_subprotocol = false;
};

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

base::Result<auth::Claims> LiveCaller(const Request& request, auth::AuthService& auth) {
  if (!FromThisServer(request)) {
    return base::PermissionDenied("The page is not from this server.");
  }
  ENERGY_ASSIGN_OR_RETURN(auth::Claims caller, auth.Authenticate(TokenOf(request).token));
  ENERGY_RETURN_IF_ERROR(CheckAccess(*FindAccess(http::Method::kGet, request.route), caller));
  return caller;
}

base::Result<LivePlaces::Place> TakePlace(LivePlaces& places, const auth::Claims& caller,
                                          const Request& request) {
  return places.Take(caller.is_api_key() ? caller.api_key_id : caller.user_id,
                     request.remote_address);
}

http::WebSocketAccept AcceptLive(const Request& request) {
  http::WebSocketAccept answer;
  answer.accept = true;
  if (TokenOf(request).by_subprotocol) answer.subprotocol = "bearer";
  answer.missed_message = MissedMessage;
  return answer;
}

http::WebSocketAccept RefuseLive(const base::Status& status, const Envelope& envelope) {
  http::WebSocketAccept answer;
  answer.refusal = envelope.Error(status);
  answer.refuse_status = answer.refusal.status;
  return answer;
}

void LiveSessions::Open(const std::shared_ptr<http::WebSocketSession>& session,
                        LivePlaces::Place place, std::shared_ptr<void> watch) {
  std::lock_guard lock(mutex_);
  open_[session.get()] = {std::move(place), std::move(watch)};
}

void LiveSessions::Close(const std::shared_ptr<http::WebSocketSession>& session) {
  Watched ended;
  std::lock_guard lock(mutex_);
  const auto found = open_.find(session.get());
  if (found == open_.end()) return;
  ended = std::move(found->second);
  open_.erase(found);
}

}  // namespace energy::api
