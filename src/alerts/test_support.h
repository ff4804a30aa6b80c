#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "alerts/alert_service.h"
#include "rules/rule_service.h"
#include "telemetry/test_support.h"

namespace energy::alerts {

/// For tests: the service over a real engine, with a rule "Overheat" (temperature > 50 on D1).
class AlertFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    platform_.AddDevice("D1");
    AddUser(kUser, "admin");
    rules::RuleDraft draft;
    draft.name = "Overheat";
    draft.device_id = "D1";
    draft.property = "temperature";
    draft.op = rules::Operator::kGreater;
    draft.threshold = 50;
    draft.severity = rules::Severity::kHigh;
    auto rule = rules_.Create(draft, {});
    ASSERT_TRUE(rule.ok()) << rule.status().ToString();
    rule_ = *rule;
    NewService();
    ASSERT_TRUE(alerts_->Start().ok());
  }
  void AddUser(const std::string& id, const std::string& role) {
    const base::Status added = platform_.database->Transaction([&](sql::Connection& connection) {
      return connection
          .Execute(
              "INSERT INTO users (id, email, password_hash, full_name, role) "
              "VALUES (:id, :email, 'x', 'A', :role)",
              {{"id", id}, {"email", id + "@example.com"}, {"role", role}})
          .status();
    });
    ASSERT_TRUE(added.ok()) << added.ToString();
  }
  void Restart() {
    alerts_->Stop();
    alerts_.reset();
    engine_.SetRules({});
    NewService();
    ASSERT_TRUE(rules_.Load().ok());
    ASSERT_TRUE(alerts_->Start().ok());
  }
  void NewService() {
    alerts_ = std::make_unique<AlertService>(
        *platform_.database, platform_.clock, platform_.random, engine_,
        [](const auto&, const auto&) { return "°C"; }, base::NullLogger(), platform_.metrics);
  }
  void Feed(double value, int second) {
    telemetry::CommittedBatch batch;
    const series::FieldRef field = *platform_.store->OpenField("temperature");
    batch.readings.Add(
        *platform_.store->OpenDevice("D1"),
        (platform_.clock.Now() + std::chrono::seconds(second)).time_since_epoch().count(),
        {&field, 1}, {&value, 1});
    std::vector<rules::Transition> transitions;
    engine_.Evaluate(batch, transitions);
    alerts_->Apply(transitions);
  }
  base::Result<Alert> Act(const std::string& id, Action action,
                          std::optional<std::string> comment = {}) {
    ActionRequest request;
    request.action = action;
    request.comment = std::move(comment);
    request.shelve_for = std::chrono::minutes(30);
    return alerts_->Act(id, request, kUser);
  }
  base::Result<Alert> Assign(const std::string& id, std::optional<std::string> assignee) {
    ActionRequest request;
    request.action = Action::kAssign;
    request.assignee = std::move(assignee);
    return alerts_->Act(id, request, kUser);
  }
  std::vector<Alert> All(const std::string& sort = "created_at") {
    AlertFilter filter;
    filter.sort = sort;
    auto listing = alerts_->List(filter, {});
    EXPECT_TRUE(listing.ok()) << listing.status().ToString();
    return listing.ok() ? listing->items : std::vector<Alert>();
  }

  static constexpr const char* kUser = "0190163d-8694-739b-aea5-966c26f8ad91";

  telemetry::TestPlatform platform_;
  rules::Engine engine_{*platform_.store, platform_.metrics, platform_.clock};
  std::unique_ptr<AlertService> alerts_;
  rules::RuleService rules_{
      *platform_.database, platform_.clock, platform_.random,
      platform_.registry,  engine_,         [this](const auto& ended) { alerts_->Apply(ended); }};
  rules::Rule rule_;
};

}  // namespace energy::alerts
