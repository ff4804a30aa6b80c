#include <condition_variable>
#include <csignal>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>
#include <random>

#include "auth/hash.h"
#include "http/smtp_test_server.h"
#include "http/test_support.h"
#include "integration/platform_test.h"

namespace energy::integration {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kSecret = "0123456789abcdef";
constexpr int kKills = kSanitized ? 6 : 30;

/// A receiver of webhooks that checks what it is sent, and keeps it by its idempotency key.
class Receiver {
 public:
  struct Message {
    base::Json body;
    int times = 0;
  };

  Receiver() {
    server_.router.Add(http::Method::kPost, "/hook",
                       [this](http::Request& request) { return Take(request); });
    server_.Start();
  }

  std::string Url() const { return "http://127.0.0.1:" + std::to_string(server_.port()) + "/hook"; }
  Environment Settings() const {
    return {{"ENERGY_NOTIFICATIONS__WEBHOOK__ALLOWED",
             "http://127.0.0.1:" + std::to_string(server_.port()) + "/"},
            {"ENERGY_NOTIFICATIONS__WEBHOOK__SECRET", kSecret},
            {"ENERGY_NOTIFICATIONS__RECIPIENTS__HIGH", "webhook:" + Url()},
            {"ENERGY_NOTIFICATIONS__RETRY_S", "1"},
            // A lease lasts three seconds then.
            {"ENERGY_NOTIFICATIONS__TIMEOUT_S", "1"},
            {"ENERGY_NOTIFICATIONS__FLOOD_PER_DEVICE", "0"},
            {"ENERGY_NOTIFICATIONS__FLOOD_SITE", "0"}};
  }

  /// Runs when a message has arrived, before it is answered. Set while none can come.
  std::function<void()> before_answer;
  void AnswerWith(int status) { status_ = status; }

  std::map<std::string, Message> messages() {
    std::lock_guard lock(mutex_);
    return messages_;
  }
  /// Waits, without a moment's delay, until there are more than that.
  bool WaitForMore(size_t than) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, kPatience, [&] { return messages_.size() > than; });
  }
  int forged() const { return forged_; }

 private:
  http::Response Take(const http::Request& request) {
    http::Response response;
    const std::string time(request.Header("X-Energy-Timestamp"));
    const std::string signature =
        "v1=" + auth::ToHex(auth::HmacSha256(kSecret, time + "." + request.body));
    if (request.Header("X-Energy-Signature") != signature) {
      ++forged_;
      response.status = 401;
      return response;
    }
    if (before_answer) before_answer();
    response.status = status_;
    if (status_ >= 300) return response;
    std::lock_guard lock(mutex_);
    Message& message = messages_[std::string(request.Header("Idempotency-Key"))];
    message.body = base::Json::parse(request.body);
    ++message.times;
    came_.notify_all();
    return response;
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::map<std::string, Message> messages_;  // guarded by mutex_
  std::atomic<int> status_{204};
  std::atomic<int> forged_{0};
  http::TestServer server_;
};

class Notifications : public PlatformTest {
 protected:
  void StartWithDevice(const Environment& environment) {
    Start(environment);
    device_ = api().MakeDevice("D1");
    client_ = Connect(device_);
  }
  void StartAgain() {
    client_.reset();
    Start(environment_);
    client_ = Connect(device_);
  }
  std::string MakeRule(const base::Json& more = base::Json::object()) {
    base::Json rule{{"name", "Bulb Overheat"}, {"device_id", "D1"}, {"property", "temperature"},
                    {"operator", ">"},         {"threshold", 50},   {"severity", "high"},
                    {"cooldown_minutes", 0}};
    rule.update(more);
    return api().PostData("/api/rules", rule).at("id");
  }
  base::Status Measure(double temperature) {
    Reading reading{NowMs()};
    reading.temperature = temperature;
    return Publish(*client_, device_, reading);
  }
  base::Json Log(const std::string& query = "") {
    return api()
        .GetData("/api/notifications?page_size=500&sort=created_at" + query)
        .at("notifications");
  }
  /// Waits until the log of that query has `count` entries of that status; all of the query.
  base::Json WaitForLog(const std::string& query, size_t count, const std::string& status) {
    base::Json log;
    EXPECT_TRUE(WaitUntil([&] {
      log = Log(query);
      size_t found = 0;
      for (const base::Json& entry : log) found += entry.at("status") == status ? 1 : 0;
      return found >= count;
    })) << "expected "
        << count << " " << status << ", found " << log.dump(2);
    return log;
  }

