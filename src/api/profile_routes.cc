#include "api/entity_tag.h"
#include "api/input.h"
#include "api/json_views.h"
#include "api/profile_impact.h"
#include "api/resources.h"
#include "base/versions.h"
#include "devices/profile_json.h"
#include "devices/validation.h"

namespace energy::api {
namespace {

using auth::Claims;
using http::Method;
using http::Request;

struct Options {
  bool force = false;
  bool dry_run = false;
};

base::Result<Options> ReadOptions(Request& request) {
  QueryInput input(request);
  const auto is = [&](const char* name) {
    const auto parse = [](std::string_view text) -> std::optional<bool> {
      if (text == "true") return true;
      if (text == "false") return false;
      return std::nullopt;
    };
    return input.Enum(name, parse, "true, false").value_or(false);
  };
  const Options options{is("force"), is("dry_run")};
  ENERGY_RETURN_IF_ERROR(input.Check());
  return options;
}

struct ProfileInput {
  devices::Profile profile;
  std::optional<int64_t> version;
};

base::Result<ProfileInput> ReadProfile(Request& request, bool with_type) {
  BodyInput input(request);
  ProfileInput read;
  read.profile.type = with_type ? input.RequiredText("type") : std::string(request.Param("type"));
  const auto fields = input.Array("fields");
  if (!with_type) read.version = input.Integer("version");
  ENERGY_RETURN_IF_ERROR(input.Check());
  ENERGY_ASSIGN_OR_RETURN(read.profile.fields, devices::FieldsFromJson(*fields));
  ENERGY_RETURN_IF_ERROR(devices::Validate(read.profile));
  return read;
}

// The profile with what the change did, or would do, to others.
base::Json Changed(const devices::Profile& profile, const ProfileImpact& impact) {
  base::Json json = ToJson(profile);
  json["impact"] = ToJson(impact);
  return json;
}

base::Result<base::Json> Create(Request& request, IfMatch&, const ProfileRouteParts& parts) {
  ENERGY_ASSIGN_OR_RETURN(const Options options, ReadOptions(request));
  ENERGY_ASSIGN_OR_RETURN(const ProfileInput input, ReadProfile(request, true));
  ENERGY_ASSIGN_OR_RETURN(
      const ProfileImpact impact,
      ImpactOf(input.profile.type, nullptr, &input.profile, parts.registry, parts.rules));
  if (options.dry_run) {
    if (parts.devices.GetProfile(input.profile.type).ok()) {
      return base::Conflict("There is a profile of this type already: change it instead.");
    }
    return Changed(input.profile, impact);
  }
  if (!options.force) ENERGY_RETURN_IF_ERROR(Refuse(impact));
  ENERGY_ASSIGN_OR_RETURN(const devices::Profile created,
                          parts.devices.CreateProfile(input.profile));
  return Changed(created, impact);
}

base::Result<base::Json> Replace(Request& request, IfMatch& condition,
                                 const ProfileRouteParts& parts) {
  ENERGY_ASSIGN_OR_RETURN(const Options options, ReadOptions(request));
  ENERGY_ASSIGN_OR_RETURN(ProfileInput input, ReadProfile(request, false));
  ENERGY_ASSIGN_OR_RETURN(const devices::Profile before,
                          parts.devices.GetProfile(input.profile.type));
  ENERGY_RETURN_IF_ERROR(condition.Guard([&] { return before.version; }, input.version));
  ENERGY_ASSIGN_OR_RETURN(
      const ProfileImpact impact,
      ImpactOf(input.profile.type, &before, &input.profile, parts.registry, parts.rules));
  if (options.dry_run) {
    if (input.version.value_or(before.version) != before.version) {
      return base::StaleVersion("profile", before.version);
    }
    return Changed(input.profile, impact);
  }
  if (!options.force) ENERGY_RETURN_IF_ERROR(Refuse(impact));
  // The impact was judged against the version read above.
  ENERGY_ASSIGN_OR_RETURN(
      const devices::Profile stored,
      parts.devices.PutProfile(input.profile, input.version.value_or(before.version)));
  return Changed(stored, impact);
}

base::Result<base::Json> Delete(Request& request, IfMatch& condition,
                                const ProfileRouteParts& parts) {
  ENERGY_RETURN_IF_ERROR(QueryInput(request).Check());
  const std::string type(request.Param("type"));
  ENERGY_ASSIGN_OR_RETURN(const devices::Profile before, parts.devices.GetProfile(type));
  std::optional<int64_t> version;
  ENERGY_RETURN_IF_ERROR(condition.Guard([&] { return before.version; }, version));
  ENERGY_ASSIGN_OR_RETURN(const ProfileImpact impact,
                          ImpactOf(type, &before, nullptr, parts.registry, parts.rules));
  ENERGY_RETURN_IF_ERROR(parts.devices.DeleteProfile(type, version));
  return base::Json{{"message", "The profile is removed; readings of " +
                                    std::to_string(impact.devices) +
                                    " device(s) of its type are no longer checked."}};
}

}  // namespace

void AddProfileRoutes(Routes& routes, ProfileRouteParts parts, const Envelope& envelope) {
  const auto add = [&](Method method, std::string_view pattern, auto handler, int status) {
    routes.Add(method, pattern,
               [parts, handler, status, &envelope](Request& request, const Claims&) {
                 // What was only looked at is not created.
                 const bool changes = request.Query("dry_run") != "true";
                 IfMatch condition(request);
                 const auto done = handler(request, condition, parts);
                 return done.ok() ? envelope.Ok(*done, changes ? status : 200)
                                  : condition.Error(done.status(), envelope);
               });
  };
  routes.Add(Method::kGet, "/api/profiles", [parts, &envelope](Request& request, const Claims&) {
    QueryInput input(request);
    const std::string sort = input.Text("sort").value_or("");
    const sql::Page page = input.Page();
    if (const auto status = input.Check(); !status.ok()) return envelope.Error(status);
    return envelope.From(parts.devices.ListProfiles(sort, page),
                         [](const auto& listing) { return ListToJson("profiles", listing); });
  });
  routes.Add(Method::kGet, "/api/profiles/{type}",
             [parts, &envelope](Request& request, const Claims&) {
               const auto profile = parts.devices.GetProfile(request.Param("type"));
               if (!profile.ok()) return envelope.Error(profile.status());
               return WithEntityTag(request, envelope.Ok(ToJson(*profile)), profile->version);
             });
  add(Method::kPost, "/api/profiles", Create, 201);
  add(Method::kPut, "/api/profiles/{type}", Replace, 200);
  add(Method::kDelete, "/api/profiles/{type}", Delete, 200);
}

}  // namespace energy::api
