#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace energy::auth {

/// One row of `mqtt_acl` (LLD §10.2).
struct AclRule {
  enum class Action { kPublish, kSubscribe, kAll };
  std::string topic;  ///< filter with + and #, and placeholders: see Acl
  Action action = Action::kPublish;
  bool allow = true;

  bool operator==(const AclRule&) const = default;
};

std::string_view ActionName(AclRule::Action action);
std::optional<AclRule::Action> ParseAction(std::string_view name);

/// True when the rule's topic has the placeholder of the client id.
bool NamesClientId(const AclRule& rule);

/// True when every topic that `filter` matches is matched by `cover` too. A topic without
/// wildcards is a filter that matches itself. Wildcards at the first level do not match topics
/// that begin with '$' (MQTT 5 §4.7.2).
bool FilterCovers(std::string_view cover, std::string_view filter);

/// True when some topic is matched by both.
bool FiltersOverlap(std::string_view a, std::string_view b);

/// What one client may do: allowed where an allowing rule covers it and no denying rule touches it.
///
/// Threads: immutable. Cost: a few string compares, no allocation.
class Acl {
 public:
  /// Replaces %u and ${username} by `username`, %c and ${clientid} by `client_id`. A rule whose
  /// placeholder would bring in a wildcard or a level is left out.
  Acl(std::vector<AclRule> rules, std::string_view username, std::string_view client_id);

  bool MayPublish(std::string_view topic) const;
  /// A shared subscription ($share/<group>/<filter>, MQTT 5 §4.8.2) counts as its filter.
  bool MaySubscribe(std::string_view filter) const;

  const std::vector<AclRule>& rules() const { return rules_; }

 private:
  bool Allowed(AclRule::Action action, std::string_view filter) const;

  std::vector<AclRule> rules_;
};

}  // namespace energy::auth
