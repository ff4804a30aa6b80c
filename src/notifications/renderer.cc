#include "notifications/renderer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/number_text.h"
#include "notifications/builtin_templates.h"
#include "notifications/local_time.h"

namespace energy::notifications {
namespace {

constexpr size_t kMaxSubject = 200;
constexpr size_t kMaxTemplateBytes = 64 << 10;

const std::set<std::string, std::less<>>& Names() {
  static const std::set<std::string, std::less<>> kNames{
      "headline", "severity", "rule",      "device",  "device_id", "location", "property",
      "value",    "worst",    "threshold", "started", "ended",     "duration", "message",
      "link",     "color",    "count",     "items",   "more",      "at",       "what"};
  return kNames;
}

// Characters or bytes that the provider takes, with room for what stands around.
size_t MostBytes(ChannelId channel) {
  switch (channel) {
    case ChannelId::kWhatsApp:
      return 1600;  // Twilio's limit of a Body
    case ChannelId::kTelegram:
      return 4096;  // of sendMessage
    default:
      return 100'000;
  }
}

// Cut between characters of UTF-8.
std::string Shortened(std::string text, size_t bytes) {
  if (text.size() <= bytes) return text;
  size_t end = bytes - 3;  // of the sign that follows
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text + "…";
}

std::string NumberText(double value, const std::string& unit, std::string_view language) {
  std::string text;
  // More digits than a sensor has are noise of the arithmetic.
  const double rounded = std::abs(value) < 1e9 ? std::round(value * 1e4) / 1e4 : value;
  if (!std::isfinite(value)) return {};
  base::AppendNumber(text, rounded);
  if (language == "de") std::replace(text.begin(), text.end(), '.', ',');
  return unit.empty() ? text : text + " " + unit;
}

std::string DurationText(std::chrono::nanoseconds duration) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration).count();
  if (seconds < 60) return fmt::format("{} s", std::max<int64_t>(seconds, 0));
  if (seconds < 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 86'400) return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
  return fmt::format("{} d {} h", seconds / 86'400, seconds % 86'400 / 3600);
}

std::string_view ColorOf(const AlertEvent& event) {
  if (event.kind == Kind::kResolved) return "#2e7d32";
  switch (event.severity) {
    case Severity::kLow:
      return "#0277bd";
    case Severity::kMedium:
      return "#f9a825";
    case Severity::kHigh:
      return "#ef6c00";
    case Severity::kCritical:
      return "#c62828";
  }
  return "#616161";
}

std::string HeadlineOf(const Content& content) {
  if (!content.bundle || content.events.size() == 1) {
    return "headline." + std::string(KindName(content.events.front().kind));
  }
  if (*content.bundle == "flood:site") return "headline.flood_site";
  if (content.bundle->starts_with("flood:")) return "headline.flood_device";
  return "headline." + *content.bundle;
}

}  // namespace

base::Result<std::unique_ptr<Renderer>> Renderer::Make(const RendererOptions& options) {
  std::unique_ptr<Renderer> renderer(new Renderer(options));
  ENERGY_RETURN_IF_ERROR(renderer->LoadFolder());
  return renderer;
}

base::Status Renderer::LoadFolder() {
  if (options_.templates_dir.empty()) return {};
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(options_.templates_dir, failed)) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() != ".txt") continue;
    const size_t dot = name.rfind('.');
    const std::string language = dot == std::string::npos ? "" : name.substr(dot + 1);
    if (!ParseLanguage(language) || BuiltInTemplate(name.substr(0, dot), language).empty()) {
      return base::InvalidArgument(entry.path().string() +
                                   " is the name of no template: see docs/notifications.md");
    }
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const base::Status status = text.str().size() > kMaxTemplateBytes
                                    ? base::InvalidArgument("is larger than 64 KiB")
                                    : CheckTemplate(text.str(), Names());
    if (!status.ok()) {
      return base::InvalidArgument(entry.path().string() + " " + status.message());
    }
    replaced_[name] = text.str();
  }
  if (failed) {
    return base::InvalidField("notifications.templates_dir",
                              options_.templates_dir + " cannot be read: " + failed.message());
  }
  return {};
}

std::string_view Renderer::Template(const std::string& name, const std::string& language) const {
  const auto found = replaced_.find(name + "." + language);
  return found == replaced_.end() ? BuiltInTemplate(name, language) : found->second;
}

std::string Renderer::Line(const std::string& name, const std::string& language,
                           const TemplateValues& values) const {
  return FillTemplate(Template(name, language), values, EscapeLine);
}