  Environment environment_;
  Receiver receiver_;
  Credential device_;
  std::unique_ptr<mqtt::Client> client_;
};

TEST_F(Notifications, AFaultIsMailedAndPostedAndSoIsItsEnd) {
  http::SmtpTestServer mail({"--login", "me:secret"});
  environment_ = receiver_.Settings();
  environment_.insert(environment_.end(),
                      {{"ENERGY_NOTIFICATIONS__EMAIL__PROVIDER", "smtp"},
                       {"ENERGY_NOTIFICATIONS__EMAIL__FROM", "alerts@plant.example"},
                       {"ENERGY_NOTIFICATIONS__SMTP__HOST", "127.0.0.1"},
                       {"ENERGY_NOTIFICATIONS__SMTP__PORT", std::to_string(mail.port())},
                       {"ENERGY_NOTIFICATIONS__SMTP__SECURITY", "none"},
                       {"ENERGY_NOTIFICATIONS__SMTP__USER", "me"},
                       {"ENERGY_NOTIFICATIONS__SMTP__PASSWORD", "secret"},
                       {"ENERGY_NOTIFICATIONS__PAGE_URL", "https://page.example/"}});
  StartWithDevice(environment_);
  const std::string rule = MakeRule();
  base::Json recipients{{"recipients", {"email:ops@example.com", "email:bounce@example.com"}}};
  ASSERT_EQ(api().Put("/api/rules/" + rule + "/recipients", recipients).status, 200);
  ASSERT_TRUE(Measure(40).ok());
  ASSERT_TRUE(Measure(62.5).ok());

  // A rule without channels and with recipients tells those alone.
  const base::Json first = mail.NextMail();
  EXPECT_EQ(first.at("to"), base::Json::array({"ops@example.com"}));
  EXPECT_EQ(first.at("user"), "me");
  base::Json log = WaitForLog("", 1, "bounced");
  ASSERT_EQ(log.size(), 2U);
  for (const base::Json& entry : log) {
    EXPECT_EQ(entry.at("kind"), "raised");
    EXPECT_EQ(entry.at("severity"), "high");
    EXPECT_EQ(entry.at("device_id"), "D1");
    EXPECT_EQ(entry.at("attempts"), 1);
    if (entry.at("recipient") == "bounce@example.com") {
      EXPECT_EQ(entry.at("provider_response").at("status"), 550);
      EXPECT_NE(entry.at("last_error").get<std::string>().find("no such mailbox"),
                std::string::npos);
    }
  }
  EXPECT_TRUE(receiver_.messages().empty());

  // With channels, what has no recipient of its own falls back to the defaults.
  recipients = {{"recipients", {"email:ops@example.com"}}};
  ASSERT_EQ(api().Put("/api/rules/" + rule + "/recipients", recipients).status, 200);
  ASSERT_EQ(
      api().Put("/api/rules/" + rule, {{"notification_channels", {"email", "webhook"}}}).status,
      200);
  ASSERT_TRUE(Measure(45).ok());  // who was told hears of the end
  EXPECT_NE(mail.NextMail().at("data").get<std::string>().find("UmVzb2x2ZWQ6IEJ1bGIgT3Zlcmhl"),
            std::string::npos);
  ASSERT_TRUE(Measure(70).ok());
  EXPECT_EQ(mail.NextMail().at("to"), base::Json::array({"ops@example.com"}));
  WaitForLog("&channel=webhook", 1, "sent");
  const auto messages = receiver_.messages();
  ASSERT_EQ(messages.size(), 1U);
  const base::Json& body = messages.begin()->second.body;
  EXPECT_EQ(body.at("id"), messages.begin()->first);
  const base::Json& event = body.at("events").at(0);
  EXPECT_EQ(event.at("value"), 70);
  EXPECT_EQ(event.at("device_name"), "Device D1");
  EXPECT_EQ(event.at("link"),
            "https://page.example/alerts?alert=" + event.at("alert_id").get<std::string>());
  EXPECT_EQ(receiver_.forged(), 0);
  EXPECT_NE(api()
                .Get("/metrics")
                .response.Body()
                .find(R"(notifications_total{channel="webhook",outcome="sent"} 1)"),
            std::string::npos);
  const base::Json settings = api().GetData("/api/system/settings");
  EXPECT_EQ(settings.dump().find(kSecret), std::string::npos);
  EXPECT_EQ(api().GetData("/api/notifications/channels").dump().find(kSecret), std::string::npos);
}

