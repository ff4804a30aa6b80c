#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace energy::notifications {

/// The values a template is filled with.
struct TemplateValues {
  std::map<std::string, std::string, std::less<>> texts;
  std::map<std::string, std::vector<TemplateValues>, std::less<>> lists;
};

/// Makes a value safe where it is put.
using Escape = std::function<std::string(std::string_view)>;

/// Fills a template: `{{name}}` is the value of that name, escaped; `{{#name}}…{{/name}}` is left
/// out when the text of that name is empty or not there, and repeated for each item when it is a
/// list, with the item's values before the outer ones. Sections nest. A line that holds nothing but
/// the marks of sections vanishes with its end. (A part of Mustache.)
///
/// Errors: kInvalidArgument for marks that do not match and for a name that is not in `names`.
base::Status CheckTemplate(std::string_view text, const std::set<std::string, std::less<>>& names);
/// `text` has passed CheckTemplate.
std::string FillTemplate(std::string_view text, const TemplateValues& values, const Escape& escape);

/// For HTML text and attributes in double quotes.
std::string EscapeHtml(std::string_view text);
/// For Telegram's MarkdownV2, outside of code and links.
std::string EscapeMarkdownV2(std::string_view text);
/// For plain text: as it is, but without control characters other than line ends and tabs.
std::string EscapePlain(std::string_view text);
/// For one line, such as a subject: control characters and line ends become blanks.
std::string EscapeLine(std::string_view text);

}  // namespace energy::notifications
