#include "alerts/alert_service.h"

#include <atomic>
#include <future>

#include "alerts/test_support.h"

namespace energy::alerts {
namespace {

using std::chrono::seconds;

using AlertServiceTest = AlertFixture;

// What the engine says when the second reading reaches 61.
rules::Transition Escalated(const rules::Rule& rule, base::Timestamp at) {
  rules::Transition escalated;
  escalated.change = rules::Change::kEscalated;
  escalated.rule = std::make_shared<const rules::Rule>(rule);
  escalated.device_id = "D1";
  escalated.severity = rules::Severity::kCritical;
  escalated.threshold = 60;
  escalated.episode.count = 2;
  escalated.episode.worst_value = escalated.episode.latest_value = 61;
  escalated.episode.last_at = at;
  return escalated;
}

TEST_F(AlertServiceTest, AnEpisodeIsOneAlertThatResolvesByItself) {
  Feed(51, 0);
  ASSERT_EQ(All().size(), 1u);
  EXPECT_EQ(All()[0].status, AlertStatus::kOpen);
  EXPECT_EQ(All()[0].message,
            "Alert: Overheat - Device D1 temperature is 51.00 (threshold: > 50.00)");
  EXPECT_EQ(All()[0].unit, "°C");
  Feed(60, 5);
  Feed(55, 10);
  Feed(40, 15);
  ASSERT_EQ(All().size(), 1u);
  const Alert alert = All()[0];
  EXPECT_EQ(alert.status, AlertStatus::kResolved);
  EXPECT_EQ(alert.actual_value, 51);
  EXPECT_EQ(alert.worst_value, 60);
  EXPECT_EQ(alert.latest_value, 55);
  EXPECT_EQ(alert.reading_count, 3u);
  EXPECT_EQ(alert.created_at, platform_.clock.Now());
  EXPECT_EQ(alert.last_seen_at, platform_.clock.Now() + seconds(10));
  EXPECT_EQ(alert.resolved_at, platform_.clock.Now() + seconds(15));
  EXPECT_FALSE(alert.resolved_by);
  EXPECT_EQ(rules_.Get(rule_.id)->last_triggered, platform_.clock.Now());
}

TEST_F(AlertServiceTest, AnEscalatedEpisodeStaysOneAlertOfAnotherSeverity) {
  Feed(51, 0);
  alerts_->Apply({Escalated(rule_, platform_.clock.Now() + seconds(5))});
  ASSERT_EQ(All().size(), 1u);
  EXPECT_EQ(All()[0].severity, rules::Severity::kCritical);
  EXPECT_EQ(All()[0].threshold_value, 60);
  EXPECT_EQ(All()[0].worst_value, 61);
  EXPECT_EQ(All()[0].actual_value, 51);
}

TEST_F(AlertServiceTest, ARaiseWithinTheCooldownIsRecordedAsSuppressed) {
  Feed(51, 0);
  Feed(40, 5);
  Feed(51, 10);
  ASSERT_EQ(All().size(), 2u);
  EXPECT_EQ(All()[1].status, AlertStatus::kSuppressed);
  Feed(40, 15);
  EXPECT_EQ(All()[1].status, AlertStatus::kSuppressed);
  EXPECT_TRUE(All()[1].resolved_at.has_value());
  EXPECT_EQ(rules_.Get(rule_.id)->last_triggered, platform_.clock.Now());
}

TEST_F(AlertServiceTest, AcknowledgingKeepsTheEpisodeGoing) {
  Feed(51, 0);
  const auto acknowledged = Act(All()[0].id, Action::kAcknowledge, "looking");
  ASSERT_TRUE(acknowledged.ok()) << acknowledged.status().ToString();
  EXPECT_EQ(acknowledged->status, AlertStatus::kAcknowledged);
  EXPECT_EQ(acknowledged->comment, "looking");
  EXPECT_EQ(Act(All()[0].id, Action::kAcknowledge).status().code(), base::Code::kConflict);
  Feed(70, 5);
  Feed(40, 10);
  const Alert alert = All()[0];
  EXPECT_EQ(alert.status, AlertStatus::kResolved);
  EXPECT_EQ(alert.acknowledged_by, kUser);
  EXPECT_EQ(alert.comment, "looking");
  EXPECT_EQ(alert.worst_value, 70);
}

TEST_F(AlertServiceTest, AfterAPersonResolvedItTheNextReadingBeginsANewEpisode) {
  Feed(51, 0);
  const std::string id = All()[0].id;
  ASSERT_TRUE(Act(id, Action::kResolve).ok());
  EXPECT_EQ(Act(id, Action::kResolve).status().code(), base::Code::kConflict);
  Feed(52, 5);
  ASSERT_EQ(All().size(), 2u);
  EXPECT_EQ(All()[0].resolved_by, kUser);
  EXPECT_EQ(All()[1].status, AlertStatus::kSuppressed);
}

TEST_F(AlertServiceTest, TellsTheOutboxInTheTransactionOfTheAlert) {
  std::vector<std::string> told;
  bool fails = false;
  NewService();
  alerts_->SetOutbox([&](sql::Connection& connection, const Alert& alert,
                         const AlertEvent& event) -> base::Status {
    const auto stored = AlertRepository().Get(connection, alert.id);
    EXPECT_TRUE(stored.ok()) << "the row is not there yet";
    if (fails) return base::Unavailable("the outbox fails");
    EXPECT_EQ(stored->resolved_at.has_value(), event.action == kResolved);
    told.push_back(event.action);
    return {};
  });
  ASSERT_TRUE(alerts_->Start().ok());
  fails = true;
  Feed(51, 0);
  EXPECT_TRUE(All().empty()) << "an alert was stored without its notifications";
  fails = false;
  alerts_->Stop();  // writes what waits
  ASSERT_EQ(All().size(), 1u);
  EXPECT_EQ(told, std::vector<std::string>{"raised"});
  Feed(60, 1);
  Feed(40, 2);
  EXPECT_EQ(told, (std::vector<std::string>{"raised", "resolved"}));
  Feed(51, 3);  // within the cooldown
  Feed(40, 4);
  EXPECT_EQ(told.size(), 2u) << "a suppressed alert tells somebody";
  platform_.clock.Advance(std::chrono::hours(1));
  Feed(51, 5);
  alerts_->Apply({Escalated(rule_, platform_.clock.Now())});
  const std::string id = All("-created_at")[0].id;
  ASSERT_TRUE(Act(id, Action::kAcknowledge).ok());
  ASSERT_TRUE(Act(id, Action::kResolve).ok());
  EXPECT_EQ(told, (std::vector<std::string>{"raised", "resolved", "raised", "escalated",
                                            "acknowledged", "resolved"}));
}

TEST_F(AlertServiceTest, ContinuesAnEpisodeAfterARestart) {
  Feed(51, 0);
  Feed(60, 5);
  alerts_->Stop();
  alerts_.reset();
  engine_.SetRules({});
  NewService();
  ASSERT_TRUE(rules_.Load().ok());
  ASSERT_TRUE(alerts_->Start().ok());
  Feed(55, 10);
  Feed(40, 15);
  ASSERT_EQ(All().size(), 1u);
  EXPECT_EQ(All()[0].reading_count, 3u);
  EXPECT_EQ(All()[0].worst_value, 60);
  EXPECT_EQ(All()[0].status, AlertStatus::kResolved);
}

TEST_F(AlertServiceTest, RaisesWhatWasStoredButNotEvaluatedBeforeTheEnd) {
  Feed(51, 5);
  Feed(40, 10);
  // Stored and acknowledged, and then the program was killed.
  series::Batch stored;
  const series::FieldRef field = *platform_.store->OpenField("temperature");
  int second = 5;
  for (const double value : {51.0, 40.0, 70.0}) {
    stored.Add(*platform_.store->OpenDevice("D1"),
               (platform_.clock.Now() + seconds(second)).time_since_epoch().count(), {&field, 1},
               {&value, 1});
    second += 5;
  }
  ASSERT_TRUE(platform_.store->Append(stored).ok());
  alerts_->Stop();
  engine_.SetRules({});
  NewService();
  ASSERT_TRUE(rules_.Load().ok());
  ASSERT_TRUE(alerts_->Start().ok());
  for (int start = 0; start < 2; ++start) {
    ASSERT_TRUE(alerts_->CatchUp(*platform_.store).ok());
    ASSERT_EQ(All().size(), 2u) << "the first episode is not raised again";
    EXPECT_EQ(All()[1].actual_value, 70);
    EXPECT_FALSE(All()[1].resolved_at.has_value());
  }
}

TEST_F(AlertServiceTest, LooksAtAllThatWasStoredAtTheStart) {
  // Far more than a page, and the fault is at its beginning.
  constexpr int kReadings = 250'000;
  series::Batch stored;
  const series::FieldRef field = *platform_.store->OpenField("temperature");
  const series::DeviceRef device = *platform_.store->OpenDevice("D1");
  for (int i = 0; i < kReadings; ++i) {
    const double value = i == 10 || i == kReadings - 1 ? 70 : 40;
    stored.Add(device,
               (platform_.clock.Now() + std::chrono::milliseconds(i)).time_since_epoch().count(),
               {&field, 1}, {&value, 1});
  }
  ASSERT_TRUE(platform_.store->Append(stored).ok());
  ASSERT_TRUE(alerts_->CatchUp(*platform_.store).ok());
  ASSERT_EQ(All().size(), 2u);
  EXPECT_EQ(All()[0].created_at, platform_.clock.Now() + std::chrono::milliseconds(10));
  EXPECT_EQ(All()[0].status, AlertStatus::kResolved);
  EXPECT_FALSE(All()[1].resolved_at.has_value());
}

/// The database cannot be written until told otherwise.
class AlertsWithoutDatabase : public AlertServiceTest {
 protected:
  static constexpr size_t kLimit = 10;
  static constexpr int kEpisodes = 40;

