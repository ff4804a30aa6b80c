#include "api/entity_tag.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "http/static_files.h"

namespace energy::api {
namespace {

using http::Request;
using http::Response;

constexpr const char* kField = "If-Match";

// FNV-1a (draft-eastlake-fnv): two versions of a resource are told apart, nobody is kept from
// making two that are not.
uint64_t Hash(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  return hash;
}

bool IsOneResource(const Request& request, const Response& response) {
  return request.method == http::Method::kGet && !response.more && !response.later &&
         request.route.ends_with('}') && request.route.starts_with("/api/") &&
         response.Header("ETag").empty() &&
         response.Header("Content-Type").starts_with("application/json");
}

// The version in a tag such as W/"3-0123456789abcdef"; nothing in another.
std::optional<int64_t> VersionIn(std::string_view tag) {
  const size_t quote = tag.find('"');
  if (quote == std::string_view::npos) return std::nullopt;
  tag.remove_prefix(quote + 1);
  int64_t version = 0;
  const auto [end, error] = std::from_chars(tag.data(), tag.data() + tag.size(), version);
  if (error != std::errc() || end == tag.data() + tag.size() || *end != '-') return std::nullopt;
  return version;
}

}  // namespace

Response WithEntityTag(const Request& request, Response response, std::optional<int64_t> version) {
  if (response.status != 200) return response;
  const std::string_view body = response.Body();
  // The envelope's last member is the time of the answer.
  const std::string_view lasting = body.substr(0, body.rfind(R"(,"timestamp":)"));
  char hash[17];
  std::snprintf(hash, sizeof(hash), "%016llx", static_cast<unsigned long long>(Hash(lasting)));
  const std::string tag = (version ? std::to_string(*version) + "-" : "") + hash;
  response.SetHeader("ETag", "W/\"" + tag + "\"");
  response.SetHeader("Cache-Control", "private, no-cache");
  if (!http::NamesTag(request.Header("If-None-Match"), tag)) return response;
  response.status = 304;
  response.body.clear();
  response.shared_body.reset();
  return response;
}

void UseEntityTags(http::Router& router) {
  router.Use([](Request& request, const http::Handler& next) {
    Response response = next(request);
    if (!IsOneResource(request, response)) return response;
    return WithEntityTag(request, std::move(response));
  });
}

IfMatch::IfMatch(const Request& request) {
  for (const auto& [name, value] : request.headers) {
    if (!http::EqualsIgnoreCase(name, kField)) continue;
    given_ = true;
    std::string_view rest = value;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(','), rest.size());
      const std::string_view tag = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const size_t first = tag.find_first_not_of(" \t");
      any_ = any_ || (first != std::string_view::npos && tag[first] == '*');
      if (const auto version = VersionIn(tag)) versions_.push_back(*version);
    }
  }
}

base::Status IfMatch::Guard(const std::function<base::Result<int64_t>()>& present,
                            std::optional<int64_t>& version) {
  if (!given_ || any_) return {};
  ENERGY_ASSIGN_OR_RETURN(const int64_t now, present());
  if (std::find(versions_.begin(), versions_.end(), now) == versions_.end()) {
    return base::Conflict(
        "the resource is not the one that If-Match names: load it again",
        {{kField, "takes the ETag of a GET; the present version is " + std::to_string(now)}});
  }
  guards_ = !version;
  if (!version) version = now;
  return {};
}

Response IfMatch::Error(const base::Status& status, const Envelope& envelope) const {
  Response response = envelope.Error(status);
  const bool failed =
      status.code() == base::Code::kConflict &&
      std::any_of(status.fields().begin(), status.fields().end(),
                  [this](const base::FieldError& field) {
                    return field.field == kField || (guards_ && field.field == "version");
                  });
  if (failed) response.status = 412;
  return response;
}

}  // namespace energy::api
