#include "http/message.h"

#include <gtest/gtest.h>

#include "http/exchange.h"
#include "http/gzip.h"

namespace energy::http {
namespace {

TEST(Request, DecodesPathAndQuery) {
  Request request;
  ASSERT_TRUE(SetTarget("/a%20b/%C3%A9+c?x=1&y=a+b%26&x=2&flag&=e", request).ok());
  EXPECT_EQ(request.path, "/a b/é+c");
  EXPECT_EQ(request.Query("x"), "1");
  EXPECT_EQ(request.Query("y"), "a b&");
  EXPECT_EQ(request.Query("flag"), "");
  EXPECT_EQ(request.Query("none"), std::nullopt);
  ASSERT_EQ(request.query.size(), 5u);
  EXPECT_EQ(request.query[2], (std::pair<std::string, std::string>("x", "2")));
}

TEST(Request, TakesAbsoluteTargets) {
  Request request;
  ASSERT_TRUE(SetTarget("http://host:80/a?b=c", request).ok());
  EXPECT_EQ(request.path, "/a");
  EXPECT_EQ(request.Query("b"), "c");
  ASSERT_TRUE(SetTarget("HTTP://host?b=c", request).ok());
  EXPECT_EQ(request.path, "/");
}

TEST(Request, RefusesMalformedTargets) {
  for (const char* target : {"", "a", "/%", "/%4", "/%4g", "/%00", "/%FF", "/%C0%AF", "/%ED%A0%80",
                             "/?q=%zz", "host:443"}) {
    Request request;
    EXPECT_FALSE(SetTarget(target, request).ok()) << target;
  }
}

TEST(Request, FindsHeadersWithoutCaseAndCookies) {
  Request request;
  request.headers = {{"X-One", "1"}, {"cookie", "a=1; session=\"abc\" ;b="}, {"Cookie", "c=3"}};
  EXPECT_EQ(request.Header("x-oNE"), "1");
  EXPECT_EQ(request.Header("x-two"), "");
  EXPECT_EQ(request.Cookie("session"), "abc");
  EXPECT_EQ(request.Cookie("b"), "");
  EXPECT_EQ(request.Cookie("c"), "3");
  EXPECT_EQ(request.Cookie("A"), "");
}

TEST(Response, RefusesHeadersThatForgeOthers) {
  Response response;
  EXPECT_TRUE(response.SetHeader("X-A", "1"));
  EXPECT_FALSE(response.SetHeader("X-A", "1\r\nSet-Cookie: stolen=1"));
  EXPECT_FALSE(response.SetHeader("X-B\r\nX-C", "1"));
  EXPECT_FALSE(response.AddHeader("", "1"));
  EXPECT_TRUE(response.SetHeader("x-a", "2"));
  EXPECT_EQ(response.headers, (Headers{{"x-a", "2"}}));
  // Put in past SetHeader, it is not sent.
  response.headers.emplace_back("X-D", "1\nX-E: 2");
  EXPECT_EQ(SerializeHead({}, response, false, 1, "now").find("X-E"), std::string::npos);
}

TEST(Response, FramingIsTheServersAlone) {
  Response response;
  response.body = "four";
  response.headers = {{"Content-Length", "99"}, {"Transfer-Encoding", "chunked"}, {"A", "b"}};
  EXPECT_EQ(
      SerializeHead({}, response, true, 1, "now"),
      "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 4\r\nA: b\r\nConnection: close\r\n\r\n");
}

TEST(HttpDate, IsImfFixdate) {
  EXPECT_EQ(HttpDate(base::Timestamp(std::chrono::seconds(784'111'777))),
            "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(RequestId, IsTakenOnlyWhenSane) {
  EXPECT_TRUE(IsSaneRequestId("01890a5d-ac96-774b_x.1"));
  EXPECT_FALSE(IsSaneRequestId(""));
  EXPECT_FALSE(IsSaneRequestId("a b"));
  EXPECT_FALSE(IsSaneRequestId("a\x1b[31m"));
  EXPECT_FALSE(IsSaneRequestId(std::string(65, 'a')));
}

TEST(Gzip, IsNegotiated) {
  EXPECT_TRUE(AcceptsGzip("gzip"));
  EXPECT_TRUE(AcceptsGzip("br, GZIP;q=0.5"));
  EXPECT_TRUE(AcceptsGzip("*"));
  EXPECT_FALSE(AcceptsGzip(""));
  EXPECT_FALSE(AcceptsGzip("br, deflate"));
  EXPECT_FALSE(AcceptsGzip("*, gzip; q=0.0"));
  EXPECT_TRUE(IsCompressible("application/json; charset=utf-8"));
  EXPECT_TRUE(IsCompressible("image/svg+xml"));
  EXPECT_FALSE(IsCompressible("image/png"));
  EXPECT_FALSE(IsCompressible(""));
}

}  // namespace
}  // namespace energy::http