  void SetUp() override {
    AlertServiceTest::SetUp();
    alerts_.reset();
    auto opened = sql::Database::Open({.url = platform_.database.url(),
                                       .pool_size = 2,
                                       .wait_limit = std::chrono::milliseconds(20),
                                       .statement_limit = std::chrono::milliseconds(200)},
                                      base::NullLogger());
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    impatient_ = std::move(opened).value();
    alerts_ = std::make_unique<AlertService>(
        *impatient_, platform_.clock, platform_.random, engine_,
        [](const auto&, const auto&) { return "°C"; }, base::NullLogger(), platform_.metrics,
        kLimit);
    ASSERT_TRUE(alerts_->Start().ok());
    std::promise<void> locked;
    outage_ = std::async(std::launch::async, [this, &locked] {
      return platform_.database->Transaction([&](sql::Connection& connection) -> base::Status {
        // SQLite's transactions exclude others anyway.
        if (connection.dialect() == sql::Dialect::kPostgresql) {
          ENERGY_RETURN_IF_ERROR(connection.Execute("LOCK TABLE alerts").status());
        }
        locked.set_value();
        end_.get_future().wait();
        return {};
      });
    });
    locked.get_future().wait();
    // As the feed does it.
    feed_ = std::async(std::launch::async, [this] {
      for (int i = 0; i < kEpisodes; ++i) {
        alerts_->WaitForRoom();
        Feed(60, 2 * i);
        Feed(40, 2 * i + 1);
        ++fed_;
      }
    });
    EXPECT_EQ(feed_.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout)
        << "nothing held it";
  }
  void TearDown() override { alerts_.reset(); }  // before its database
  void EndOutage() {
    end_.set_value();
    EXPECT_TRUE(outage_.get().ok());
  }

