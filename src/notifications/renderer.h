#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "notifications/model.h"
#include "notifications/template_text.h"

namespace energy::notifications {

struct RendererOptions {
  /// Where people reach the web page, without a slash at its end; empty: messages have no link.
  std::string page_url = {};
  /// Folder of templates in the place of the program's own, such as `alert.html.de.txt`; empty:
  /// none.
  std::string templates_dir = {};
};

/// What one message says.
struct Content {
  std::string id = {};  ///< of the leading notification: the message's idempotency key
  std::optional<std::string> bundle = {};  ///< "digest", "quiet", "flood:site", "flood:device:<id>"
  std::vector<AlertEvent> events = {};     ///< one, or several of a bundle; oldest first
  std::string language = "en";
  std::string time_zone = "UTC";
};

/// A message in the form of its channel.
struct Message {
  std::string subject = {};  ///< one line; of e-mail alone, but kept for the log of all
  std::string text = {};     ///< plain text; MarkdownV2 for Telegram; JSON for a webhook
  std::string html = {};     ///< of e-mail alone
};

/// Writes messages from templates, in the language of the recipient, with values escaped for where
/// they stand, and no longer than the channel takes. Threads: safe anywhere.
class Renderer {
 public:
  /// Errors: kInvalidArgument naming the file of a template that cannot be used.
  static base::Result<std::unique_ptr<Renderer>> Make(const RendererOptions& options);

  Message Render(ChannelId channel, const Content& content) const;

 private:
  explicit Renderer(RendererOptions options) : options_(std::move(options)) {}
  base::Status LoadFolder();
  std::string_view Template(const std::string& name, const std::string& language) const;
  std::string Line(const std::string& name, const std::string& language,
                   const TemplateValues& values) const;
  TemplateValues ValuesOf(const AlertEvent& event, const Content& content) const;
  TemplateValues ListValues(const Content& content, size_t items) const;
  Message Fill(ChannelId channel, const Content& content, const TemplateValues& values) const;
  Message Webhook(const Content& content) const;

  const RendererOptions options_;
  std::map<std::string, std::string, std::less<>> replaced_;  // by name and language
};

}  // namespace energy::notifications
