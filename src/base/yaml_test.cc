#include "base/yaml.h"

#include <gtest/gtest.h>

namespace energy::base {
namespace {

TEST(YamlToJson, KeepsTypesOrderAndQuotedText) {
  const auto json = YamlToJson("b: '1'\na: 1\nc: [true, null, 1.5, x]\nd: {'>': \"~\", e: }\n");
  ASSERT_TRUE(json.ok()) << json.status().ToString();
  EXPECT_EQ(json->dump(), R"({"b":"1","a":1,"c":[true,null,1.5,"x"],"d":{">":"~","e":null}})");
}

TEST(YamlToJson, RefusesWhatIsNotYaml) { EXPECT_FALSE(YamlToJson("a: [").ok()); }

}  // namespace
}  // namespace energy::base
