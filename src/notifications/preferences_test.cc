#include "notifications/preferences.h"

#include <set>

#include "notifications/backoff.h"
#include "notifications/rule_routing.h"
#include "notifications/test_support.h"

namespace energy::notifications {
namespace {

using Texts = std::vector<std::string>;
using Text = std::optional<std::string>;

std::set<std::string> FieldsOf(const base::Status& status) {
  std::set<std::string> fields;
  for (const auto& error : status.fields()) fields.insert(error.field);
  return fields;
}

class PreferencesTest : public NotificationsTest {
 protected:
  PreferencesService service_{*database_, clock_};
};

TEST_F(PreferencesTest, AreDefaultsUntilTheyAreSet) {
  const auto before = service_.Get(kAna);
  ASSERT_TRUE(before.ok()) << before.status().ToString();
  EXPECT_EQ(ToJson(*before).dump(),
            R"({"email":null,"phone":null,"chat_id":null,"channels":["email"],"language":"en",)"
            R"("time_zone":"UTC","quiet_start":null,"quiet_end":null,)"
            R"("quiet_breakthrough":"critical"})");
  const auto set = service_.Update(kAna, {.email = Text("ana@home.example"),
                                          .phone = Text("+4915112345678"),
                                          .chat_id = Text("42"),
                                          .channels = Texts{"telegram", "whatsapp", "telegram"},
                                          .language = "de",
                                          .time_zone = "Europe/Berlin",
                                          .quiet_start = Text("22:00"),
                                          .quiet_end = Text("06:30"),
                                          .quiet_breakthrough = Severity::kHigh});
  ASSERT_TRUE(set.ok()) << set.status().ToString();
  EXPECT_EQ(ToJson(*service_.Get(kAna)).dump(),
            R"({"email":"ana@home.example","phone":"+4915112345678","chat_id":"42",)"
            R"("channels":["telegram","whatsapp"],"language":"de","time_zone":"Europe/Berlin",)"
            R"("quiet_start":"22:00","quiet_end":"06:30","quiet_breakthrough":"high"})");
  ASSERT_TRUE(service_.Update(kAna, {.quiet_start = Text(), .quiet_end = Text()}).ok());
  EXPECT_FALSE(service_.Get(kAna)->quiet);
  EXPECT_EQ(service_.Get(kAna)->language, "de");
  EXPECT_EQ(service_.Get("00000000-0000-7000-8000-0000000000ff").status().code(),
            base::Code::kNotFound);
}

TEST_F(PreferencesTest, NameEachFieldThatIsWrong) {
  const auto wrong = service_.Update(kAna, {.email = Text("no address"),
                                            .phone = Text("0151"),
                                            .chat_id = Text("x"),
                                            .channels = Texts{"pigeon"},
                                            .language = "fr",
                                            .time_zone = "Mars/Olympus",
                                            .quiet_start = Text("25:00"),
                                            .quiet_end = Text("06:00")});
  EXPECT_EQ(FieldsOf(wrong.status()),
            (std::set<std::string>{"email", "phone", "chat_id", "channels", "language", "time_zone",
                                   "quiet_start"}));
  EXPECT_EQ(FieldsOf(service_.Update(kAna, {.quiet_start = Text("22:00")}).status()),
            std::set<std::string>{"quiet_end"});
  EXPECT_EQ(FieldsOf(service_.Update(kAna, {.channels = Texts{"whatsapp", "telegram"}}).status()),
            (std::set<std::string>{"phone", "chat_id"}));
  EXPECT_EQ(service_.Get(kAna)->updated_at, base::Timestamp());
}

TEST_F(PreferencesTest, OfARuleAreKeptAndReplaced) {
  RuleRoutingService routing(*database_, clock_);
  EXPECT_EQ(ToJson(*routing.Get(kRule)).dump(),
            R"({"muted":false,"recipients":[],"escalation_minutes":null,)"
            R"("escalation_recipients":[]})");
  const RuleRouting set{
      .muted = true,
      .recipients = *ParseRecipients({"user:ana@example.com"}, "x"),
      .escalation_minutes = 5,
      .escalation_recipients = *ParseRecipients({"telegram:@channel", "email:a@b.example"}, "x")};
  ASSERT_TRUE(routing.Set(kRule, set).ok());
  EXPECT_EQ(ToJson(*routing.Get(kRule)), ToJson(set));
  ASSERT_TRUE(routing.Set(kRule, {}).ok());
  EXPECT_EQ(ToJson(*routing.Get(kRule)), ToJson(RuleRouting{}));
  for (const char* unknown : {"x", "00000000-0000-7000-8000-0000000000ff"}) {
    EXPECT_EQ(routing.Get(unknown).status().code(), base::Code::kNotFound);
    EXPECT_EQ(routing.Set(unknown, {}).code(), base::Code::kNotFound);
  }
}

TEST(Recipients, AreOfTheirChannelsForm) {
  for (const char* right :
       {"email:ops@example.com", "whatsapp:+4915112345678", "telegram:42", "telegram:-1001234",
        "telegram:@plant_alerts", "webhook:https://example.com/a?b=c", "user:ana@example.com"}) {
    const auto parsed = ParseRecipient(right);
    ASSERT_TRUE(parsed.ok()) << right;
    EXPECT_EQ(parsed->ToText(), right);
  }
  for (const char* wrong :
       {"", "ops@example.com", "pigeon:coo", "email:", "email:a", "email:a@b@c", "email:a b@c.d",
        "email:<a@b>", "email:a@b\r\nBcc: c@d", "email:ü@b", "whatsapp:015112345678",
        "whatsapp:+49x", "telegram:12a", "telegram:@a", "webhook:ftp://x", "webhook:https:///x",
        "webhook:https://a b", "user:ana"}) {
    EXPECT_EQ(ParseRecipient(wrong).status().code(), base::Code::kInvalidArgument) << wrong;
  }
  EXPECT_EQ(ParseRecipients({"email:a@b.c", "email:a@b.c"}, "x")->size(), 1U);
  EXPECT_FALSE(ParseRecipients(Texts(51, "email:a@b.c"), "x").ok());
  EXPECT_FALSE(ParseRecipient("email:" + std::string(240, 'a') + "@b.c").ok());
}

TEST(QuietHours, EndByTheClockOfTheZone) {
  const auto until = [](int start, int end, const char* zone, const char* now) {
    const auto found = QuietUntil({start * 60, end * 60}, zone, At(now));
    return found ? base::FormatTimestamp(*found) : "";
  };
  EXPECT_EQ(until(22, 6, "UTC", "2026-07-01T21:59:59Z"), "");
  EXPECT_EQ(until(22, 6, "UTC", "2026-07-01T22:00:00Z"), "2026-07-02T06:00:00Z");
  EXPECT_EQ(until(22, 6, "UTC", "2026-07-02T05:59:59Z"), "2026-07-02T06:00:00Z");
  EXPECT_EQ(until(22, 6, "UTC", "2026-07-02T06:00:00Z"), "");
  EXPECT_EQ(until(9, 17, "UTC", "2026-07-02T16:59:00Z"), "2026-07-02T17:00:00Z");
  EXPECT_EQ(until(9, 9, "UTC", "2026-07-02T09:00:00Z"), "");
  EXPECT_EQ(until(22, 6, "Europe/Berlin", "2026-07-01T20:30:00Z"), "2026-07-02T04:00:00Z");
  // The night in which Berlin's clocks go from 2 to 3: quiet hours that end at half past two end
  // when that is skipped; and back from 3 to 2: at the first half past two.
  EXPECT_EQ(base::FormatTimestamp(
                *QuietUntil({22 * 60, 150}, "Europe/Berlin", At("2026-03-28T23:00:00Z"))),
            "2026-03-29T01:00:00Z");
  EXPECT_EQ(base::FormatTimestamp(
                *QuietUntil({22 * 60, 150}, "Europe/Berlin", At("2026-10-24T23:00:00Z"))),
            "2026-10-25T00:30:00Z");
  EXPECT_TRUE(QuietUntil({0, 60}, "No/Where", At("2026-07-02T00:30:00Z")));  // as UTC
  for (const char* wrong : {"", "9:00", "24:00", "09:60", "09-00", "0900", "ab:cd"}) {
    EXPECT_FALSE(ParseMinuteOfDay(wrong).ok()) << wrong;
  }
  EXPECT_EQ(*ParseMinuteOfDay("23:59"), 1439);
  EXPECT_EQ(MinuteOfDayText(1439), "23:59");
}

TEST(Backoff, GrowsWithJitterUpToTheLongest) {
  base::SeededRandom random(3);
  const Backoff backoff{std::chrono::seconds(10), std::chrono::minutes(15)};
  std::set<int64_t> waits;
  for (int64_t attempts = 1; attempts < 80; ++attempts) {
    const auto whole = std::min<std::chrono::milliseconds>(
        backoff.longest, backoff.first * (int64_t{1} << std::min<int64_t>(attempts - 1, 20)));
    const auto wait = WaitAfter(attempts, backoff, random, std::nullopt);
    EXPECT_GE(wait, whole / 2);
    EXPECT_LE(wait, whole);
    waits.insert(wait.count());
  }
  EXPECT_GT(waits.size(), 60U) << "there is no jitter";
  using std::chrono::seconds;
  EXPECT_EQ(WaitAfter(1, backoff, random, seconds(60)), seconds(60));
  EXPECT_GE(WaitAfter(9, backoff, random, seconds(1)), seconds(450));
  EXPECT_EQ(WaitAfter(1, backoff, random, seconds(1'000'000)), std::chrono::hours(1));
  EXPECT_EQ(WaitAfter(1, backoff, random, seconds(INT64_MAX)), std::chrono::hours(1));
  EXPECT_LE(WaitAfter(1, backoff, random, seconds(INT64_MIN + 1)), seconds(10));
}

}  // namespace
}  // namespace energy::notifications