TEST_F(Notifications, AProviderThatIsAwayIsWaitedForAndAFailureCanBeRetried) {
  environment_ = receiver_.Settings();
  environment_.emplace_back("ENERGY_NOTIFICATIONS__MAX_ATTEMPTS", "2");
  StartWithDevice(environment_);
  MakeRule();
  receiver_.AnswerWith(503);
  ASSERT_TRUE(Measure(60).ok());
  const base::Json failed = WaitForLog("", 1, "failed").at(0);
  EXPECT_EQ(failed.at("attempts"), 2);
  EXPECT_EQ(failed.at("last_error"), "the server answered 503");
  receiver_.AnswerWith(204);
  const std::string id = failed.at("id");
  EXPECT_EQ(api().Post("/api/notifications/" + id + "/retry", base::Json::object()).status, 200);
  const base::Json sent = WaitForLog("", 1, "sent").at(0);
  EXPECT_EQ(sent.at("id"), id);
  EXPECT_EQ(receiver_.messages().at(id).times, 1);
  EXPECT_EQ(api().Post("/api/notifications/" + id + "/retry", base::Json::object()).status, 409);
}

TEST(NotificationSettings, SayWhatIsWrongAndWhatToDo) {
  const TemporaryFolder folder;
  const std::string secret_file = (folder.path() / "secret").string();
  std::ofstream(secret_file) << "\n";
  const auto serve = [&](Environment environment) {
    for (auto& [name, value] : environment) name = "ENERGY_NOTIFICATIONS__" + name;
    return RunProgram({"serve", "--data-dir", (folder.path() / "data").string(), "--http",
                       "127.0.0.1:0", "--mqtt", "127.0.0.1:0"},
                      environment);
  };
  const std::vector<std::pair<Environment, std::string>> cases{
      {{{"EMAIL__PROVIDER", "smtp"}}, "notifications.email.from"},
      {{{"EMAIL__PROVIDER", "smtp"}, {"EMAIL__FROM", "a@b.example"}}, "notifications.smtp.host"},
      {{{"EMAIL__PROVIDER", "smtp"},
        {"EMAIL__FROM", "a@b.example"},
        {"SMTP__HOST", "mail.example"},
        {"SMTP__SECURITY", "none"},
        {"SMTP__USER", "me"}},
       "would send the password in the clear"},
      {{{"EMAIL__PROVIDER", "ses"}, {"EMAIL__FROM", "a@b.example"}}, "notifications.ses.region"},
      {{{"WHATSAPP__ACCOUNT_SID", "AC1"}}, "notifications.whatsapp.auth_token"},
      {{{"TELEGRAM__BOT_TOKEN_FILE", secret_file}}, "has no first line that can be read"},
      {{{"TELEGRAM__BOT_TOKEN", "x"}, {"TELEGRAM__BOT_TOKEN_FILE", secret_file}}, "give it once"},
      {{{"WEBHOOK__ALLOWED", "https://hooks.example"}}, "must be a URL that ends with a slash"},
      {{{"WEBHOOK__ALLOWED", "https://hooks.example/"}}, "must have at least 16 bytes"},
      {{{"RECIPIENTS__HIGH", "ops@example.com"}}, "notifications.recipients.high"},
      {{{"TIME_ZONE", "Mars"}}, "notifications.time_zone"},
      {{{"TEMPLATES_DIR", "/nowhere"}}, "notifications.templates_dir"}};
  for (const auto& [environment, expected] : cases) {
    const Outcome outcome = serve(environment);
    EXPECT_NE(outcome.exit_code, 0) << expected;
    EXPECT_NE((outcome.out + outcome.err).find(expected), std::string::npos)
        << expected << ": " << outcome.out << outcome.err;
  }
}

// alert -> outbox: the row is there with the alert, whatever becomes of the program.
TEST_F(Notifications, WhatWasNotSentBeforeAKillIsSentAfterIt) {
  environment_ = receiver_.Settings();
  StartWithDevice(environment_);
  MakeRule();
  receiver_.AnswerWith(500);
  ASSERT_TRUE(Measure(60).ok());
  ASSERT_TRUE(WaitUntil([&] { return Log().size() == 1; }));
  platform().process().Kill();
  EXPECT_TRUE(receiver_.messages().empty());
  receiver_.AnswerWith(204);
  StartAgain();
  const base::Json log = WaitForLog("", 1, "sent");
  ASSERT_EQ(log.size(), 1U);
  EXPECT_EQ(receiver_.messages().size(), 1U);
  EXPECT_EQ(receiver_.messages().begin()->second.times, 1);
}