TemplateValues Renderer::ValuesOf(const AlertEvent& event, const Content& content) const {
  const std::string& language = content.language;
  TemplateValues values;
  auto& texts = values.texts;
  texts["severity"] = Line("severity." + std::string(SeverityName(event.severity)), language, {});
  texts["rule"] = event.rule_name;
  texts["device"] = event.device_name.empty() ? event.device_id : event.device_name;
  texts["device_id"] = event.device_id;
  texts["location"] = event.location.value_or("");
  texts["property"] = event.property;
  if (event.value) texts["value"] = NumberText(*event.value, event.unit, language);
  if (event.worst_value && event.worst_value != event.value) {
    texts["worst"] = NumberText(*event.worst_value, event.unit, language);
  }
  if (event.threshold && !event.op.empty()) {
    texts["threshold"] = event.op + " " + NumberText(*event.threshold, event.unit, language);
  }
  texts["message"] = event.message;
  if (event.kind != Kind::kTest) {
    texts["started"] = LocalTime(event.started_at, content.time_zone, language);
  }
  texts["at"] = LocalTime(event.at, content.time_zone, language);
  if (event.kind == Kind::kResolved) {
    texts["ended"] = texts["at"];
    texts["duration"] = DurationText(event.at - event.started_at);
  }
  texts["color"] = ColorOf(event);
  if (!options_.page_url.empty()) {
    texts["link"] =
        options_.page_url + "/alerts" + (event.alert_id.empty() ? "" : "?alert=" + event.alert_id);
  }
  return values;
}

TemplateValues Renderer::ListValues(const Content& content, size_t items) const {
  TemplateValues values = ValuesOf(content.events.front(), content);
  const auto worst = std::max_element(
      content.events.begin(), content.events.end(),
      [](const AlertEvent& a, const AlertEvent& b) { return a.severity < b.severity; });
  values.texts["color"] = ColorOf(*worst);
  values.texts["count"] = std::to_string(content.events.size());
  std::vector<TemplateValues>& list = values.lists["items"];
  for (size_t i = 0; i < std::min(items, content.events.size()); ++i) {
    TemplateValues item = ValuesOf(content.events[i], content);
    item.texts["headline"] =
        Line("headline." + std::string(KindName(content.events[i].kind)), content.language, item);
    item.texts["what"] = Line("item", content.language, item);
    list.push_back(std::move(item));
  }
  if (list.size() < content.events.size()) {
    values.texts["more"] = std::to_string(content.events.size() - list.size());
  }
  if (!options_.page_url.empty()) values.texts["link"] = options_.page_url + "/alerts";
  return values;
}

Message Renderer::Fill(ChannelId channel, const Content& content,
                       const TemplateValues& values) const {
  const std::string form = content.events.size() == 1 ? "alert" : "list";
  const auto fill = [&](const std::string& part, const Escape& escape) {
    return FillTemplate(Template(form + "." + part, content.language), values, escape);
  };
  Message message;
  message.subject = Shortened(fill("subject", EscapeLine), kMaxSubject);
  message.text = channel == ChannelId::kTelegram ? fill("telegram", EscapeMarkdownV2)
                                                 : fill("text", EscapePlain);
  if (channel == ChannelId::kEmail) {
    message.html = FillTemplate(Template("html.head", content.language), values, EscapeHtml) +
                   fill("html", EscapeHtml);
  }
  return message;
}

Message Renderer::Render(ChannelId channel, const Content& content) const {
  if (channel == ChannelId::kWebhook) return Webhook(content);
  const bool list = content.events.size() > 1;
  for (size_t items = content.events.size();; items /= 2) {
    TemplateValues values =
        list ? ListValues(content, items) : ValuesOf(content.events.front(), content);
    values.texts["headline"] = Line(HeadlineOf(content), content.language, values);
    Message message = Fill(channel, content, values);
    if (message.text.size() <= MostBytes(channel)) return message;
    if (list && items > 0) continue;
    // Names of the longest kind: without them, rather than cut through their markup.
    for (const char* name : {"rule", "device", "location", "message", "headline"}) {
      values.texts[name] = Shortened(values.texts[name], 100);
    }
    message = Fill(channel, content, values);
    return message;
  }
}

Message Renderer::Webhook(const Content& content) const {
  Message message;
  TemplateValues values = content.events.size() > 1 ? ListValues(content, 0)
                                                    : ValuesOf(content.events.front(), content);
  message.subject = Shortened(Line(HeadlineOf(content), content.language, values), kMaxSubject);
  base::Json events = base::Json::array();
  for (const AlertEvent& event : content.events) {
    base::Json json = ToJson(event);
    if (!options_.page_url.empty()) json["link"] = ValuesOf(event, content).texts["link"];
    events.push_back(std::move(json));
  }
  message.text = base::Json{{"id", content.id},
                            {"bundle", content.bundle ? base::Json(*content.bundle) : nullptr},
                            {"summary", message.subject},
                            {"events", std::move(events)}}
                     .dump(-1, ' ', false, base::Json::error_handler_t::replace);
  return message;
}

}  // namespace energy::notifications
