#include "auth/hash.h"
#include "base/base64.h"
#include "http/test_support.h"
#include "integration/api_fixture.h"

/// What an attacker tries, and the answer he gets.
namespace energy::integration {
namespace {

using http::Method;

constexpr const char* kSecret = "0123456789abcdef0123456789abcdef";

class Security : public Api {
 protected:
  void SetUp() override { Start({{"JWT_SECRET", kSecret}}); }

  // A token with this header and payload, its signature good for HS256 unless given.
  static std::string Token(const base::Json& header, const base::Json& payload,
                           const char* key = kSecret) {
    const std::string text =
        base::EncodeBase64Url(header.dump()) + "." + base::EncodeBase64Url(payload.dump());
    return text + "." + base::EncodeBase64Url(auth::HmacSha256(key, text));
  }
  base::Json Payload() {
    const std::string token = api().token();
    const size_t first = token.find('.') + 1;
    return base::Json::parse(
        *base::DecodeBase64Url(std::string_view(token).substr(first, token.rfind('.') - first)));
  }
  Answer WithToken(const std::string& token) {
    ApiClient client = Anonymous();
    client.set_token(token);
    return client.Get("/api/auth/me");
  }
  // Follows a reference within the document.
  static base::Json Resolve(const base::Json& document, const base::Json& value) {
    if (!value.contains("$ref")) return value;
    return document.at(base::Json::json_pointer(value.at("$ref").get<std::string>().substr(1)));
  }