// send -> record: the receiver has the message and the program never learned of it.
TEST_F(Notifications, AKillWhileAMessageIsUnderWaySendsItAgainUnderItsKey) {
  environment_ = receiver_.Settings();
  StartWithDevice(environment_);
  MakeRule();
  std::atomic<bool> killed{false};
  receiver_.before_answer = [&] {
    if (!killed.exchange(true)) ::kill(platform().process().pid(), SIGKILL);
  };
  (void)Measure(60);
  ASSERT_TRUE(platform().process().Wait());
  ASSERT_TRUE(killed);
  StartAgain();
  const base::Json log = WaitForLog("", 1, "sent");
  ASSERT_EQ(log.size(), 1U);
  EXPECT_EQ(log[0].at("attempts"), 2);
  EXPECT_NE(log[0].at("last_error").get<std::string>().find("may have arrived twice"),
            std::string::npos);
  const auto messages = receiver_.messages();
  ASSERT_EQ(messages.size(), 1U) << "the second attempt has another key";
  EXPECT_EQ(messages.begin()->first, log[0].at("id"));
  EXPECT_EQ(messages.begin()->second.times, 2);
}

// Each round a new rule raises one alert, and the program is killed at any moment between the
// reading and the written outcome.
TEST_F(Notifications, NothingIsLostAndNothingIsDoubledButUnderItsKeyWhateverTheKills) {
  environment_ = receiver_.Settings();
  StartWithDevice(environment_);
  std::mt19937_64 random(TestSeed());
  for (int round = 0; round < kKills; ++round) {
    SCOPED_TRACE(round);
    const int hot = 60 + round % 20;  // a bulb's profile ends at 80
    const size_t before = receiver_.messages().size();
    MakeRule({{"name", "rule " + std::to_string(round)}});
    ASSERT_TRUE(Measure(hot).ok());
    // The moment of a kill is meant to hit anything, so here, and only here, time itself is waited
    // for: in one round from the reading on (senders look twice a second), in the next from the
    // arrival of the message on, to hit the time until its outcome is written.
    const bool near_the_end = round % 2 == 1;
    if (near_the_end) {
      ASSERT_TRUE(receiver_.WaitForMore(before)) << Log().dump(1) << platform().process().Err();
    }
    std::this_thread::sleep_for(std::chrono::microseconds(
        std::uniform_int_distribution<int>(0, near_the_end ? 3000 : 600'000)(random)));
    platform().process().Kill();
    StartAgain();
    // An acknowledged reading is evaluated, if not before the kill then at the start after it.
    ASSERT_TRUE(Measure(hot).ok());
  }
  const base::Json log = WaitForLog("&kind=raised", kKills, "sent");
  EXPECT_EQ(log.size(), static_cast<size_t>(kKills));
  std::map<std::string, int> by_rule;
  int repeated = 0;
  const auto messages = receiver_.messages();
  for (const base::Json& entry : log) {
    EXPECT_EQ(entry.at("status"), "sent") << entry;
    const auto message = messages.find(entry.at("id"));
    ASSERT_NE(message, messages.end()) << "never arrived: " << entry;
    ++by_rule[message->second.body.at("events").at(0).at("rule_name")];
    if (message->second.times == 1) continue;
    ++repeated;
    EXPECT_GT(entry.at("attempts"), 1) << "sent twice without a reason: " << entry;
  }
  EXPECT_EQ(by_rule.size(), static_cast<size_t>(kKills));
  for (const auto& [rule, times] : by_rule) EXPECT_EQ(times, 1) << rule;
  size_t raised = 0;
  for (const auto& [key, message] : messages) {
    raised += message.body.at("events").at(0).at("kind") == "raised" ? 1 : 0;
  }
  EXPECT_EQ(raised, static_cast<size_t>(kKills)) << "something was sent that is not in the log";
  std::cout << kKills << " kills, " << repeated << " messages sent again under their key\n";
}

}  // namespace
}  // namespace energy::integration
