// Logins cost a quarter of a second of a core each: nobody else may wait behind them.
#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "integration/api_fixture.h"

namespace energy::integration {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLogins = 50;

class LoginStorm : public Api {
 protected:
  void SetUp() override { Start({{"ENERGY_AUTH__BCRYPT_COST", "12"}}); }
};

TEST_F(LoginStorm, SlowsNoOtherRequest) {
  const base::Json admin = base::Json::parse(ReadFile(data_dir() / "admin-credentials.json"));
  const base::Json body{{"email", admin.at("email")}, {"password", admin.at("password")}};
  std::atomic<int> done{0};
  std::atomic<int> good{0};
  std::vector<std::jthread> logins;
  for (int i = 0; i < kLogins; ++i) {
    logins.emplace_back([&] {
      // As long as the whole crowd takes on one core.
      http::Client client("127.0.0.1", platform().http_port(), std::chrono::minutes(2));
      const auto answer = client.Post("/api/auth/login", body.dump());
      if (answer.ok() && answer->status == 200) ++good;
      ++done;
    });
  }
  std::vector<double> ms;
  while (done < kLogins) {
    const auto before = Clock::now();
    ASSERT_EQ(api().Get("/api/devices").status, 200);
    ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - before).count());
  }
  logins.clear();
  EXPECT_EQ(good, kLogins);
  std::sort(ms.begin(), ms.end());
  const double p99 = ms[ms.size() * 99 / 100];
  std::printf("%zu other requests during %d logins: p50 %.2f ms, p99 %.2f ms, slowest %.2f ms\n",
              ms.size(), kLogins, ms[ms.size() / 2], p99, ms.back());
  // 20 ms is the aim on a quiet machine; behind a single bcrypt it would be 250 ms and more.
  EXPECT_LT(p99, 100);
}

}  // namespace
}  // namespace energy::integration
