#include "notifications/renderer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/temporary_folder.h"
#include "notifications/builtin_templates.h"
#include "notifications/test_support.h"

namespace energy::notifications {
namespace {

AlertEvent Event(Kind kind = Kind::kRaised) {
  AlertEvent event;
  event.kind = kind;
  event.alert_id = "a1";
  event.rule_name = "Bulb Overheat";
  event.device_id = "D1";
  event.device_name = "Bulb 1";
  event.location = "hall 2";
  event.property = "temperature";
  event.op = ">";
  event.threshold = 50;
  event.value = 62.5;
  event.worst_value = 71.25;
  event.unit = "°C";
  event.severity = Severity::kHigh;
  event.started_at = At("2026-07-01T10:00:00Z");
  event.at = At("2026-07-01T11:05:00Z");
  return event;
}

TEST(TemplateText, FillsValuesSectionsAndLists) {
  TemplateValues values;
  values.texts = {{"a", "<A>"}, {"empty", ""}};
  values.lists["items"] = {{.texts = {{"b", "1"}}, .lists = {}},
                           {.texts = {{"b", "2"}}, .lists = {}}};
  const auto fill = [&](std::string_view text) { return FillTemplate(text, values, EscapeHtml); };
  EXPECT_EQ(fill("x {{a}} y"), "x &lt;A&gt; y");
  EXPECT_EQ(fill("{{#a}}yes{{/a}}{{#empty}}no{{/empty}}{{#absent}}no{{/absent}}"), "yes");
  EXPECT_EQ(fill("{{#items}}{{b}}{{a}},{{/items}}"), "1&lt;A&gt;,2&lt;A&gt;,");
  EXPECT_EQ(fill("1\n{{#a}}\n2\n{{/a}}\n{{#empty}}\n3\n{{/empty}}\n4\n"), "1\n2\n4\n");
  EXPECT_EQ(fill("{{#a}}{{#empty}}no{{/empty}}{{a}}{{/a}}"), "&lt;A&gt;");
}

TEST(TemplateText, RefusesWhatCannotBeFilled) {
  const std::set<std::string, std::less<>> names{"a", "b"};
  for (const char* wrong :
       {"{{a", "{{c}}", "{{#a}}", "{{/a}}", "{{#a}}{{#b}}{{/a}}{{/b}}", "{{}}"}) {
    EXPECT_EQ(CheckTemplate(wrong, names).code(), base::Code::kInvalidArgument) << wrong;
  }
  EXPECT_TRUE(CheckTemplate("}} {a} {{#a}}{{b}}{{/a}}", names).ok());
}

TEST(TemplateText, EscapesForEachPlace) {
  EXPECT_EQ(EscapeHtml("<a href=\"x\">'&\x01"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
  EXPECT_EQ(EscapeMarkdownV2("a_b*c[d](e)~`>#+-=|{}.!\\"),
            "a\\_b\\*c\\[d\\]\\(e\\)\\~\\`\\>\\#\\+\\-\\=\\|\\{\\}\\.\\!\\\\");
  EXPECT_EQ(EscapeLine("a\r\nBcc: b\t"), "a  Bcc: b ");
  EXPECT_EQ(EscapePlain("a\r\n\tb\x1b[31m"), "a\n\tb[31m");
}

TEST(Renderer, WritesPlainText) {
  const auto renderer = *Renderer::Make({.page_url = "https://page.example"});
  const Message raised = renderer->Render(ChannelId::kWhatsApp, {"k", std::nullopt, {Event()}});
  EXPECT_EQ(raised.subject, "High: Bulb Overheat – Bulb 1");
  EXPECT_EQ(raised.text,
            "High: Bulb Overheat – Bulb 1\n\nDevice: Bulb 1 (D1)\nLocation: hall 2\n"
            "temperature: 62.5 °C (rule: > 50 °C)\nWorst: 71.25 °C\nSince: 2026-07-01 10:00 UTC\n\n"
            "https://page.example/alerts?alert=a1\n");
  EXPECT_TRUE(raised.html.empty());
  const Message resolved = renderer->Render(
      ChannelId::kEmail, {"k", std::nullopt, {Event(Kind::kResolved)}, "de", "Europe/Berlin"});
  EXPECT_EQ(resolved.subject, "Behoben: Bulb Overheat – Bulb 1");
  EXPECT_NE(
      resolved.text.find("Gerät: Bulb 1 (D1)\nOrt: hall 2\n"
                         "temperature: 62,5 °C (Regel: > 50 °C)\nSchlimmster Wert: 71,25 °C\n"
                         "Seit: 01.07.2026 12:00 CEST\nBis: 01.07.2026 13:05 CEST (1 h 5 min)"),
      std::string::npos)
      << resolved.text;
  EXPECT_NE(resolved.html.find("<h2 "), std::string::npos);
}

TEST(Renderer, LeavesOutWhatIsNotKnown) {
  const auto renderer = *Renderer::Make({});
  AlertEvent event = Event();
  event.location.reset();
  event.value.reset();
  event.worst_value.reset();
  const Message message = renderer->Render(ChannelId::kWhatsApp, {"k", std::nullopt, {event}});
  EXPECT_EQ(message.text,
            "High: Bulb Overheat – Bulb 1\n\nDevice: Bulb 1 (D1)\nSince: 2026-07-01 10:00 UTC\n");
}

TEST(Renderer, HasEachKindInEachLanguageAndForm) {
  const auto renderer = *Renderer::Make({.page_url = "https://p.example"});
  std::set<std::string> subjects;
  for (const std::string_view language : kLanguages) {
    for (const Kind kind :
         {Kind::kRaised, Kind::kEscalated, Kind::kResolved, Kind::kUnacknowledged, Kind::kTest}) {
      for (const ChannelId channel : kChannels) {
        const Message message =
            renderer->Render(channel, {"k", std::nullopt, {Event(kind)}, std::string(language)});
        EXPECT_FALSE(message.text.empty());
        EXPECT_EQ(message.text.find("{{"), std::string::npos) << message.text;
        EXPECT_EQ(message.html.find("{{"), std::string::npos) << message.html;
        subjects.insert(message.subject);
      }
    }
    for (const char* bundle : {"digest", "quiet", "flood:site", "flood:device:D1"}) {
      subjects.insert(
          renderer
              ->Render(ChannelId::kEmail, {"k", bundle, {Event(), Event()}, std::string(language)})
              .subject);
    }
  }
  // Those of "raised" differ by the word of the severity alone; each is there once.
  EXPECT_EQ(subjects.size(), 18U);
}

TEST(Renderer, KeepsToTheLengthThatTheChannelTakes) {
  const auto renderer = *Renderer::Make({.page_url = "https://page.example"});
  Content content{"k", "flood:site", std::vector<AlertEvent>(200, Event())};
  for (AlertEvent& event : content.events) event.rule_name = std::string(100, '*');
  for (const auto& [channel, most] :
       {std::pair{ChannelId::kTelegram, 4096U}, std::pair{ChannelId::kWhatsApp, 1600U}}) {
    const Message message = renderer->Render(channel, content);
    EXPECT_LE(message.text.size(), most);
    EXPECT_NE(message.text.find(" more\n"), std::string::npos) << message.text;
    EXPECT_EQ(message.subject, "200 messages of the site within a minute");
    AlertEvent long_one = Event();
    long_one.rule_name = std::string(250, 'x');
    long_one.device_name = std::string(255, '_');
    long_one.location = std::string(255, '(');
    EXPECT_LE(renderer->Render(channel, {"k", std::nullopt, {long_one}}).text.size(), most);
  }
}

TEST(Renderer, TakesTemplatesFromAFolder) {
  const base::TemporaryFolder folder;
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder.path() / name) << text;
  };
  write("alert.text.de.txt", "Achtung {{rule}}!");
  write("headline.raised.en.txt", "ALARM {{device}}");
  write("README.md", "not a template");
  const RendererOptions options{.page_url = {}, .templates_dir = folder.path().string()};
  const auto renderer = Renderer::Make(options);
  ASSERT_TRUE(renderer.ok()) << renderer.status().ToString();
  const auto render = [&](const char* language) {
    return (*renderer)->Render(ChannelId::kWhatsApp, {"k", std::nullopt, {Event()}, language});
  };
  EXPECT_EQ(render("de").text, "Achtung Bulb Overheat!");
  EXPECT_EQ(render("en").subject, "ALARM Bulb 1");
  write("alert.html.en.txt", "{{nonsense}}");
  EXPECT_NE(Renderer::Make(options).status().message().find("alert.html.en.txt has {{nonsense}}"),
            std::string::npos);
  write("alert.html.en.txt", "fine");
  write("unknown.en.txt", "x");
  EXPECT_EQ(Renderer::Make(options).status().code(), base::Code::kInvalidArgument);
  EXPECT_FALSE(Renderer::Make({.page_url = {}, .templates_dir = "/nowhere"}).ok());
}

}  // namespace
}  // namespace energy::notifications
