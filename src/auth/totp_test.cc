#include "auth/totp.h"

#include <gtest/gtest.h>

namespace energy::auth {
namespace {

constexpr std::string_view kSecret = "12345678901234567890";

base::Timestamp At(int64_t seconds) { return base::Timestamp(std::chrono::seconds(seconds)); }

TEST(Totp, GivesTheCodesOfRfc6238) {
  // Appendix B, the last six of its eight digits.
  for (const auto& [time, code] :
       std::initializer_list<std::pair<int64_t, const char*>>{{59, "287082"},
                                                              {1111111109, "081804"},
                                                              {1111111111, "050471"},
                                                              {1234567890, "005924"},
                                                              {2000000000, "279037"},
                                                              {20000000000, "353130"}}) {
    const auto step = static_cast<int64_t>(time / 30);
    EXPECT_EQ(TotpCode(kSecret, step), code) << time;
  }
  EXPECT_EQ(TotpStep(At(59)), 1);
}

TEST(Totp, TakesANeighbouringStepAndNoCodeTwice) {
  const auto now = At(1'800'000'000);
  const int64_t step = TotpStep(now);
  for (const int64_t shift : {-1, 0, 1}) {
    EXPECT_EQ(FindTotpStep(kSecret, TotpCode(kSecret, step + shift), now, 0), step + shift);
  }
  EXPECT_EQ(FindTotpStep(kSecret, TotpCode(kSecret, step - 2), now, 0), std::nullopt);
  EXPECT_EQ(FindTotpStep(kSecret, TotpCode(kSecret, step + 2), now, 0), std::nullopt);
  EXPECT_EQ(FindTotpStep(kSecret, TotpCode(kSecret, step), now, step), std::nullopt) << "replay";
  for (const char* bad : {"", "12345", "1234567", "abcdef"}) {
    EXPECT_EQ(FindTotpStep(kSecret, bad, now, 0), std::nullopt);
  }
}

TEST(Totp, EncodesAsRfc4648) {
  EXPECT_EQ(EncodeBase32(""), "");
  EXPECT_EQ(EncodeBase32("f"), "MY");
  EXPECT_EQ(EncodeBase32("foob"), "MZXW6YQ");
  EXPECT_EQ(EncodeBase32("foobar"), "MZXW6YTBOI");
}

TEST(Totp, NamesTheAccountInItsUri) {
  EXPECT_EQ(OtpauthUri("foobar", "eve+x@example.org"),
            "otpauth://totp/Energy%20Platform:eve%2Bx%40example.org?secret=MZXW6YTBOI"
            "&issuer=Energy%20Platform&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace energy::auth
