#include "http/trusted_proxies.h"

#include <gtest/gtest.h>

namespace energy::http {
namespace {

TEST(TrustedProxies, OnlyTheirWordIsTaken) {
  const auto proxies = TrustedProxies::Parse({"10.0.0.0/8", "192.0.2.7", "fd00::/9"});
  ASSERT_TRUE(proxies.ok()) << proxies.status().ToString();
  struct Case {
    const char* peer;
    Headers headers;
    const char* client;
  };
  const std::string name = "x-forwarded-for";
  for (const Case& c : std::vector<Case>{
           {"198.51.100.1", {{name, "203.0.113.9"}}, "198.51.100.1"},
           {"10.1.2.3", {{name, "203.0.113.9"}}, "203.0.113.9"},
           {"::ffff:10.1.2.3", {{name, "203.0.113.9"}}, "203.0.113.9"},
           {"192.0.2.7", {{name, "203.0.113.9"}}, "203.0.113.9"},
           {"192.0.2.8", {{name, "203.0.113.9"}}, "192.0.2.8"},
           {"fd7f::1", {{name, "2001:db8::1"}}, "2001:db8::1"},
           {"fd80::1", {{name, "2001:db8::1"}}, "fd80::1"},
           // What the client wrote itself stands first and is not believed.
           {"10.1.2.3", {{name, "1.1.1.1, 203.0.113.9,10.9.9.9 "}}, "203.0.113.9"},
           {"10.1.2.3", {{name, "1.1.1.1"}, {name, "203.0.113.9"}}, "203.0.113.9"},
           {"10.1.2.3", {{name, "10.4.4.4"}}, "10.4.4.4"},
           {"10.1.2.3", {{name, "x', 10.4.4.4"}}, "10.4.4.4"},
           {"10.1.2.3", {{name, "unknown"}}, "10.1.2.3"},
           {"10.1.2.3", {{name, ""}}, "10.1.2.3"},
           {"10.1.2.3", {}, "10.1.2.3"},
       }) {
    EXPECT_EQ(proxies->ClientOf(c.peer, c.headers), c.client) << c.peer;
  }
  EXPECT_EQ(TrustedProxies().ClientOf("10.1.2.3", {{name, "1.1.1.1"}}), "10.1.2.3");
}

TEST(TrustedProxies, OnlyTheySayThatTheClientSpeaksTls) {
  const auto proxies = TrustedProxies::Parse({"10.0.0.0/8"});
  ASSERT_TRUE(proxies.ok()) << proxies.status().ToString();
  EXPECT_TRUE(proxies->SaysSecure("10.1.2.3", {{"x-forwarded-proto", "https"}}));
  EXPECT_FALSE(proxies->SaysSecure("10.1.2.3", {{"x-forwarded-proto", "http"}}));
  EXPECT_FALSE(proxies->SaysSecure("10.1.2.3", {}));
  EXPECT_FALSE(proxies->SaysSecure("192.0.2.7", {{"x-forwarded-proto", "https"}}));
}

TEST(TrustedProxies, ErrorsNameTheOption) {
  for (const char* text : {"", "proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "::1/129", "1/x"}) {
    const auto proxies = TrustedProxies::Parse({text});
    ASSERT_FALSE(proxies.ok()) << text;
    EXPECT_EQ(proxies.status().fields().at(0).field, "http.trusted_proxies");
  }
}

}  // namespace
}  // namespace energy::http
