#include "auth/sealed.h"

#include <gtest/gtest.h>

namespace energy::auth {
namespace {

TEST(Sealed, OpensWithItsKeyForItsOwnerOnly) {
  base::SeededRandom random(7);
  const std::string key(32, 'k');
  const std::string sealed = Seal(key, "eve", "secret", random);
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
  EXPECT_EQ(Unseal(key, "eve", sealed), "secret");
  EXPECT_NE(Seal(key, "eve", "secret", random), sealed) << "the nonce is new each time";
  EXPECT_EQ(Unseal(key, "adam", sealed), std::nullopt);
  EXPECT_EQ(Unseal(std::string(32, 'x'), "eve", sealed), std::nullopt);
  for (size_t at = 0; at < sealed.size(); ++at) {
    std::string damaged = sealed;
    damaged[at] = damaged[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(Unseal(key, "eve", damaged), std::nullopt) << at;
  }
  for (const char* bad : {"", "x", "AAAA", "not base64!"}) {
    EXPECT_EQ(Unseal(key, "eve", bad), std::nullopt);
  }
}

}  // namespace
}  // namespace energy::auth
