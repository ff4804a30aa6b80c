#pragma once

#include "api/routes.h"

namespace energy::api {

/// Adds routes whose handlers need one part of the platform and nothing of the caller.
template <typename Part>
class PartRoutes {
 public:
  using Handler = http::Response (*)(http::Request&, Part&, const Envelope&);

  PartRoutes(Routes& routes, Part& part, const Envelope& envelope)
      : routes_(routes), part_(part), envelope_(envelope) {}

  void Add(http::Method method, std::string_view pattern, Handler handler) {
    routes_.Add(method, pattern,
                [&part = part_, &envelope = envelope_, handler](http::Request& request,
                                                                const auth::Claims&) {
                  return handler(request, part, envelope);
                });
  }

 private:
  Routes& routes_;
  Part& part_;
  const Envelope& envelope_;
};

}  // namespace energy::api
