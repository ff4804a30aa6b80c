#include "auth/mqtt_acl.h"

#include <algorithm>
#include <array>
#include <string>

#include "mqtt/topic.h"

namespace energy::auth {
namespace {

// As Mosquitto and EMQX write them.
constexpr std::array<std::string_view, 2> kUserName{"%u", "${username}"};
constexpr std::array<std::string_view, 2> kClientId{"%c", "${clientid}"};
constexpr std::string_view kShare = "$share/";

bool IsWildcard(std::string_view level) { return level == "+" || level == "#"; }

/// MQTT 5 §4.7.2: wildcards do not reach into $SYS and the like.
bool KeptApart(std::string_view wildcard, std::string_view level) {
  return IsWildcard(wildcard) && level.starts_with('$');
}

// One pass, so that a name that looks like a placeholder stays what it is. Empty when a name would
// bring in a wildcard or a level.
std::string Replace(std::string_view topic, std::string_view username, std::string_view client_id) {
  std::string result;
  while (!topic.empty()) {
    std::string_view name;
    size_t size = 0;
    for (size_t i = 0; i < kUserName.size() && size == 0; ++i) {
      if (topic.starts_with(kUserName[i])) {
        size = kUserName[i].size();
        name = username;
      } else if (topic.starts_with(kClientId[i])) {
        size = kClientId[i].size();
        name = client_id;
      }
    }
    if (size == 0) {
      result += topic.front();
      topic.remove_prefix(1);
      continue;
    }
    if (name.empty() || name.find_first_of("+#/") != std::string_view::npos) return {};
    result += name;
    topic.remove_prefix(size);
  }
  return result;
}

}  // namespace

std::string_view ActionName(AclRule::Action action) {
  switch (action) {
    case AclRule::Action::kPublish:
      return "publish";
    case AclRule::Action::kSubscribe:
      return "subscribe";
    case AclRule::Action::kAll:
      return "all";
  }
  return "publish";
}

bool FilterCovers(std::string_view cover, std::string_view filter) {
  bool cover_more = true;
  bool filter_more = true;
  for (bool first = true; cover_more && filter_more; first = false) {
    const std::string_view c = mqtt::NextLevel(cover, cover_more);
    const std::string_view f = mqtt::NextLevel(filter, filter_more);
    if (first && KeptApart(c, f)) return false;
    if (c == "#") return true;
    if (f == "#" || (c != "+" && c != f)) return false;
  }
  // "a/#" covers "a" too; otherwise both must end here.
  return !filter_more && (!cover_more || cover == "#");
}

bool FiltersOverlap(std::string_view a, std::string_view b) {
  bool a_more = true;
  bool b_more = true;
  for (bool first = true; a_more && b_more; first = false) {
    const std::string_view x = mqtt::NextLevel(a, a_more);
    const std::string_view y = mqtt::NextLevel(b, b_more);
    if (first && (KeptApart(x, y) || KeptApart(y, x))) return false;
    if (x == "#" || y == "#") return true;
    if (x != "+" && y != "+" && x != y) return false;
  }
  return (!a_more && !b_more) || (a_more && a == "#") || (b_more && b == "#");
}

std::optional<AclRule::Action> ParseAction(std::string_view name) {
  for (const auto action :
       {AclRule::Action::kPublish, AclRule::Action::kSubscribe, AclRule::Action::kAll}) {
    if (name == ActionName(action)) return action;
  }
  return std::nullopt;
}

bool NamesClientId(const AclRule& rule) {
  return std::any_of(kClientId.begin(), kClientId.end(), [&](std::string_view placeholder) {
    return rule.topic.find(placeholder) != std::string::npos;
  });
}

Acl::Acl(std::vector<AclRule> rules, std::string_view username, std::string_view client_id)
    : rules_(std::move(rules)) {
  for (AclRule& rule : rules_) rule.topic = Replace(rule.topic, username, client_id);
  std::erase_if(rules_, [](const AclRule& rule) { return rule.topic.empty(); });
}

bool Acl::MayPublish(std::string_view topic) const {
  return Allowed(AclRule::Action::kPublish, topic);
}

bool Acl::MaySubscribe(std::string_view filter) const {
  if (filter.starts_with(kShare)) {
    const size_t group_end = filter.find('/', kShare.size());
    if (group_end == std::string_view::npos) return false;
    filter.remove_prefix(group_end + 1);
  }
  return Allowed(AclRule::Action::kSubscribe, filter);
}

bool Acl::Allowed(AclRule::Action action, std::string_view filter) const {
  bool allowed = false;
  for (const AclRule& rule : rules_) {
    if (rule.action != action && rule.action != AclRule::Action::kAll) continue;
    if (!rule.allow && FiltersOverlap(rule.topic, filter)) return false;
    allowed = allowed || (rule.allow && FilterCovers(rule.topic, filter));
  }
  return allowed;
}

}  // namespace energy::auth
