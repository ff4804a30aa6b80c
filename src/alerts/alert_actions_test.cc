#include <map>

#include "alerts/alert_json.h"
#include "alerts/alert_service.h"
#include "alerts/test_support.h"
#include "audit/audit.h"

namespace energy::alerts {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class AlertActionsTest : public AlertFixture {
 protected:
  std::vector<std::string> HistoryOf(const std::string& id) {
    const auto detail = alerts_->GetDetail(id);
    EXPECT_TRUE(detail.ok()) << detail.status().ToString();
    std::vector<std::string> actions;
    for (const AlertEvent& event : detail->history) actions.push_back(event.action);
    return actions;
  }
  using Actions = std::vector<std::string>;
};

TEST(AlertActions, AreKnownByTheirNames) {
  for (const char* name :
       {"acknowledge", "resolve", "reopen", "shelve", "unshelve", "assign", "comment"}) {
    ASSERT_TRUE(ParseAction(name)) << name;
    EXPECT_EQ(ActionName(*ParseAction(name)), name);
  }
  EXPECT_FALSE(ParseAction("delete"));
}

TEST(AlertActions, ArePossibleFromTheseStatuses) {
  const std::map<Action, std::string> possible{
      {Action::kAcknowledge, "open "},
      {Action::kResolve, "open acknowledged suppressed "},
      {Action::kReopen, "resolved "},
      {Action::kShelve, "open acknowledged "},
      {Action::kUnshelve, "open acknowledged "},
      {Action::kAssign, "open acknowledged "},
      {Action::kComment, "open acknowledged resolved suppressed "}};
  for (const auto& [action, expected] : possible) {
    std::string from;
    for (const AlertStatus status : {AlertStatus::kOpen, AlertStatus::kAcknowledged,
                                     AlertStatus::kResolved, AlertStatus::kSuppressed}) {
      Alert alert;
      alert.status = status;
      if (action == Action::kUnshelve) alert.shelved_until = base::Timestamp();
      const base::Status allowed = CheckAction(action, alert);
      if (allowed.ok()) from += std::string(AlertStatusName(status)) + ' ';
      EXPECT_TRUE(allowed.ok() || allowed.code() == base::Code::kConflict);
    }
    EXPECT_EQ(from, expected) << ActionName(action);
  }
  Alert over;
  over.status = AlertStatus::kSuppressed;
  over.resolved_at = base::Timestamp();
  EXPECT_EQ(CheckAction(Action::kResolve, over).message(),
            "the alert is over: only one that goes on can be resolved");
  EXPECT_EQ(CheckAction(Action::kUnshelve, Alert()).message(),
            "the alert is not shelved: only a shelved one can be unshelved");
}

TEST_F(AlertActionsTest, EachOneIsInTheHistoryWithWhoAndWhen) {
  Feed(51, 0);
  const std::string id = All()[0].id;
  {
    const audit::Acting acting({kUser, "ann@example.com", "::1", "r1"});
    platform_.clock.Advance(minutes(1));
    ASSERT_TRUE(Act(id, Action::kAcknowledge, "Fan ordered.").ok());
    platform_.clock.Advance(minutes(1));
    ASSERT_TRUE(Assign(id, kUser).ok());
    ASSERT_TRUE(Act(id, Action::kComment, "Fan is here.").ok());
    ASSERT_TRUE(Act(id, Action::kResolve).ok());
    ASSERT_TRUE(Act(id, Action::kReopen).ok());
  }
  const auto detail = alerts_->GetDetail(id);
  ASSERT_TRUE(detail.ok()) << detail.status().ToString();
  EXPECT_EQ(HistoryOf(id),
            (Actions{"raised", "acknowledged", "assigned", "commented", "resolved", "reopened"}));
  const AlertEvent& raised = detail->history[0];
  EXPECT_FALSE(raised.actor);
  EXPECT_TRUE(raised.before.is_null());
  EXPECT_EQ(raised.after.at("status"), "open");
  EXPECT_EQ(raised.after.at("actual_value"), 51);
  const AlertEvent& acknowledged = detail->history[1];
  EXPECT_EQ(acknowledged.actor, "ann@example.com");
  EXPECT_EQ(acknowledged.actor_id, kUser);
  EXPECT_EQ(acknowledged.at, raised.at + minutes(1));
  EXPECT_EQ(acknowledged.comment, "Fan ordered.");
  EXPECT_EQ(acknowledged.before.dump(), R"({"status":"open"})");
  EXPECT_EQ(acknowledged.after.dump(), R"({"status":"acknowledged"})");
  EXPECT_EQ(detail->history[2].after.at("assigned_to"), kUser);
  EXPECT_EQ(detail->alert.comment, "Fan is here.");
  EXPECT_EQ(detail->alert.status, AlertStatus::kOpen);
  EXPECT_EQ(detail->alert.assigned_to, kUser);
  EXPECT_FALSE(detail->alert.resolved_at);
  EXPECT_FALSE(detail->alert.acknowledged_by);
}

TEST_F(AlertActionsTest, WhatHappensByItselfIsInTheHistoryToo) {
  Feed(51, 0);
  Feed(40, 5);
  const std::string id = All()[0].id;
  EXPECT_EQ(HistoryOf(id), (Actions{"raised", "resolved"}));
  const auto detail = alerts_->GetDetail(id);
  EXPECT_FALSE(detail->history[1].actor_id);
  EXPECT_EQ(detail->history[1].at, platform_.clock.Now() + seconds(5));
  EXPECT_EQ(detail->history[1].after.dump(), R"({"status":"resolved"})");
}

TEST_F(AlertActionsTest, ShelvingEndsByItselfAndByHand) {
  Feed(51, 0);
  const std::string id = All()[0].id;
  ASSERT_TRUE(Act(id, Action::kShelve, "until the fan comes").ok());
  EXPECT_EQ(All()[0].shelved_until, platform_.clock.Now() + minutes(30));
  AlertFilter shown;
  shown.shelved = false;
  EXPECT_TRUE(alerts_->List(shown, {})->items.empty());
  shown.shelved = true;
  EXPECT_EQ(alerts_->List(shown, {})->items.size(), 1u);
  Feed(52, 5);
  platform_.clock.Advance(minutes(30));
  alerts_->Stop();  // one more round
  EXPECT_EQ(All()[0].reading_count, 2u) << "the episode goes on";
  EXPECT_FALSE(All()[0].shelved_until);
  ASSERT_TRUE(Act(id, Action::kShelve).ok());
  ASSERT_TRUE(Act(id, Action::kUnshelve).ok());
  EXPECT_FALSE(All()[0].shelved_until);
  EXPECT_EQ(HistoryOf(id), (Actions{"raised", "shelved", "unshelved", "shelved", "unshelved"}));
  EXPECT_EQ(Act(id, Action::kUnshelve).status().code(), base::Code::kConflict);
}

TEST_F(AlertActionsTest, AShelvedAlertThatClearsIsNotShelvedAnyMore) {
  Feed(51, 0);
  ASSERT_TRUE(Act(All()[0].id, Action::kShelve).ok());
  Feed(40, 5);
  EXPECT_FALSE(All()[0].shelved_until);
  EXPECT_EQ(All()[0].status, AlertStatus::kResolved);
}

TEST_F(AlertActionsTest, AReopenedAlertStaysOpenUntilTheConditionHeldAgainAndClears) {
  Feed(51, 0);
  Feed(70, 5);
  Feed(40, 10);
  const std::string id = All()[0].id;
  ASSERT_TRUE(Act(id, Action::kReopen).ok());
  Feed(41, 15);
  EXPECT_EQ(All()[0].status, AlertStatus::kOpen);
  Restart();
  Feed(42, 20);
  EXPECT_EQ(All()[0].status, AlertStatus::kOpen) << "also after a restart";
  Feed(55, 25);
  ASSERT_EQ(All().size(), 1u) << "the same trouble";
  EXPECT_EQ(All()[0].reading_count, 3u);
  EXPECT_EQ(All()[0].worst_value, 70);
  EXPECT_EQ(All()[0].latest_value, 55);
  Restart();
  Feed(40, 30);
  EXPECT_EQ(All()[0].status, AlertStatus::kResolved);
  EXPECT_EQ(All()[0].reading_count, 3u);
}

TEST_F(AlertActionsTest, AnAlertResolvedByMistakeTakesItsEpisodeBack) {
  Feed(51, 0);
  const std::string id = All()[0].id;
  ASSERT_TRUE(Act(id, Action::kResolve).ok());
  Feed(60, 5);
  ASSERT_EQ(All().size(), 2u);
  EXPECT_EQ(All()[1].status, AlertStatus::kSuppressed);
  ASSERT_TRUE(Act(id, Action::kReopen).ok());
  EXPECT_TRUE(All()[1].resolved_at.has_value());
  Feed(52, 10);
  Feed(40, 15);
  EXPECT_EQ(All()[0].status, AlertStatus::kResolved);
  EXPECT_EQ(All()[0].reading_count, 3u);
  EXPECT_EQ(All()[0].worst_value, 60);
  EXPECT_EQ(All().size(), 2u);
}

TEST_F(AlertActionsTest, AReopenedAlertIsResolvedWithTheEpisodeThatItTookOver) {
  Feed(51, 0);
  const std::string id = All()[0].id;
  ASSERT_TRUE(Act(id, Action::kResolve).ok());
  Feed(60, 5);
  ASSERT_TRUE(Act(id, Action::kReopen).ok());
  ASSERT_TRUE(Act(id, Action::kResolve).ok());
  Feed(61, 10);
  ASSERT_EQ(All().size(), 3u) << "the next reading begins another";
  EXPECT_EQ(All()[2].actual_value, 61);
}

TEST_F(AlertActionsTest, OneOfARuleAndDeviceIsActive) {
  Feed(51, 0);
  Feed(40, 5);
  const std::string first = All()[0].id;
  platform_.clock.Advance(std::chrono::hours(2));
  Feed(51, 0);
  const auto refused = Act(first, Action::kReopen);
  EXPECT_EQ(refused.status().code(), base::Code::kConflict);
  EXPECT_NE(refused.status().message().find(All()[1].id), std::string::npos);
}

TEST_F(AlertActionsTest, OnlyWhoMayHandleAlertsIsAssigned) {
  Feed(51, 0);
  const std::string id = All()[0].id;
  AddUser("0190163d-8694-739b-aea5-966c26f8ad92", "viewer");
  EXPECT_EQ(Assign(id, "0190163d-8694-739b-aea5-966c26f8ad92").status().fields().at(0).field,
            "assignee");
  EXPECT_EQ(Assign(id, "nobody").status().code(), base::Code::kInvalidArgument);
  ASSERT_EQ(alerts_->ListAssignees()->size(), 1u);
  ASSERT_TRUE(Assign(id, kUser).ok());
  AlertFilter filter;
  filter.assigned_to = kUser;
  EXPECT_EQ(alerts_->List(filter, {})->total, 1);
  ASSERT_TRUE(Assign(id, std::nullopt).ok());
  EXPECT_EQ(alerts_->List(filter, {})->total, 0);
  AlertFilter nobodys;
  nobodys.unassigned = true;
  EXPECT_EQ(alerts_->List(nobodys, {})->total, 1);
}

TEST_F(AlertActionsTest, OfManyEachHasItsOwnOutcome) {
  Feed(51, 0);
  Feed(40, 5);
  platform_.clock.Advance(std::chrono::hours(2));
  Feed(51, 0);
  const std::vector<Alert> all = All();
  const std::string nobody = "00000000-0000-4000-8000-000000000000";
  ActionRequest request;
  request.action = Action::kAcknowledge;
  const auto done = alerts_->ActOnAll({all[0].id, nobody, all[1].id}, request, kUser);
  ASSERT_TRUE(done.ok()) << done.status().ToString();
  EXPECT_EQ(done->at(0).status().code(), base::Code::kConflict);
  EXPECT_EQ(done->at(1).status().code(), base::Code::kNotFound);
  EXPECT_TRUE(done->at(2).ok());
  EXPECT_EQ(All()[1].status, AlertStatus::kAcknowledged);
}

TEST_F(AlertActionsTest, AreToldOfOnceTheyAreStored) {
  std::vector<std::string> told;
  alerts_->OnEvent([&](const Alert& alert, const AlertEvent& event) {
    told.push_back(event.action + " " + std::string(AlertStatusName(alert.status)));
  });
  Feed(51, 0);
  ASSERT_TRUE(Act(All()[0].id, Action::kAcknowledge).ok());
  EXPECT_FALSE(Act(All()[0].id, Action::kAcknowledge).ok());
  Feed(52, 5);
  Feed(40, 10);
  EXPECT_EQ(told, (Actions{"raised open", "acknowledged acknowledged", "resolved resolved"}));
}

TEST_F(AlertActionsTest, AFlappingRuleIsMarkedWithItsRate) {
  for (int i = 0; i < 6; ++i) {
    Feed(51, 20 * i);
    Feed(40, 20 * i + 10);
  }
  const std::vector<Alert> all = All();
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all[5].episodes_per_hour, 6);
  EXPECT_TRUE(all[4].chattering);
  EXPECT_FALSE(all[3].chattering);
  platform_.clock.Advance(std::chrono::hours(2));
  Feed(51, 0);
  EXPECT_EQ(All()[6].episodes_per_hour, 1);
}

