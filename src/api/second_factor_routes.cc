#include "api/answer_later.h"
#include "api/input.h"
#include "api/resources.h"

namespace energy::api {
namespace {

using auth::Claims;
using http::Method;
using http::Request;
using http::Response;
using Service = auth::SecondFactorService;

Response Begin(Request& request, const Claims& caller, Service& service, const Envelope& envelope) {
  BodyInput input(request);
  const std::string password = input.RequiredText("password");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(service.Begin(ActorOf(request, caller), password),
                       [](const auth::SecondFactor::Enrolment& enrolment) -> base::Json {
                         return {{"secret", enrolment.secret}, {"uri", enrolment.uri}};
                       });
}

Response Disable(Request& request, const Claims& caller, Service& service,
                 const Envelope& envelope) {
  BodyInput input(request);
  const std::string password = input.RequiredText("password");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  const base::Status status = service.Disable(ActorOf(request, caller), password);
  if (!status.ok()) return envelope.Error(status);
  return envelope.Ok({{"message", "Logins take the password alone again."}});
}

Response Confirm(Request& request, const Claims& caller, Service& service,
                 const Envelope& envelope) {
  BodyInput input(request);
  const std::string code = input.RequiredText("code");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(service.Confirm(ActorOf(request, caller), code),
                       [](const std::vector<std::string>& codes) -> base::Json {
                         return {{"recovery_codes", codes}};
                       });
}

}  // namespace

void AddSecondFactorRoutes(Routes& routes, SecondFactorRouteParts parts, const Envelope& envelope) {
  Service& service = parts.service;
  using Handler = Response (*)(Request&, const Claims&, Service&, const Envelope&);
  const auto add_slow = [&](Method method, std::string_view pattern, Handler handler) {
    routes.Add(method, pattern,
               [parts, &envelope, handler](Request& request, const Claims& caller) {
                 return AnswerOn(parts.passwords, request, envelope,
                                 [parts, &envelope, handler, caller](Request& kept) {
                                   return handler(kept, caller, parts.service, envelope);
                                 });
               });
  };
  add_slow(Method::kPost, "/api/auth/second-factor", Begin);
  add_slow(Method::kPost, "/api/auth/second-factor/disable", Disable);
  routes.Add(Method::kPost, "/api/auth/second-factor/confirm",
             [&](Request& request, const Claims& caller) {
               return Confirm(request, caller, service, envelope);
             });
  routes.Add(Method::kGet, "/api/auth/second-factor", [&](Request&, const Claims& caller) {
    return envelope.From(
        service.Get(caller.user_id), [](const auth::SecondFactor::State& state) -> base::Json {
          return {{"enabled", state.enabled}, {"recovery_codes_left", state.recovery_codes_left}};
        });
  });
  routes.Add(Method::kDelete, "/api/users/{id}/second-factor",
             [&](Request& request, const Claims& caller) {
               const base::Status status =
                   service.Reset(ActorOf(request, caller), request.Param("id"));
               if (!status.ok()) return envelope.Error(status);
               return envelope.Ok({{"message", "The user logs in with the password alone."}});
             });
}

}  // namespace energy::api