  std::unique_ptr<sql::Database> impatient_;
  std::promise<void> end_;
  std::future<base::Status> outage_;
  std::future<void> feed_;
  std::atomic<int> fed_ = 0;
};

TEST_F(AlertsWithoutDatabase, HoldTheFeedAndAreAllWrittenAfterwards) {
  EXPECT_LE(fed_, static_cast<int>(kLimit));
  EndOutage();
  feed_.get();
  alerts_->Stop();
  EXPECT_EQ(All().size(), static_cast<size_t>(kEpisodes));
  for (const Alert& alert : All()) EXPECT_TRUE(alert.resolved_at.has_value());
}

TEST_F(AlertsWithoutDatabase, HoldNothingOnceTheProgramStops) {
  alerts_->StopWaiting();
  feed_.get();
  EXPECT_EQ(fed_, kEpisodes);
  EndOutage();
}

TEST_F(AlertServiceTest, PausingOrDeletingARuleEndsItsEpisode) {
  Feed(51, 0);
  rules::RuleDraft pause;
  pause.status = rules::RuleStatus::kPaused;
  ASSERT_TRUE(rules_.Update(rule_.id, pause).ok());
  EXPECT_EQ(All()[0].status, AlertStatus::kResolved);
  pause.status = rules::RuleStatus::kActive;
  ASSERT_TRUE(rules_.Update(rule_.id, pause).ok());
  Feed(52, 5);
  ASSERT_TRUE(rules_.Delete(rule_.id).ok());
  EXPECT_TRUE(All().empty());
}

TEST_F(AlertServiceTest, CountsWhatIsOpen) {
  Feed(51, 0);
  auto summary = alerts_->Summarize();
  ASSERT_TRUE(summary.ok()) << summary.status().ToString();
  EXPECT_EQ(summary->open, 1);
  EXPECT_EQ(summary->by_severity[rules::Severity::kHigh], 1);
  EXPECT_NE(platform_.metrics.Text().find("alerts_active{severity=\"high\"} 1"), std::string::npos);
  Feed(40, 5);
  summary = alerts_->Summarize();
  EXPECT_EQ(summary->open, 0);
  EXPECT_EQ(summary->resolved_24h, 1);
  EXPECT_NE(platform_.metrics.Text().find("alerts_active{severity=\"high\"} 0"), std::string::npos);
}

}  // namespace
}  // namespace energy::alerts