TEST_F(AlertActionsTest, StatisticsOfARange) {
  const base::Timestamp start = platform_.clock.Now();
  for (int i = 0; i < 5; ++i) {
    Feed(51, 20 * i);
    Feed(40, 20 * i + 10);
  }
  platform_.clock.Advance(std::chrono::hours(2));
  Feed(51, 0);
  platform_.clock.Advance(minutes(4));
  ASSERT_TRUE(Act(All()[5].id, Action::kAcknowledge).ok());
  StatisticsQuery query{start, start + std::chrono::hours(3)};
  const auto found = alerts_->Statistics(query);
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ(found->total, 6);
  const base::Json json = ToJson(*found);
  EXPECT_EQ(json.at("by_severity").at("high"), 6);
  EXPECT_EQ(json.at("by_status").at("suppressed"), 4);
  EXPECT_EQ(json.at("by_status").at("acknowledged"), 1);
  ASSERT_TRUE(found->mean_acknowledge_s);
  EXPECT_NEAR(*found->mean_acknowledge_s, 240, 0.01);
  ASSERT_TRUE(found->mean_resolve_s);
  EXPECT_NEAR(*found->mean_resolve_s, 10, 0.01);
  ASSERT_EQ(found->rules.size(), 1u);
  EXPECT_EQ(found->rules[0].name, "Overheat");
  EXPECT_EQ(found->rules[0].alerts, 6);
  ASSERT_EQ(found->devices.size(), 1u);
  EXPECT_EQ(found->devices[0].id, "D1");
  EXPECT_EQ(found->devices[0].last_at, start + std::chrono::hours(2));
  ASSERT_EQ(found->chattering.size(), 1u);
  EXPECT_EQ(found->chattering[0].peak_per_hour, 5);
  query.device_id = "D2";
  const auto none = alerts_->Statistics(query);
  EXPECT_EQ(none->total, 0);
  EXPECT_FALSE(none->mean_resolve_s);
  query.end = query.start;
  EXPECT_EQ(alerts_->Statistics(query).status().fields().at(0).field, "end");
}

TEST_F(AlertActionsTest, AreFoundByWhatTheySay) {
  Feed(51, 0);
  AlertFilter filter;
  for (const auto& [text, count] : std::map<std::string, int>{
           {"overHEAT", 1}, {"D1", 1}, {"temperature", 1}, {"fan", 0}, {"%", 0}}) {
    filter.search = text;
    EXPECT_EQ(alerts_->List(filter, {})->total, count) << text;
  }
  ASSERT_TRUE(Act(All()[0].id, Action::kComment, "Fan ordered.").ok());
  filter.search = "fan";
  EXPECT_EQ(alerts_->List(filter, {})->total, 1);
}

}  // namespace
}  // namespace energy::alerts
