#include "notifications/builtin_templates.h"

#include <algorithm>
#include <array>

namespace energy::notifications {
namespace {

struct Entry {
  std::string_view name;
  std::string_view en;
  std::string_view de;
};

// What is the same in each language.
constexpr std::string_view kSubject = "{{headline}}";

constexpr std::string_view kHtmlHead =
    R"(<!DOCTYPE html>
<html><body style="margin:0;padding:16px;font-family:Arial,Helvetica,sans-serif;color:#1c1c1c">
<h2 style="margin:0 0 12px;padding-left:10px;border-left:6px solid {{color}};font-size:18px">{{headline}}</h2>
)";

constexpr auto kEntries = std::to_array<Entry>({
    {"alert.subject", kSubject, kSubject},
    {"alert.text",
     R"({{headline}}

{{#device}}
Device: {{device}} ({{device_id}})
{{/device}}
{{#location}}
Location: {{location}}
{{/location}}
{{#value}}
{{property}}: {{value}}{{#threshold}} (rule: {{threshold}}){{/threshold}}
{{/value}}
{{#worst}}
Worst: {{worst}}
{{/worst}}
{{#started}}
Since: {{started}}
{{/started}}
{{#ended}}
Until: {{ended}} ({{duration}})
{{/ended}}
{{#link}}

{{link}}
{{/link}}
)",
     R"({{headline}}

{{#device}}
Gerät: {{device}} ({{device_id}})
{{/device}}
{{#location}}
Ort: {{location}}
{{/location}}
{{#value}}
{{property}}: {{value}}{{#threshold}} (Regel: {{threshold}}){{/threshold}}
{{/value}}
{{#worst}}
Schlimmster Wert: {{worst}}
{{/worst}}
{{#started}}
Seit: {{started}}
{{/started}}
{{#ended}}
Bis: {{ended}} ({{duration}})
{{/ended}}
{{#link}}

{{link}}
{{/link}}
)"},
    {"alert.html",
     R"(<table style="border-collapse:collapse;font-size:14px" cellpadding="4">
{{#device}}
<tr><td>Device</td><td><b>{{device}}</b> ({{device_id}})</td></tr>
{{/device}}
{{#location}}
<tr><td>Location</td><td>{{location}}</td></tr>
{{/location}}
{{#value}}
<tr><td>{{property}}</td><td><b>{{value}}</b>{{#threshold}} (rule: {{threshold}}){{/threshold}}</td></tr>
{{/value}}
{{#worst}}
<tr><td>Worst</td><td>{{worst}}</td></tr>
{{/worst}}
{{#started}}
<tr><td>Since</td><td>{{started}}</td></tr>
{{/started}}
{{#ended}}
<tr><td>Until</td><td>{{ended}} ({{duration}})</td></tr>
{{/ended}}
</table>
{{#link}}
<p><a href="{{link}}">Open the alert</a></p>
{{/link}}
</body></html>
)",
     R"(<table style="border-collapse:collapse;font-size:14px" cellpadding="4">
{{#device}}
<tr><td>Gerät</td><td><b>{{device}}</b> ({{device_id}})</td></tr>
{{/device}}
{{#location}}
<tr><td>Ort</td><td>{{location}}</td></tr>
{{/location}}
{{#value}}
<tr><td>{{property}}</td><td><b>{{value}}</b>{{#threshold}} (Regel: {{threshold}}){{/threshold}}</td></tr>
{{/value}}
{{#worst}}
<tr><td>Schlimmster Wert</td><td>{{worst}}</td></tr>
{{/worst}}
{{#started}}
<tr><td>Seit</td><td>{{started}}</td></tr>
{{/started}}
{{#ended}}
<tr><td>Bis</td><td>{{ended}} ({{duration}})</td></tr>
{{/ended}}
</table>
{{#link}}
<p><a href="{{link}}">Alarm öffnen</a></p>
{{/link}}
</body></html>
)"},
    {"alert.telegram",
     R"(*{{headline}}*
{{#device}}
{{device}} \({{device_id}}\){{#location}}, {{location}}{{/location}}
{{/device}}
{{#value}}
{{property}}: *{{value}}*{{#threshold}} \(rule: {{threshold}}\){{/threshold}}
{{/value}}
{{#started}}
Since {{started}}
{{/started}}
{{#ended}}
Until {{ended}} \({{duration}}\)
{{/ended}}
{{#link}}
[Open the alert]({{link}})
{{/link}}
)",
     R"(*{{headline}}*
{{#device}}
{{device}} \({{device_id}}\){{#location}}, {{location}}{{/location}}
{{/device}}
{{#value}}
{{property}}: *{{value}}*{{#threshold}} \(Regel: {{threshold}}\){{/threshold}}
{{/value}}
{{#started}}
Seit {{started}}
{{/started}}
{{#ended}}
Bis {{ended}} \({{duration}}\)
{{/ended}}
{{#link}}
[Alarm öffnen]({{link}})
{{/link}}
)"},

    {"list.subject", kSubject, kSubject},
    {"list.text",
     R"({{headline}}

{{#items}}
{{at}} {{what}}
{{/items}}
{{#more}}
and {{more}} more
{{/more}}
{{#link}}

{{link}}
{{/link}}
)",
     R"({{headline}}

{{#items}}
{{at}} {{what}}
{{/items}}
{{#more}}
und {{more}} weitere
{{/more}}
{{#link}}

{{link}}
{{/link}}
)"},
    {"list.html",
     R"(<ul style="font-size:14px">
{{#items}}
<li>{{at}} {{what}}</li>
{{/items}}
{{#more}}
<li>and {{more}} more</li>
{{/more}}
</ul>
{{#link}}
<p><a href="{{link}}">Open the alerts</a></p>
{{/link}}
</body></html>
)",
     R"(<ul style="font-size:14px">
{{#items}}
<li>{{at}} {{what}}</li>
{{/items}}
{{#more}}
<li>und {{more}} weitere</li>
{{/more}}
</ul>
{{#link}}
<p><a href="{{link}}">Alarme öffnen</a></p>
{{/link}}
</body></html>
)"},
    {"list.telegram",
     R"(*{{headline}}*
{{#items}}
• {{at}} {{what}}
{{/items}}
{{#more}}
and {{more}} more
{{/more}}
{{#link}}
[Open the alerts]({{link}})
{{/link}}
)",
     R"(*{{headline}}*
{{#items}}
• {{at}} {{what}}
{{/items}}
{{#more}}
und {{more}} weitere
{{/more}}
{{#link}}
[Alarme öffnen]({{link}})
{{/link}}
)"},

    {"html.head", kHtmlHead, kHtmlHead},
    {"headline.raised", "{{severity}}: {{rule}} – {{device}}",
     "{{severity}}: {{rule}} – {{device}}"},
    {"headline.escalated", "Now {{severity}}: {{rule}} – {{device}}",
     "Jetzt {{severity}}: {{rule}} – {{device}}"},
    {"headline.resolved", "Resolved: {{rule}} – {{device}}", "Behoben: {{rule}} – {{device}}"},
    {"headline.unacknowledged", "Nobody has acknowledged ({{severity}}): {{rule}} – {{device}}",
     "Noch nicht quittiert ({{severity}}): {{rule}} – {{device}}"},
    {"headline.test", "Test message of the energy platform", "Testnachricht der Energieplattform"},
    {"headline.digest", "Digest: {{count}} messages of low severity",
     "Zusammenfassung: {{count}} Meldungen von geringer Schwere"},
    {"headline.flood_device", "{{count}} messages of {{device}} within a minute",
     "{{count}} Meldungen von {{device}} innerhalb einer Minute"},
    {"headline.flood_site", "{{count}} messages of the site within a minute",
     "{{count}} Meldungen der Anlage innerhalb einer Minute"},
    {"headline.quiet", "{{count}} messages of your quiet hours",
     "{{count}} Meldungen aus Ihrer Ruhezeit"},
    {"item", "{{headline}}{{#value}}, {{property}} {{value}}{{/value}}",
     "{{headline}}{{#value}}, {{property}} {{value}}{{/value}}"},
    {"severity.low", "Low", "Gering"},
    {"severity.medium", "Medium", "Mittel"},
    {"severity.high", "High", "Hoch"},
    {"severity.critical", "Critical", "Kritisch"},
});

}  // namespace

std::string_view BuiltInTemplate(std::string_view name, std::string_view language) {
  const auto found = std::find_if(kEntries.begin(), kEntries.end(),
                                  [&](const Entry& entry) { return entry.name == name; });
  if (found == kEntries.end()) return {};
  return language == "de" ? found->de : found->en;
}

}  // namespace energy::notifications
