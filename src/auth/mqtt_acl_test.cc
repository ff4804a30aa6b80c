#include "auth/mqtt_acl.h"

#include <gtest/gtest.h>

namespace energy::auth {
namespace {

using Action = AclRule::Action;

TEST(FilterCovers, ComparesLevelByLevel) {
  EXPECT_TRUE(FilterCovers("a/b", "a/b"));
  EXPECT_FALSE(FilterCovers("a/b", "a/c"));
  EXPECT_FALSE(FilterCovers("a/b", "a"));
  EXPECT_FALSE(FilterCovers("a/b", "a/b/c"));
  EXPECT_FALSE(FilterCovers("a/b", "a/b/"));
  EXPECT_TRUE(FilterCovers("a/+", "a/"));
  EXPECT_TRUE(FilterCovers("devices/+/telemetry", "devices/D1/telemetry"));
  EXPECT_TRUE(FilterCovers("devices/+/telemetry", "devices/+/telemetry"));
  EXPECT_FALSE(FilterCovers("devices/+/telemetry", "devices/#"));
  EXPECT_FALSE(FilterCovers("devices/D1/telemetry", "devices/+/telemetry"));
  EXPECT_FALSE(FilterCovers("a/+", "a/b/c"));
  EXPECT_TRUE(FilterCovers("a/#", "a/b/c"));
  EXPECT_TRUE(FilterCovers("a/#", "a/+/c"));
  EXPECT_TRUE(FilterCovers("a/#", "a/#"));
  EXPECT_TRUE(FilterCovers("a/#", "a"));
  EXPECT_FALSE(FilterCovers("a/+/#", "a"));
  EXPECT_TRUE(FilterCovers("#", "a/b"));
  EXPECT_TRUE(FilterCovers("#", "#"));
}

TEST(FilterCovers, KeepsSystemTopicsApart) {
  EXPECT_FALSE(FilterCovers("#", "$SYS/uptime"));
  EXPECT_FALSE(FilterCovers("+/uptime", "$SYS/uptime"));
  EXPECT_TRUE(FilterCovers("$SYS/#", "$SYS/uptime"));
  EXPECT_FALSE(FiltersOverlap("#", "$SYS/uptime"));
}

TEST(FiltersOverlap, FindsCommonTopics) {
  EXPECT_TRUE(FiltersOverlap("devices/#", "devices/secret/telemetry"));
  EXPECT_TRUE(FiltersOverlap("+/b", "a/+"));
  EXPECT_TRUE(FiltersOverlap("a/#", "a"));
  EXPECT_TRUE(FiltersOverlap("a", "a/#"));
  EXPECT_FALSE(FiltersOverlap("a/b", "a"));
  EXPECT_FALSE(FiltersOverlap("a/+", "b/+"));
  EXPECT_FALSE(FiltersOverlap("a/+", "a/b/c"));
}

TEST(Acl, AllowsNothingByItself) {
  const Acl acl({}, "u", "c1");
  EXPECT_FALSE(acl.MayPublish("a"));
  EXPECT_FALSE(acl.MaySubscribe("a"));
}

TEST(Acl, TellsActionsApart) {
  const Acl acl({{"p", Action::kPublish, true},
                 {"s/#", Action::kSubscribe, true},
                 {"both", Action::kAll, true}},
                "u", "c1");
  EXPECT_TRUE(acl.MayPublish("p"));
  EXPECT_FALSE(acl.MaySubscribe("p"));
  EXPECT_TRUE(acl.MaySubscribe("s/1"));
  EXPECT_FALSE(acl.MayPublish("s/1"));
  EXPECT_TRUE(acl.MayPublish("both"));
  EXPECT_TRUE(acl.MaySubscribe("both"));
}

TEST(Acl, DenialsWin) {
  const Acl acl({{"devices/#", Action::kAll, true}, {"devices/secret/#", Action::kAll, false}}, "u",
                "c1");
  EXPECT_TRUE(acl.MayPublish("devices/D1/telemetry"));
  EXPECT_FALSE(acl.MayPublish("devices/secret/telemetry"));
  EXPECT_TRUE(acl.MaySubscribe("devices/D1/#"));
  EXPECT_FALSE(acl.MaySubscribe("devices/#"));  // would bring the secret ones in
  EXPECT_FALSE(acl.MaySubscribe("devices/+/telemetry"));
}

TEST(Acl, ASharedSubscriptionCountsAsItsFilter) {
  const Acl acl({{"devices/+/telemetry", Action::kSubscribe, true}}, "u", "c1");
  EXPECT_TRUE(acl.MaySubscribe("$share/workers/devices/+/telemetry"));
  EXPECT_FALSE(acl.MaySubscribe("$share/workers/other"));
  EXPECT_FALSE(acl.MaySubscribe("$share/workers"));
}

TEST(Acl, PutsTheOwnNameIn) {
  const std::vector<AclRule> rules = {{"devices/%u/%u", Action::kPublish, true}};
  EXPECT_TRUE(Acl(rules, "D1", "c1").MayPublish("devices/D1/D1"));
  EXPECT_FALSE(Acl(rules, "D1", "c1").MayPublish("devices/D2/D2"));
  EXPECT_TRUE(Acl(rules, "%u", "c1").MayPublish("devices/%u/%u"));
  for (const char* name : {"+", "#", "a/b", ""}) {
    EXPECT_TRUE(Acl(rules, name, "c1").rules().empty()) << name;
  }
}

TEST(Acl, KnowsThePlaceholdersOfMosquittoAndEmqx) {
  const Acl acl({{"a/%c/%u", Action::kPublish, true},
                 {"b/${clientid}/${username}/#", Action::kSubscribe, true}},
                "%c", "c1");
  EXPECT_TRUE(acl.MayPublish("a/c1/%c"));  // a name is not looked at again
  EXPECT_FALSE(acl.MayPublish("a/c1/c1"));
  EXPECT_TRUE(acl.MaySubscribe("b/c1/%c/x/+"));
  EXPECT_FALSE(acl.MaySubscribe("b/c2/%c/x"));
  for (const char* id : {"+", "#", "a/b"}) {
    EXPECT_TRUE(Acl({{"a/%c", Action::kAll, true}}, "u", id).rules().empty()) << id;
  }
}

}  // namespace
}  // namespace energy::auth