  const base::Json header_{{"alg", "HS256"}, {"typ", "JWT"}};
};

TEST_F(Security, ForgedTokensAreRefused) {
  const base::Json payload = Payload();
  ASSERT_EQ(WithToken(Token(header_, payload)).status, 200);  // this test can sign
  const auto with = [&](const char* name, const base::Json& value) {
    base::Json changed = payload;
    changed[name] = value;
    return changed;
  };
  const int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(NowMs().time_since_epoch()).count();
  std::vector<std::string> forged{
      Token(header_, with("iss", "another")),
      Token(header_, with("aud", "another")),
      Token(header_, with("aud", base::Json::array({"energy-platform-users"}))),
      Token(header_, with("exp", now - 1)),
      Token(header_, with("exp", "9999999999")),
      Token(header_, with("exp", nullptr)),
      Token(header_, with("role", "root")),
      Token(header_, payload, "another key of thirty-two bytes.."),
      Token({{"alg", "HS256"}, {"crit", {"exp"}}}, payload),
      Token(base::Json::array(), payload),
      api().token() + "A",
      api().token() + ".x",
      std::string(100'000, 'a') + ".b.c",
      "..",
      "a.b.c"};
  for (const char* algorithm : {"none", "None", "NONE", "", "HS512", "HS384", "RS256", "ES256"}) {
    const base::Json header{{"alg", algorithm}, {"typ", "JWT"}};
    forged.push_back(Token(header, payload));
    const std::string signed_one = forged.back();
    forged.push_back(signed_one.substr(0, signed_one.rfind('.') + 1));
  }
  // The payload of another, with the signature that was given for the first.
  const std::string token = api().token();
  forged.push_back(token.substr(0, token.find('.') + 1) +
                   base::EncodeBase64Url(with("email", "other@example.org").dump()) +
                   token.substr(token.rfind('.')));
  for (const std::string& bad : forged) {
    // A header of 100 kB is refused before anybody looks into it.
    const Answer answer = WithToken(bad);
    EXPECT_EQ(answer.status, bad.size() > 16'000 ? 431 : 401) << bad.substr(0, 300);
  }
  EXPECT_EQ(api().Post("/api/auth/logout", base::Json::object()).status, 200);
  ExpectError(WithToken(Token(header_, payload)), 401, "UNAUTHENTICATED");  // revoked
}

TEST_F(Security, NoStringParameterReachesAnInterpreter) {
  api().MakeDevice("D1");
  const base::Json document = api().Get("/api/openapi.json").body;
  const std::vector<std::string> payloads{"' OR '1'='1",
                                          "'; DROP TABLE devices; --",
                                          "\" OR 1=1 --",
                                          "../../etc/passwd",
                                          "..\\..\\windows",
                                          "<script>alert(1)</script>",
                                          "${jndi:ldap://x}",
                                          "{{7*7}}",
                                          "$(id)",
                                          "x\r\nX-Injected: 1",
                                          "%s%s%s%n",
                                          std::string(4000, 'a') + "!"};
  size_t sent = 0;
  for (const auto& [path, item] : document.at("paths").items()) {
    for (const auto& [name, operation] : item.items()) {
      const std::map<std::string, Method> methods{{"get", Method::kGet},
                                                  {"post", Method::kPost},
                                                  {"put", Method::kPut},
                                                  {"patch", Method::kPatch},
                                                  {"delete", Method::kDelete}};
      const auto method = methods.find(name);
      if (method == methods.end() || path == "/api/auth/logout") continue;
      std::vector<std::string> query;
      base::Json parameters = item.value("parameters", base::Json::array());
      for (const auto& own : operation.value("parameters", base::Json::array())) {
        parameters.push_back(own);
      }
      for (const base::Json& reference : parameters) {
        const base::Json parameter = Resolve(document, reference);
        if (parameter.at("in") == "query") query.push_back(parameter.at("name"));
      }
      for (const std::string& payload : payloads) {
        std::vector<std::string> targets;
        const size_t open = path.find('{');
        std::string plain = path;
        if (open != std::string::npos) {
          targets.push_back(path.substr(0, open) + QueryText(payload) +
                            path.substr(path.find('}') + 1));
          plain = path.substr(0, open) + "nobody" + path.substr(path.find('}') + 1);
        }
        for (const std::string& parameter : query) {
          targets.push_back(plain + "?" + parameter + "=" + QueryText(payload));
        }
        for (const std::string& target : targets) {
          const auto since = std::chrono::steady_clock::now();
          const Answer answer =
              api().Call(method->second, target, method->second == Method::kGet ? "" : "{}");
          ++sent;
          const std::string what = name + " " + target.substr(0, 200);
          EXPECT_LT(answer.status, 500) << what << ": " << answer.response.Body();
          EXPECT_EQ(answer.response.Header("X-Injected"), "") << what;
          EXPECT_EQ(answer.response.Body().find("root:x:0"), std::string::npos) << what;
          EXPECT_LT(std::chrono::steady_clock::now() - since, std::chrono::seconds(5)) << what;
        }
      }
    }
  }
  EXPECT_GT(sent, 500U);
  EXPECT_EQ(api().Get("/api/devices/D1").status, 200);
  // A condition that is always true finds nothing where nothing has that name.
  const Answer devices = api().Get("/api/devices?location=" + QueryText("' OR '1'='1"));
  EXPECT_TRUE(devices.status == 400 || devices.data().at("total") == 0);
}

TEST_F(Security, NoPathLeavesTheFolderOfThePage) {
  for (const char* target :
       {"/../../../../etc/passwd", "/..%2f..%2f..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../keys/jwt.key", "/assets/..%5c..%5ckeys%5cjwt.key", "//etc/passwd",
        "/assets/%2e%2e%2f%2e%2e%2fmetadata.db", "/%00", "/.env", "/admin-credentials.json"}) {
    http::RawConnection raw(platform().http_port());
    ASSERT_TRUE(raw.Send("GET " + std::string(target) +
                         " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    const std::string answer = raw.ReadAll();
    const std::string status = answer.substr(9, 3);
    EXPECT_TRUE(status == "400" || status == "404" ||
                (status == "200" && answer.find("<div id=\"root\">") != std::string::npos))
        << target << ": " << answer.substr(0, 300);
    EXPECT_EQ(answer.find("root:x:0"), std::string::npos) << target;
    EXPECT_EQ(answer.find("SQLite format"), std::string::npos) << target;
    EXPECT_EQ(answer.find("password\""), std::string::npos) << target;
  }
}

TEST_F(Security, SlowAndOversizedRequestsHoldNobodyUp) {
  std::vector<std::unique_ptr<http::RawConnection>> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(std::make_unique<http::RawConnection>(platform().http_port()));
    ASSERT_TRUE(slow.back()->Send("GET /health HTTP/1.1\r\nHost: x\r\nX-A: "));
  }
  EXPECT_EQ(api().Get("/api/devices").status, 200);
  const Answer large = api().Call(Method::kPost, "/api/devices", std::string(2 << 20, ' '));
  ExpectError(large, 413, "PAYLOAD_TOO_LARGE");
  const Answer headers =
      Anonymous().Call(Method::kGet, "/health", "", {{"X-A", std::string(20'000, 'a')}});
  EXPECT_EQ(headers.status, 431);
  EXPECT_EQ(Anonymous().Get("/" + std::string(20'000, 'a')).status, 414);
  // The limit of a header's time is 10 s.
  const std::string answer = slow.front()->ReadAll() + slow.front()->ReadAll();
  EXPECT_NE(answer.find(" 408 "), std::string::npos) << answer;
}

TEST_F(Security, AnAccountCannotBeTold) {
  const auto refused = [&](const std::string& email) {
    Answer answer =
        Anonymous().Post("/api/auth/login", {{"email", email}, {"password", "not this one"}});
    EXPECT_EQ(answer.status, 401);
    answer.body.erase("timestamp");
    return answer.body.dump();
  };
  EXPECT_EQ(refused("admin@localhost"), refused("nobody@localhost"));
}

TEST_F(Security, AnotherSiteCannotUseTheBrowsersCookie) {
  const base::Json file = base::Json::parse(ReadFile(data_dir() / "admin-credentials.json"));
  ApiClient client = Anonymous();
  const Answer login = client.Post("/api/auth/login", file);
  ASSERT_EQ(login.status, 200) << login.response.Body();
  const std::string cookie(login.response.Header("Set-Cookie"));
  for (const char* attribute : {"HttpOnly", "SameSite=Strict", "Path=/api/auth"}) {
    EXPECT_NE(cookie.find(attribute), std::string::npos) << cookie;
  }
  // What changes something takes a token, never the cookie.
  const http::Headers by_cookie{{"Cookie", cookie.substr(0, cookie.find(';'))},
                                {"Origin", "https://evil.example"}};
  EXPECT_EQ(client.Call(Method::kPost, "/api/auth/logout", "{}", by_cookie).status, 401);
  EXPECT_EQ(client.Call(Method::kPost, "/api/devices", "{}", by_cookie).status, 401);
}

TEST_F(Security, OtherOriginsAreAnsweredOnlyWhenListed) {
  const http::Headers asks{{"Origin", "https://panel.example"},
                           {"Access-Control-Request-Method", "PUT"},
                           {"Access-Control-Request-Headers", "authorization"}};
  const auto allowed = [&](Method method, const http::Headers& headers) {
    const Answer answer = Anonymous().Call(method, "/api/devices/D1", "", headers);
    return std::string(answer.response.Header("Access-Control-Allow-Origin"));
  };
  EXPECT_EQ(allowed(Method::kOptions, asks), "");
  EXPECT_EQ(allowed(Method::kGet, asks), "");

  Start({{"JWT_SECRET", kSecret}, {"ENERGY_HTTP__CORS_ORIGINS", "https://panel.example"}});
  EXPECT_EQ(allowed(Method::kOptions, asks), "https://panel.example");
  EXPECT_EQ(allowed(Method::kGet, asks), "https://panel.example");
  const Answer preflight = Anonymous().Call(Method::kOptions, "/api/devices/D1", "", asks);
  EXPECT_EQ(preflight.status, 204);
  EXPECT_NE(preflight.response.Header("Access-Control-Allow-Methods").find("PUT"),
            std::string::npos);
  EXPECT_NE(preflight.response.Header("Access-Control-Allow-Headers").find("Authorization"),
            std::string::npos);
  EXPECT_EQ(preflight.response.Header("Access-Control-Allow-Credentials"), "");
  for (const char* origin : {"https://evil.example", "https://panel.example.evil", "null",
                             "http://panel.example", "https://PANEL.example"}) {
    EXPECT_EQ(allowed(Method::kOptions, {{"Origin", origin}}), "") << origin;
    EXPECT_EQ(allowed(Method::kGet, {{"Origin", origin}}), "") << origin;
  }
}

TEST_F(Security, NoHeaderCanBePutIntoAnAnswer) {
  for (const char* id : {"a%0d%0aX-Injected:1", "a b", "<x>", "\xc3\xa9"}) {
    const Answer answer = Anonymous().Call(Method::kGet, "/health", "", {{"X-Request-Id", id}});
    EXPECT_NE(answer.response.Header("X-Request-Id"), id);
    EXPECT_FALSE(answer.response.Header("X-Request-Id").empty());
  }
  http::RawConnection raw(platform().http_port());
  ASSERT_TRUE(
      raw.Send("GET /api/x%0d%0aX-Injected:%201 HTTP/1.1\r\nHost: x\r\nX-Request-Id: "
               "a\rX-Injected: 1\r\nConnection: close\r\n\r\n"));
  const std::string answer = raw.ReadAll();
  EXPECT_EQ(answer.find("\r\nX-Injected"), std::string::npos) << answer;
}

TEST_F(Security, EveryAnswerTellsTheBrowserToBeCareful) {
  for (const char* target : {"/", "/api/devices", "/health", "/api/nothing", "/%zz"}) {
    const Answer answer = Anonymous().Get(target);
    EXPECT_EQ(answer.response.Header("X-Content-Type-Options"), "nosniff") << target;
    EXPECT_NE(answer.response.Header("Content-Security-Policy").find("frame-ancestors 'none'"),
              std::string::npos)
        << target;
    EXPECT_FALSE(answer.response.Header("X-Request-Id").empty() && answer.status != 400) << target;
  }
}

}  // namespace
}  // namespace energy::integration
