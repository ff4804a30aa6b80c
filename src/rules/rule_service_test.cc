#include "rules/rule_service.h"

#include "telemetry/test_support.h"

namespace energy::rules {
namespace {

class RuleServiceTest : public ::testing::Test {
 protected:
  void SetUp() override { platform_.AddDevice("D1"); }
  static RuleDraft Draft() {
    RuleDraft draft;
    draft.name = "Overheat";
    draft.device_id = "D1";
    draft.property = "temperature";
    draft.op = Operator::kGreater;
    draft.threshold = 50;
    return draft;
  }
  std::vector<std::string> BadFields(const RuleDraft& draft) {
    std::vector<std::string> fields;
    const auto rule = rules_.Create(draft, {});
    for (const auto& error : rule.status().fields()) fields.push_back(error.field);
    return fields;
  }

  telemetry::TestPlatform platform_;
  Engine engine_{*platform_.store, platform_.metrics, platform_.clock};
  std::vector<Transition> ended_;
  RuleService rules_{
      *platform_.database, platform_.clock, platform_.random,
      platform_.registry,  engine_,         [this](const auto& ended) { ended_ = ended; }};
};

TEST_F(RuleServiceTest, StoresAPlainRuleWithTheDefaultsOfTheDesign) {
  const auto created = rules_.Create(Draft(), {});
  ASSERT_TRUE(created.ok()) << created.status().ToString();
  const auto rule = rules_.Get(created->id);
  ASSERT_TRUE(rule.ok());
  EXPECT_EQ(rule->severity, Severity::kMedium);
  EXPECT_EQ(rule->status, RuleStatus::kActive);
  EXPECT_EQ(rule->cooldown_minutes, 15);
  EXPECT_EQ(rule->threshold, 50);
  EXPECT_EQ(rule->version, 1);
  EXPECT_TRUE(rule->notification_channels.empty());
}

TEST_F(RuleServiceTest, NamesEveryBadField) {
  EXPECT_EQ(BadFields({}),
            (std::vector<std::string>{"name", "device_id", "property", "operator", "threshold"}));
  RuleDraft draft = Draft();
  draft.name = "";
  draft.device_id = "D9";
  draft.cooldown_minutes = -1;
  draft.notification_channels = std::vector<std::string>{"pigeon"};
  EXPECT_EQ(BadFields(draft), (std::vector<std::string>{"name", "device_id", "cooldown_minutes",
                                                        "notification_channels"}));
  draft = Draft();
  draft.property = "humidity";
  draft.clear_threshold = std::optional<double>(51);
  EXPECT_EQ(BadFields(draft), (std::vector<std::string>{"property", "clear_threshold"}));
  EXPECT_EQ(rules_.List({}, {})->total, 0);
}

TEST_F(RuleServiceTest, UpdatesWhatIsGivenAndRefusesAStaleVersion) {
  const Rule rule = *rules_.Create(Draft(), {});
  RuleDraft change;
  change.threshold = 55;
  change.version = 1;
  const auto updated = rules_.Update(rule.id, change);
  ASSERT_TRUE(updated.ok()) << updated.status().ToString();
  EXPECT_EQ(updated->threshold, 55);
  EXPECT_EQ(updated->name, "Overheat");
  EXPECT_EQ(updated->version, 2);
  EXPECT_EQ(rules_.Update(rule.id, change).status().code(), base::Code::kConflict);
  change.version.reset();
  change.threshold = 1e300;
  EXPECT_TRUE(rules_.Update(rule.id, change).ok());
}

TEST_F(RuleServiceTest, PausingARuleEndsItsEpisodeInTheEngine) {
  const Rule rule = *rules_.Create(Draft(), {});
  telemetry::CommittedBatch batch;
  const series::FieldRef field = *platform_.store->OpenField("temperature");
  const double value = 60;
  batch.readings.Add(*platform_.store->OpenDevice("D1"), 1, {&field, 1}, {&value, 1});
  std::vector<Transition> transitions;
  engine_.Evaluate(batch, transitions);
  ASSERT_EQ(transitions.size(), 1u);
  RuleDraft pause;
  pause.status = RuleStatus::kPaused;
  ASSERT_TRUE(rules_.Update(rule.id, pause).ok());
  ASSERT_EQ(ended_.size(), 1u);
  EXPECT_EQ(ended_[0].rule->id, rule.id);
}

TEST_F(RuleServiceTest, ListsByFilterAndForgetsWhatIsDeleted) {
  const Rule rule = *rules_.Create(Draft(), {});
  RuleDraft other = Draft();
  other.name = "Low voltage";
  other.property = "voltage";
  other.severity = Severity::kCritical;
  ASSERT_TRUE(rules_.Create(other, {}).ok());
  RuleFilter filter;
  filter.severity = Severity::kCritical;
  EXPECT_EQ(rules_.List(filter, {})->items.at(0).name, "Low voltage");
  filter = {};
  filter.sort = "-severity";
  EXPECT_EQ(rules_.List(filter, {})->items.at(0).name, "Low voltage");
  filter.sort = "colour";
  EXPECT_EQ(rules_.List(filter, {}).status().code(), base::Code::kInvalidArgument);
  ASSERT_TRUE(rules_.Delete(rule.id).ok());
  EXPECT_EQ(rules_.Get(rule.id).status().code(), base::Code::kNotFound);
  EXPECT_EQ(rules_.Delete("nonsense").code(), base::Code::kNotFound);
}

}  // namespace
}  // namespace energy::rules
