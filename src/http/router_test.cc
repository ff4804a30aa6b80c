#include "http/router.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace energy::http {
namespace {

Response Empty(Request&) { return {}; }

Request Asking(Method method, std::string_view target) {
  Request request;
  request.method = method;
  EXPECT_TRUE(SetTarget(target, request).ok()) << target;
  return request;
}

// The pattern that answers, or the status of the error.
std::string Route(const Router& router, Method method, std::string_view target) {
  Request request = Asking(method, target);
  const auto match = router.Find(request, false);
  return match.error != 0 ? std::to_string(match.error) : request.route;
}

TEST(Router, FillsParametersDecoded) {
  Router router;
  router.Add(Method::kGet, "/api/devices/{id}/points/{point}", Empty);
  Request request = Asking(Method::kGet, "/api/devices/a%2Fb%20c/points/%C3%A9");
  ASSERT_NE(router.Find(request, false).handler, nullptr);
  EXPECT_EQ(request.Param("id"), "a/b c");
  EXPECT_EQ(request.Param("point"), "é");
  EXPECT_EQ(request.Param("other"), "");
  EXPECT_EQ(request.route, "/api/devices/{id}/points/{point}");
}

TEST(Router, PrefersLiteralsAndFallsBackToParameters) {
  Router router;
  router.Add(Method::kPost, "/devices/search", Empty);
  router.Add(Method::kGet, "/devices/{id}", Empty);
  router.Add(Method::kGet, "/devices/search/deep", Empty);
  router.Add(Method::kGet, "/devices/{id}/status", Empty);
  EXPECT_EQ(Route(router, Method::kPost, "/devices/search"), "/devices/search");
  EXPECT_EQ(Route(router, Method::kGet, "/devices/search"), "/devices/{id}");
  EXPECT_EQ(Route(router, Method::kGet, "/devices/search/status"), "/devices/{id}/status");
}

TEST(Router, TrailingSlashIsTheSameEmptySegmentsAreNot) {
  Router router;
  router.Add(Method::kGet, "/", Empty);
  router.Add(Method::kGet, "/devices/{id}", Empty);
  EXPECT_EQ(Route(router, Method::kGet, "/devices/1/"), "/devices/{id}");
  EXPECT_EQ(Route(router, Method::kGet, "/devices/1?x=1"), "/devices/{id}");
  EXPECT_EQ(Route(router, Method::kGet, "/"), "/");
  EXPECT_EQ(Route(router, Method::kGet, "/devices/"), "404");
  EXPECT_EQ(Route(router, Method::kGet, "/devices//"), "404");
  EXPECT_EQ(Route(router, Method::kGet, "//devices/1"), "404");
}

TEST(Router, TellsUnknownPathsFromUnknownMethods) {
  Router router;
  router.Add(Method::kGet, "/a", Empty);
  router.Add(Method::kDelete, "/a", Empty);
  EXPECT_EQ(Route(router, Method::kHead, "/a"), "/a");
  EXPECT_EQ(Route(router, Method::kGet, "/b"), "404");
  Request request = Asking(Method::kPost, "/a");
  const auto match = router.Find(request, false);
  EXPECT_EQ(match.error, 405);
  EXPECT_EQ(match.allow, "GET, HEAD, DELETE");
}

TEST(Router, FallbackTakesUnknownPathsOnly) {
  Router router;
  router.Add(Method::kGet, "/a", Empty);
  router.SetFallback(Empty, Run::kInline);
  EXPECT_EQ(Route(router, Method::kGet, "/b"), "");
  EXPECT_EQ(Route(router, Method::kPost, "/a"), "405");
}

TEST(Router, WebSocketRoutesNeedAnUpgrade) {
  Router router;
  router.AddWebSocket("/live/{id}", {.authorize = [](Request&) { return WebSocketAccept(); },
                                     .on_open = nullptr,
                                     .on_message = nullptr,
                                     .on_close = nullptr});
  Request request = Asking(Method::kGet, "/live/7");
  EXPECT_NE(router.Find(request, true).websocket, nullptr);
  EXPECT_EQ(request.Param("id"), "7");
  EXPECT_EQ(Route(router, Method::kGet, "/live/7"), "426");
  EXPECT_EQ(Route(router, Method::kPost, "/live/7"), "405");
}

TEST(Router, AStreamIsNotAParameterOfItsNeighbour) {
  Router router;
  router.Add(Method::kGet, "/alerts/{id}", Empty);
  router.AddWebSocket("/alerts/live", {.authorize = [](Request&) { return WebSocketAccept(); },
                                       .on_open = nullptr,
                                       .on_message = nullptr,
                                       .on_close = nullptr});
  EXPECT_EQ(Route(router, Method::kGet, "/alerts/live"), "426");
  EXPECT_EQ(Route(router, Method::kGet, "/alerts/7"), "/alerts/{id}");
}

TEST(Router, ListsItsRoutes) {
  Router router;
  router.Add(Method::kGet, "/a", Empty);
  router.AddWebSocket("/b", {.authorize = [](Request&) { return WebSocketAccept(); },
                             .on_open = nullptr,
                             .on_message = nullptr,
                             .on_close = nullptr});
  const auto routes = router.routes();
  ASSERT_EQ(routes.size(), 2u);
  EXPECT_EQ(routes[0].pattern, "/a");
  EXPECT_FALSE(routes[0].websocket);
  EXPECT_TRUE(routes[1].websocket);
}

TEST(Router, MiddlewaresRunOutsideIn) {
  Router router;
  std::string order;
  router.Use([&](Request& request, const Handler& next) {
    order += "a";
    Response response = next(request);
    order += "z";
    return response;
  });
  router.Use([&](Request& request, const Handler& next) {
    order += "b";
    return request.path == "/stop" ? Response() : next(request);
  });
  const Handler handler = [&](Request&) {
    order += "h";
    return Response();
  };
  Request request = Asking(Method::kGet, "/go");
  router.Invoke(handler, request);
  request.path = "/stop";
  router.Invoke(handler, request);
  EXPECT_EQ(order, "abhzabz");
}

TEST(Router, ErrorSurvivesAnErrorBodyThatThrows) {
  Router router;
  router.SetErrorBody(
      [](int, std::string_view, const Request&) -> Response { throw std::runtime_error("no"); });
  const Response response = router.Error(404, "nothing here", {});
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, "nothing here\n");
}

TEST(RouterDeathTest, RefusesMistakesOfProgrammers) {
  Router router;
  router.Add(Method::kGet, "/a/{id}", Empty);
  EXPECT_DEATH(router.Add(Method::kGet, "/a/{id}", Empty), "has a handler already");
  EXPECT_DEATH(router.Add(Method::kPost, "/a/{other}", Empty), "other parameter names");
  EXPECT_DEATH(router.Add(Method::kGet, "a", Empty), "starts with '/'");
  EXPECT_DEATH(router.Add(Method::kGet, "/a/x{id}", Empty), "whole segment");
}

}  // namespace
}  // namespace energy::http
