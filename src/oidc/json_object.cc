#include "oidc/json_object.h"

namespace energy::oidc {
namespace {

constexpr int kMaxDepth = 32;

}  // namespace

base::Json ParseObject(std::string_view text) {
  bool too_deep = false;
  const auto watch = [&](int depth, base::Json::parse_event_t, const base::Json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return !too_deep;
  };
  base::Json json = base::Json::parse(text, watch, /*allow_exceptions=*/false);
  if (too_deep || !json.is_object()) return nullptr;
  return json;
}

}  // namespace energy::oidc
