#include "api/answer_later.h"
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

constexpr const char* kRoles = "admin, engineer, viewer";

std::optional<bool> ParseFlag(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

Response Register(Request& request, const Claims& caller, auth::UserService& users,
                  const Envelope& envelope) {
  BodyInput input(request);
  const std::string email = input.RequiredText("email");
  const std::string full_name = input.RequiredText("full_name");
  const auto role = input.Enum("role", auth::ParseRole, kRoles);
  if (!role && !input.Has("role")) input.Fail("role", "is missing");
  const std::string password = input.RequiredText("password");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(
      users.Create(ActorOf(request, caller), email, full_name, *role, password),
      [](const auth::User& user) { return ToJson(user); }, 201);
}

Response List(Request& request, auth::UserService& users, const Envelope& envelope) {
  QueryInput input(request);
  auth::UserFilter filter;
  filter.role = input.Enum("role", auth::ParseRole, kRoles);
  filter.is_active = input.Enum("is_active", ParseFlag, "true, false");
  filter.search = input.Text("search").value_or("");
  filter.sort = input.Text("sort").value_or("");
  const sql::Page page = input.Page();
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(users.List(filter, page),
                       [](const auto& listing) { return ListToJson("users", listing); });
}

Response Update(Request& request, const Claims& caller, auth::UserService& users,
                const Envelope& envelope) {
  BodyInput input(request);
  auth::UserPatch patch;
  patch.full_name = input.Text("full_name");
  patch.role = input.Enum("role", auth::ParseRole, kRoles);
  patch.is_active = input.Flag("is_active");
  patch.version = input.Integer("version");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  const std::string_view id = request.Param("id");
  IfMatch condition(request);
  const base::Status holds = condition.Guard(
      [&]() -> base::Result<int64_t> {
        ENERGY_ASSIGN_OR_RETURN(const auth::User user, users.Get(id));
        return user.version;
      },
      patch.version);
  if (!holds.ok()) return condition.Error(holds, envelope);
  const auto updated = users.Update(ActorOf(request, caller), id, patch);
  return updated.ok() ? envelope.Ok(ToJson(*updated)) : condition.Error(updated.status(), envelope);
}

Response ResetPassword(Request& request, const Claims& caller, auth::UserService& users,
                       const Envelope& envelope) {
  BodyInput input(request);
  const std::string password = input.RequiredText("password");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  const base::Status status =
      users.ResetPassword(ActorOf(request, caller), request.Param("id"), password);
  if (!status.ok()) return envelope.Error(status);
  return envelope.Ok({{"message", "The password is set; the user's sessions are over."}});
}

Response ChangePassword(Request& request, const Claims& caller, auth::UserService& users,
                        const Envelope& envelope) {
  BodyInput input(request);
  const std::string present = input.RequiredText("current_password");
  const std::string next = input.RequiredText("new_password");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  const base::Status status =
      users.ChangePassword(ActorOf(request, caller), caller.session_id, present, next);
  if (!status.ok()) return envelope.Error(status);
  return envelope.Ok({{"message", "The password is changed; your other sessions are over."}});
}

}  // namespace

void AddUserRoutes(Routes& routes, AuthRouteParts parts, const Envelope& envelope) {
  using Handler = Response (*)(Request&, const Claims&, auth::UserService&, const Envelope&);
  const auto add_slow = [&](Method method, std::string_view pattern, Handler handler) {
    routes.Add(method, pattern,
               [parts, &envelope, handler](Request& request, const Claims& caller) {
                 return AnswerOn(parts.passwords, request, envelope,
                                 [&users = parts.users, &envelope, handler, caller](Request& kept) {
                                   return handler(kept, caller, users, envelope);
                                 });
               });
  };
  add_slow(Method::kPost, "/api/auth/register", Register);
  add_slow(Method::kPost, "/api/auth/password", ChangePassword);
  add_slow(Method::kPost, "/api/users/{id}/password", ResetPassword);
  auth::UserService& users = parts.users;
  routes.Add(Method::kGet, "/api/users",
             [&](Request& request, const Claims&) { return List(request, users, envelope); });
  routes.Add(Method::kGet, "/api/users/{id}", [&](Request& request, const Claims&) {
    const auto user = users.Get(request.Param("id"));
    if (!user.ok()) return envelope.Error(user.status());
    return WithEntityTag(request, envelope.Ok(ToJson(*user)), user->version);
  });
  routes.Add(Method::kPut, "/api/users/{id}", [&](Request& request, const Claims& caller) {
    return Update(request, caller, users, envelope);
  });
}

}  // namespace energy::api
