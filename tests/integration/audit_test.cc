#include <csignal>

#include "integration/api_fixture.h"

/// What the audit log of the running program says of people.
namespace energy::integration {
namespace {

class AuditApi : public Api {
 protected:
  base::Json Entries(const std::string& action) {
    return api().GetData("/api/audit?action=" + action).at("entries");
  }
};

TEST_F(AuditApi, SaysWhoLoggedInAndWhoChangedAPassword) {
  const base::Json admin = base::Json::parse(ReadFile(data_dir() / "admin-credentials.json"));
  const std::string email = admin.at("email");
  ASSERT_EQ(Entries("auth.login").size(), 1U);
  EXPECT_EQ(Entries("auth.login")[0].at("actor"), email);
  EXPECT_EQ(Entries("auth.login")[0].at("address"), "127.0.0.1");
  EXPECT_FALSE(Entries("auth.login")[0].at("request_id").get<std::string>().empty());

  // These run on other threads than their requests.
  EXPECT_EQ(api()
                .Post("/api/auth/password", {{"current_password", admin.at("password")},
                                             {"new_password", "another battery horse"}})
                .status,
            200);
  ASSERT_EQ(Entries("user.password_change").size(), 1U);
  EXPECT_EQ(Entries("user.password_change")[0].at("actor"), email);
  api().PostData("/api/auth/register", {{"email", "eve@example.org"},
                                        {"full_name", "Eve"},
                                        {"role", "viewer"},
                                        {"password", "correct horse battery"}});
  EXPECT_EQ(Entries("user.create")[0].at("actor"), email);

  ApiClient eve = Anonymous();
  eve.Login("eve@example.org", "correct horse battery");
  EXPECT_EQ(eve.Post("/api/auth/logout", base::Json::object()).status, 200);
  EXPECT_EQ(Entries("auth.logout")[0].at("actor"), "eve@example.org");
  const base::Json wrong{{"email", "eve@example.org"}, {"password", "hunter2-wrong"}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Anonymous().Post("/api/auth/login", wrong).status, 401);

  // Failures wait for their minute, or for the end of the program.
  Restart(SIGINT);
  const base::Json failed = Entries("auth.login_failed");
  ASSERT_EQ(failed.size(), 1U) << failed.dump(2);
  EXPECT_EQ(failed[0].at("address"), "127.0.0.1");
  EXPECT_EQ(failed[0].at("actor"), "anonymous");
  EXPECT_EQ(failed[0].at("after").at("wrong"), 3);
  EXPECT_EQ(api().GetData("/api/audit/verify").at("sound"), true);
  EXPECT_EQ(api().GetData("/api/audit").dump().find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace energy::integration
