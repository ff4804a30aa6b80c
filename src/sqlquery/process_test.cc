#include "sqlquery/process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>

namespace energy::sqlquery {
namespace {

// The template is this program: see main in service_test.cc.
TEST(HelperTemplate, CopiesItselfAndIsReplacedWhenItIsGone) {
  HelperTemplate helpers{HelperCommand()};
  EXPECT_EQ(helpers.pid(), -1);
  ASSERT_TRUE(helpers.Copy({}).ok());
  const pid_t first = helpers.pid();
  const auto second = helpers.Copy({});
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(helpers.pid(), first);
  ASSERT_EQ(kill(first, SIGKILL), 0);
  const auto third = helpers.Copy({});
  ASSERT_TRUE(third.ok()) << third.status().message();
  EXPECT_NE(helpers.pid(), first);
  helpers.Stop();
  EXPECT_EQ(helpers.pid(), -1);
  EXPECT_TRUE(helpers.Copy({}).ok());
}

TEST(HelperTemplate, LeavesNoProcessBehind) {
  {
    HelperTemplate helpers{HelperCommand()};
    const auto helper = helpers.Copy({});
    ASSERT_TRUE(helper.ok());
  }
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(HelperTemplate, SaysWhyThereIsNoHelper) {
  HelperTemplate missing{HelperCommand{.program = "/nonexistent", .arguments = {}}};
  EXPECT_EQ(missing.Copy({}).status().code(), base::Code::kUnavailable);
  HelperTemplate ends{HelperCommand{.program = "/bin/true", .arguments = {}}};
  EXPECT_EQ(ends.Copy({}).status().code(), base::Code::kUnavailable);
  HelperTemplate never{HelperCommand{.program = "/bin/sleep", .arguments = {"1000"}}};
  EXPECT_EQ(never.Copy([] { return base::TooLarge("enough"); }).status().code(),
            base::Code::kTooLarge);
}

}  // namespace
}  // namespace energy::sqlquery
