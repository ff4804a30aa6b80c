#include "notifications/outbox.h"

#include "notifications/test_support.h"

namespace energy::notifications {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Texts = std::vector<std::string>;

class OutboxTest : public NotificationsTest {
 protected:
  void SetRouting(const RuleRouting& routing) {
    ASSERT_TRUE(RuleRoutingService(*database_, clock_).Set(kRule, routing).ok());
  }
  void SetPreferences(const std::string& user, const PreferencesPatch& patch) {
    const auto set = PreferencesService(*database_, clock_).Update(user, patch);
    ASSERT_TRUE(set.ok()) << set.status().ToString();
  }
  void SetChannels(const Texts& channels) {
    const auto set = database_->Transaction([&](sql::Connection& c) {
      return c.Execute("UPDATE rules SET notification_channels = :channels",
                       {{"channels", sql::ArrayValue(c.dialect(), channels)}});
    });
    ASSERT_TRUE(set.ok()) << set.status().ToString();
  }
  static std::vector<Recipient> To(const Texts& texts) { return *ParseRecipients(texts, "test"); }
};

TEST_F(OutboxTest, TellsTheDefaultsOfTheSeverityOnTheChannelsOfTheRule) {
  OutboxOptions options;
  options.defaults[Severity::kHigh] =
      To({"email:ops@example.com", "telegram:42", "whatsapp:+4915112345678"});
  Outbox outbox = MakeOutbox(options);
  SetChannels({"email", "telegram"});
  const AlertEvent event = Raised();
  Write(outbox, event);
  EXPECT_EQ(Told(), (Texts{"email:ops@example.com", "telegram:42"}));
  const Notification row = Rows().front();
  EXPECT_EQ(row.alert_id, event.alert_id);
  EXPECT_EQ(row.status, DeliveryStatus::kPending);
  EXPECT_EQ(row.next_attempt_at, clock_.Now());
  EXPECT_EQ(row.attempts, 0);
  ASSERT_TRUE(row.event);
  EXPECT_EQ(ToJson(*row.event), ToJson(event));

  Write(outbox, Raised("D1", Severity::kCritical));  // has no defaults
  EXPECT_EQ(Rows().size(), 2U);
}

TEST_F(OutboxTest, FillsInWhatTheDeviceIsCalled) {
  Sql("UPDATE devices SET name = 'Lamp', location = 'hall'");
  Outbox outbox = MakeOutbox(Defaults({"email:ops@example.com"}));
  AlertEvent event = Raised();
  event.device_name.clear();
  Write(outbox, event);
  EXPECT_EQ(Rows().front().event->device_name, "Lamp");
  EXPECT_EQ(Rows().front().event->location, "hall");
}

TEST_F(OutboxTest, ARuleWithoutChannelsUsesWhatItsRecipientsName) {
  Outbox outbox = MakeOutbox(Defaults({"email:ops@example.com", "telegram:42"}));
  Write(outbox, Raised());
  EXPECT_EQ(Told(), (Texts{"email:ops@example.com", "telegram:42"}));
  SetRouting({.recipients = To({"telegram:7"})});
  const AlertEvent second = Raised();
  Write(outbox, second);
  EXPECT_EQ(Told({.alert_id = second.alert_id}), (Texts{"telegram:7"}));
}

TEST_F(OutboxTest, RecipientsOfTheRuleReplaceTheDefaultsOfTheirChannel) {
  Outbox outbox = MakeOutbox(Defaults({"email:ops@example.com", "telegram:42"}));
  SetRouting({.recipients = To({"email:a@example.com", "email:b@example.com"})});
  SetChannels({"email", "telegram"});
  const AlertEvent event = Raised();
  Write(outbox, event);
  EXPECT_EQ(Told(), (Texts{"email:a@example.com", "email:b@example.com", "telegram:42"}));
}

TEST_F(OutboxTest, UsersHaveTheirOwnAddressesAndLanguage) {
  SetPreferences(kAna, {.phone = "+4915112345678",
                        .channels = Texts{"email", "whatsapp"},
                        .language = "de",
                        .time_zone = "Europe/Berlin"});
  Outbox outbox = MakeOutbox(Defaults({"user:Ana@example.com", "user:bob@example.com"}));
  Write(outbox, Raised());
  EXPECT_EQ(Told(),
            (Texts{"email:ana@example.com", "email:bob@example.com", "whatsapp:+4915112345678"}));
  for (const Notification& row : Rows()) {
    EXPECT_EQ(row.language, row.recipient == "bob@example.com" ? "en" : "de");
    EXPECT_EQ(row.user_id == kAna, row.recipient != "bob@example.com");
  }
  Sql("UPDATE users SET is_active = false WHERE email = 'ana@example.com'");
  const AlertEvent second = Raised();
  Write(outbox, second);
  EXPECT_EQ(Told({.alert_id = second.alert_id}), (Texts{"email:bob@example.com"}));
}

TEST_F(OutboxTest, SuppressedAndMutedTellNobodyAndNothingIsDoneWithoutChannels) {
  Outbox outbox = MakeOutbox(Defaults({"email:ops@example.com"}));
  AlertEvent suppressed = Raised();
  suppressed.suppressed = true;
  Write(outbox, suppressed);
  SetRouting({.muted = true});
  Write(outbox, Raised());
  EXPECT_TRUE(Rows().empty());
  SetRouting({});
  channels_.clear();
  Write(outbox, Raised());
  EXPECT_TRUE(Rows().empty());
}

TEST_F(OutboxTest, TheSameEventTwiceIsOneRow) {
  Outbox outbox = MakeOutbox(Defaults({"email:ops@example.com", "email:ops@example.com"}));
  const AlertEvent event = Raised();
  Write(outbox, event);
  clock_.Advance(seconds(3));
  Write(outbox, event);
  EXPECT_EQ(Rows().size(), 1U);
}

TEST_F(OutboxTest, WhatCannotBeSentIsSeen) {
  Outbox outbox = MakeOutbox(Defaults({"webhook:https://x.example/", "email:forbidden@x.example"}));
  Write(outbox, Raised());
  const auto rows = Rows();
  ASSERT_EQ(rows.size(), 2U);
  for (const Notification& row : rows) {
    EXPECT_EQ(row.status, DeliveryStatus::kFailed);
    EXPECT_FALSE(row.next_attempt_at);
    EXPECT_EQ(row.last_error, row.channel == ChannelId::kWebhook
                                  ? "webhook is not set up: see docs/notifications.md"
                                  : "forbidden@x.example is not admitted");
  }
}

TEST_F(OutboxTest, WhoWasToldIsToldOfTheEnd) {
  Outbox outbox = MakeOutbox(Defaults({"email:ops@example.com"}));
  const AlertEvent event = Raised();
  Write(outbox, event);
  SetRouting({.recipients = To({"email:other@example.com"})});
  clock_.Advance(seconds(60));
  Write(outbox, Then(event, Kind::kResolved, seconds(60)));
  EXPECT_EQ(Told({.kinds = {"resolved"}}), (Texts{"email:ops@example.com"}));

  OutboxOptions silent = Defaults({"email:ops@example.com"});
  silent.resolved = false;
  Outbox other = MakeOutbox(silent);
  Write(other, Then(event, Kind::kResolved, seconds(70)));
  EXPECT_EQ(Rows({.kinds = {"resolved"}}).size(), 1U);
}

TEST_F(OutboxTest, EscalationTellsTheHigherSeverityAndThoseToldBefore) {
  OutboxOptions options;
  options.defaults[Severity::kMedium] = To({"email:ops@example.com"});
  options.defaults[Severity::kCritical] = To({"email:boss@example.com", "telegram:42"});
  Outbox outbox = MakeOutbox(options);
  AlertEvent event = Raised("D1", Severity::kMedium);
  Write(outbox, event);
  event.previous_severity = event.severity;
  event.severity = Severity::kCritical;
  Write(outbox, Then(event, Kind::kEscalated, seconds(60)));
  EXPECT_EQ(Told({.kinds = {"escalated"}}),
            (Texts{"email:boss@example.com", "email:ops@example.com", "telegram:42"}));
}

TEST_F(OutboxTest, RemindsWhenNobodyAcknowledges) {
  OutboxOptions options = Defaults({"email:ops@example.com"});
  options.escalation = minutes(10);
  options.escalation_recipients = To({"email:boss@example.com"});
  Outbox outbox = MakeOutbox(options);
  const AlertEvent event = Raised();
  Write(outbox, event);
  const auto reminders = Rows({.kinds = {"unacknowledged"}});
  ASSERT_EQ(reminders.size(), 1U);
  EXPECT_EQ(reminders[0].recipient, "boss@example.com");
  EXPECT_EQ(reminders[0].next_attempt_at, clock_.Now() + minutes(10));
  Write(outbox, Then(event, Kind::kResolved, seconds(60)));
  EXPECT_EQ(Rows({.kinds = {"unacknowledged"}})[0].status, DeliveryStatus::kCancelled);
  // Who was only to be reminded has heard of nothing that could end.
  EXPECT_EQ(Told({.kinds = {"resolved"}}), (Texts{"email:ops@example.com"}));

  SetRouting({.escalation_minutes = 3, .escalation_recipients = To({"telegram:7"})});
  const AlertEvent own = Raised();
  Write(outbox, own);
  const auto of_rule = Rows({.kinds = {"unacknowledged"}, .alert_id = own.alert_id});
  ASSERT_EQ(of_rule.size(), 1U);
  EXPECT_EQ(of_rule[0].recipient, "7");
  EXPECT_EQ(of_rule[0].next_attempt_at, clock_.Now() + minutes(3));
  SetRouting({.escalation_minutes = 0});
  const AlertEvent none = Raised();
  Write(outbox, none);
  EXPECT_TRUE(Rows({.kinds = {"unacknowledged"}, .alert_id = none.alert_id}).empty());
}

TEST_F(OutboxTest, LowSeverityWaitsForTheDigest) {
  Outbox outbox = MakeOutbox(Defaults({"email:ops@example.com"}));
  Write(outbox, Raised("D1", Severity::kLow));
  const Notification row = Rows().front();
  EXPECT_EQ(row.bundle, "digest");
  EXPECT_EQ(row.next_attempt_at, At("2026-12-01T11:00:00Z"));
  OutboxOptions at_once = Defaults({"email:ops@example.com"});
  at_once.digest = minutes(0);
  Outbox other = MakeOutbox(at_once);
  const AlertEvent second = Raised("D1", Severity::kLow);
  Write(other, second);
  EXPECT_FALSE(Rows({.alert_id = second.alert_id}).front().bundle);
}

TEST_F(OutboxTest, QuietHoursHoldWhatIsNotSevereEnough) {
  SetPreferences(kAna, {.time_zone = "Europe/Berlin",
                        .quiet_start = std::optional<std::string>("22:00"),
                        .quiet_end = std::optional<std::string>("06:30")});
  clock_.Set(At("2026-12-01T22:15:00Z"));  // 23:15 in Berlin
  Outbox outbox = MakeOutbox(Defaults({"user:ana@example.com", "email:ops@example.com"}));
  Write(outbox, Raised());
  for (const Notification& row : Rows()) {
    const bool hers = row.recipient == "ana@example.com";
    EXPECT_EQ(row.bundle, hers ? std::optional<std::string>("quiet") : std::nullopt);
    EXPECT_EQ(row.next_attempt_at, hers ? At("2026-12-02T05:30:00Z") : clock_.Now());
  }
  const AlertEvent critical = Raised("D1", Severity::kCritical);
  Write(outbox, critical);
  for (const Notification& row : Rows({.alert_id = critical.alert_id})) {
    EXPECT_FALSE(row.bundle) << row.recipient;
  }
}

TEST_F(OutboxTest, AFloodOfADeviceIsGathered) {
  OutboxOptions options = Defaults({"email:ops@example.com"});
  options.flood_per_device = 3;
  options.flood_site = 6;
  Outbox outbox = MakeOutbox(options);
  const auto bundle = [&](const std::string& device) {
    const AlertEvent event = Raised(device);
    Write(outbox, event);
    return Rows({.alert_id = event.alert_id}).front().bundle.value_or("");
  };
  EXPECT_EQ(bundle("D1"), "");
  EXPECT_EQ(bundle("D1"), "");
  EXPECT_EQ(bundle("D1"), "");
  EXPECT_EQ(bundle("D1"), "flood:device:D1");
  EXPECT_EQ(bundle("D2"), "");
  EXPECT_EQ(bundle("D1"), "flood:device:D1");
  EXPECT_EQ(bundle("D2"), "flood:site");
  for (const Notification& row : Rows()) {
    EXPECT_EQ(row.next_attempt_at,
              row.bundle ? At("2026-12-01T10:21:00Z") : At("2026-12-01T10:20:30Z"));
  }
  clock_.Advance(seconds(61));
  EXPECT_EQ(bundle("D1"), "");
}

}  // namespace
}  // namespace energy::notifications
