#pragma once

#include <string_view>

namespace energy::notifications {

/// The template of that name and language ("alert.text", "en"), or a phrase ("headline.raised");
/// empty when there is none. Names: `alert` for one event and `list` for several, each with
/// `.subject`, `.text`, `.html` and `.telegram` (MarkdownV2); the phrases are in the sources.
std::string_view BuiltInTemplate(std::string_view name, std::string_view language);

}  // namespace energy::notifications
