#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "api/access.h"
#include "api/envelope.h"
#include "api/live_places.h"
#include "auth/auth_service.h"
#include "http/websocket.h"

namespace energy::api {

/// Who asks for a live connection: "bearer, <token>" in Sec-WebSocket-Protocol, or the
/// Authorization header (decision 7). Errors: kPermissionDenied for a page of another server and a
/// role or key that may not, kUnauthenticated.
base::Result<auth::Claims> LiveCaller(const http::Request& request, auth::AuthService& auth);

/// A place for `caller`. Errors: kRateLimited.
base::Result<LivePlaces::Place> TakePlace(LivePlaces& places, const auth::Claims& caller,
                                          const http::Request& request);

/// The answers to the request. A reader that is too slow is told how many messages it missed.
http::WebSocketAccept AcceptLive(const http::Request& request);
http::WebSocketAccept RefuseLive(const base::Status& status, const Envelope& envelope);

/// What belongs to each open session, until it closes. Threads: safe anywhere.
class LiveSessions {
 public:
  void Open(const std::shared_ptr<http::WebSocketSession>& session, LivePlaces::Place place,
            std::shared_ptr<void> watch);
  void Close(const std::shared_ptr<http::WebSocketSession>& session);

 private:
  struct Watched {
    LivePlaces::Place place;
    std::shared_ptr<void> watch;
  };

  std::mutex mutex_;
  std::map<http::WebSocketSession*, Watched> open_;  // guarded by mutex_
};

}  // namespace energy::api
