#include "auth/password.h"

#include <gtest/gtest.h>

namespace energy::auth {
namespace {

class PasswordTest : public ::testing::Test {
 protected:
  base::SeededRandom random_{1};
  PasswordHasher hasher_{random_, 4};
};

TEST_F(PasswordTest, AcceptsOnlyTheRightPassword) {
  const auto hash = hasher_.Hash("correct horse");
  ASSERT_TRUE(hash.ok()) << hash.status().ToString();
  EXPECT_TRUE(hash->starts_with("$2b$04$"));
  EXPECT_TRUE(hasher_.Verify("correct horse", *hash));
  EXPECT_FALSE(hasher_.Verify("correct horsf", *hash));
  EXPECT_FALSE(hasher_.Verify("", *hash));
}

TEST_F(PasswordTest, SaltsEachHash) {
  EXPECT_NE(*hasher_.Hash("correct horse"), *hasher_.Hash("correct horse"));
}

TEST_F(PasswordTest, KnowsAPublishedHash) {
  // From the bcrypt test vectors of OpenBSD and John the Ripper.
  EXPECT_TRUE(
      hasher_.Verify("U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
}

TEST_F(PasswordTest, RefusesWhatBcryptWouldCut) {
  EXPECT_EQ(hasher_.Hash(std::string(73, 'a')).status().fields().at(0).field, "password");
  EXPECT_FALSE(hasher_.Hash(std::string("password\0more", 13)).ok());
  EXPECT_FALSE(hasher_.Hash("short").ok());
  const std::string longest(72, 'a');
  const auto hash = hasher_.Hash(longest);
  ASSERT_TRUE(hash.ok());
  EXPECT_TRUE(hasher_.Verify(longest, *hash));
  EXPECT_FALSE(hasher_.Verify(longest + "b", *hash));
}

TEST_F(PasswordTest, RefusesDamagedHashes) {
  const auto hash = hasher_.Hash("correct horse");
  ASSERT_TRUE(hash.ok());
  EXPECT_FALSE(hasher_.Verify("correct horse", hash->substr(0, 59)));
  EXPECT_FALSE(hasher_.Verify("correct horse", "x" + hash->substr(1)));
  EXPECT_FALSE(hasher_.Verify("password", "aaiQt6rFSt5kM"));  // DES
  EXPECT_FALSE(hasher_.Verify("", ""));
}

TEST_F(PasswordTest, VerifyNobodyTakesAnything) {
  hasher_.VerifyNobody("x");
  hasher_.VerifyNobody(std::string(1000, 'x'));
  hasher_.VerifyNobody(std::string("\0", 1));
}

}  // namespace
}  // namespace energy::auth
