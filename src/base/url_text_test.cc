#include "base/url_text.h"

#include <gtest/gtest.h>

namespace energy::base {
namespace {

TEST(UrlText, LeavesUnreservedCharactersAlone) {
  EXPECT_EQ(PercentEncode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(PercentEncode("a b+c&d=e/%\n\xc3\xa9"), "a%20b%2Bc%26d%3De%2F%25%0A%C3%A9");
}

TEST(UrlText, WritesAForm) {
  EXPECT_EQ(EncodeForm({}), "");
  EXPECT_EQ(EncodeForm({{"a", "1"}, {"b c", "x&y"}, {"empty", ""}}), "a=1&b%20c=x%26y&empty=");
}

}  // namespace
}  // namespace energy::base
