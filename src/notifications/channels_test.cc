#include "notifications/channels.h"

#include <future>
#include <mutex>
#include <tuple>

#include "auth/hash.h"
#include "base/base64.h"
#include "http/smtp_test_server.h"
#include "http/test_support.h"
#include "notifications/test_support.h"

namespace energy::notifications {
namespace {

using http::Method;
using http::Request;
using http::Response;
using Result = Outcome::Result;
using std::chrono::milliseconds;

Response Json(int status, const base::Json& body) {
  Response response;
  response.status = status;
  response.SetHeader("Content-Type", "application/json");
  response.body = body.dump();
  return response;
}

/// Whether Telegram would take it: each special character is escaped or part of *bold* or a link.
bool IsMarkdownV2(std::string_view text) {
  bool bold = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      if (++i == text.size()) return false;
    } else if (c == '*') {
      bold = !bold;
    } else if (c == '[') {
      const size_t middle = text.find("](", i);
      const size_t end = text.find(')', i);
      if (middle == std::string_view::npos || end < middle) return false;
      if (!IsMarkdownV2(text.substr(i + 1, middle - i - 1))) return false;
      i = end;
    } else if (std::string_view("_]()~`>#+-=|{}.!").find(c) != std::string_view::npos) {
      return false;
    }
  }
  return !bold;
}

class ChannelsTest : public ::testing::Test {
 protected:
  std::string Url(const std::string& path = "") const {
    return "http://127.0.0.1:" + std::to_string(server_.port()) + path;
  }
  Delivery To(const std::string& recipient, ChannelId channel) const {
    AlertEvent event;
    event.alert_id = "a1";
    event.rule_name = "Too *hot* <b>&_[x](y)! ü";
    event.device_id = "D-1.2";
    event.device_name = "Bulb (1) \"north\"";
    event.property = "temperature_1";
    event.op = ">=";
    event.threshold = 50;
    event.value = -62.5;
    event.unit = "°C";
    event.started_at = event.at = clock_.Now();
    return {"key-1", recipient, renderer_->Render(channel, {"key-1", std::nullopt, {event}})};
  }
  /// Answers each request to the path by what `answer` makes of it, and keeps them.
  void Serve(const std::string& path, std::function<Response(const Request&)> answer) {
    server_.router.Add(Method::kPost, path, [this, answer = std::move(answer)](Request& request) {
      std::lock_guard lock(mutex_);
      requests_.push_back(request);
      return answer(request);
    });
    server_.Start();
  }

  base::ManualClock clock_{At("2026-12-01T10:20:30Z")};
  http::Outgoing outgoing_;
  http::Mailer mailer_;
  std::mutex mutex_;
  std::vector<Request> requests_;
  std::unique_ptr<Renderer> renderer_ = *Renderer::Make({.page_url = "https://page.example"});
  http::TestServer server_;
};

TEST_F(ChannelsTest, SmtpSendsBothFormsAndTellsABounceFromAnOutage) {
  http::SmtpTestServer smtp;
  SmtpOptions options;
  options.server = {"127.0.0.1", smtp.port(), http::MailServer::Security::kNone};
  options.from = {"alerts@plant.example", "Plant Ü"};
  const auto channel = MakeSmtpChannel(options, mailer_, clock_);
  const Outcome sent = channel->Send(To("ops@example.com", ChannelId::kEmail));
  EXPECT_EQ(sent.result, Result::kSent) << sent.error;
  EXPECT_EQ(sent.provider.at("status"), 250);
  const std::string mail = smtp.NextMail().at("data");
  for (const char* line :
       {"To: ops@example.com\r\n", "Message-ID: <key-1@plant.example>\r\n",
        "Date: Tue, 01 Dec 2026 10:20:30 +0000\r\n", "Auto-Submitted: auto-generated\r\n",
        "From: =?UTF-8?B?UGxhbnQgw5w=?= <alerts@plant.example>\r\n", "Subject: =?UTF-8?B?"}) {
    EXPECT_NE(mail.find(line), std::string::npos) << line << mail;
  }
  std::vector<std::string> parts;
  for (size_t at = mail.find("base64\r\n\r\n"); at != std::string::npos;
       at = mail.find("base64\r\n\r\n", at + 1)) {
    std::string text = mail.substr(at + 10, mail.find("--=", at) - at - 10);
    std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
    parts.push_back(base::DecodeBase64(text).value_or(""));
  }
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_NE(parts[0].find("temperature_1: -62.5 °C (rule: >= 50 °C)\r\n"), std::string::npos)
      << parts[0];
  EXPECT_NE(parts[1].find("<b>Bulb (1) &quot;north&quot;</b> (D-1.2)"), std::string::npos)
      << parts[1];
  EXPECT_NE(parts[1].find("Too *hot* &lt;b&gt;&amp;_[x](y)! ü"), std::string::npos) << parts[1];

  EXPECT_EQ(channel->Send(To("bounce@example.com", ChannelId::kEmail)).result, Result::kBounced);
  EXPECT_EQ(channel->Send(To("busy@example.com", ChannelId::kEmail)).result, Result::kRetry);
  EXPECT_EQ(channel->Send(To("late@example.com", ChannelId::kEmail)).result, Result::kFailed);
  options.server.port = 1;
  const Outcome away =
      MakeSmtpChannel(options, mailer_, clock_)->Send(To("ops@example.com", ChannelId::kEmail));
  EXPECT_EQ(away.result, Result::kRetry);
  EXPECT_FALSE(away.error.empty());
}

// AWS's own way to check a signature: make it again from the request as it arrived.
bool IsSignedForSes(const Request& request, const std::string& host) {
  const std::string given(request.Header("Authorization"));
  http::Headers headers{{"Content-Type", std::string(request.Header("Content-Type"))}};
  SignForAws({"AKID", "secret", std::string(request.Header("X-Amz-Security-Token"))},
             "eu-central-1", "ses", At("2026-12-01T10:20:30Z"), "POST", host, request.target, "",
             request.body, headers);
  return given == headers.back().second && request.Header("X-Amz-Date") == "20261201T102030Z";
}

TEST_F(ChannelsTest, SesIsSignedAndItsErrorsMeanWhatTheySay) {
  struct Case {
    int status;
    const char* type;
    Result result;
  };
  const std::vector<Case> cases{{400, "MessageRejected", Result::kBounced},
                                {400, "MailFromDomainNotVerifiedException", Result::kFailed},
                                {400, "BadRequestException", Result::kFailed},
                                {400, "SendingPausedException", Result::kRetry},
                                {403, "AccountSuspendedException", Result::kRetry},
                                {429, "TooManyRequestsException", Result::kRetry},
                                {500, "InternalFailure", Result::kRetry}};
  const Case* answer = nullptr;
  Serve("/v2/email/outbound-emails", [&](const Request& request) {
    if (!IsSignedForSes(request, "127.0.0.1:" + std::to_string(server_.port()))) {
      return Json(403, {{"message", "The request signature we calculated does not match"}});
    }
    if (answer == nullptr) return Json(200, {{"MessageId", "0100-1"}});
    Response response = Json(answer->status, {{"message", "no because"}});
    response.SetHeader("X-Amzn-ErrorType", std::string(answer->type) + ":http://internal.amazon/");
    return response;
  });
  SesOptions options{"eu-central-1", Url(), {"AKID", "secret", "token"}, {"a@plant.example"}};
  const auto channel = MakeSesChannel(options, outgoing_, clock_);
  const Outcome sent = channel->Send(To("ops@example.com", ChannelId::kEmail));
  EXPECT_EQ(sent.result, Result::kSent) << sent.error;
  EXPECT_EQ(sent.provider, (base::Json{{"status", 200}, {"id", "0100-1"}}));
  const base::Json body = base::Json::parse(requests_.front().body);
  EXPECT_EQ(body.at("FromEmailAddress"), "a@plant.example");
  EXPECT_EQ(body.at("Destination").at("ToAddresses"), base::Json::array({"ops@example.com"}));
  EXPECT_FALSE(body.at("Content").at("Simple").at("Body").at("Html").at("Data").empty());
  for (const Case& one : cases) {
    answer = &one;
    const Outcome outcome = channel->Send(To("ops@example.com", ChannelId::kEmail));
    EXPECT_EQ(outcome.result, one.result) << one.type;
    EXPECT_NE(outcome.error.find(one.type), std::string::npos) << outcome.error;
    EXPECT_NE(outcome.error.find("no because"), std::string::npos) << outcome.error;
  }
  options.credentials.secret_access_key = "wrong";
  EXPECT_EQ(MakeSesChannel(options, outgoing_, clock_)
                ->Send(To("ops@example.com", ChannelId::kEmail))
                .result,
            Result::kFailed);
}

TEST_F(ChannelsTest, WhatsAppSpeaksTwiliosForm) {
  base::Json error;
  int status = 201;
  Serve("/2010-04-01/Accounts/AC1/Messages.json", [&](const Request& request) {
    if (request.Header("Authorization") != "Basic " + base::EncodeBase64("AC1:token")) {
      return Json(401, {{"code", 20003}, {"message", "Authenticate"}, {"status", 401}});
    }
    if (!error.is_null()) return Json(status, error);
    return Json(201, {{"sid", "SM1"}, {"status", "queued"}});
  });
  WhatsAppOptions options{Url(), "AC1", "token", "+14155238886"};
  const auto channel = MakeWhatsAppChannel(options, outgoing_);
  const Delivery delivery = To("+4915112345678", ChannelId::kWhatsApp);
  const Outcome sent = channel->Send(delivery);
  EXPECT_EQ(sent.result, Result::kSent) << sent.error;
  EXPECT_EQ(sent.provider, (base::Json{{"status", 201}, {"id", "SM1"}}));
  Request form;
  ASSERT_TRUE(http::SetTarget("/?" + requests_.front().body, form).ok());
  EXPECT_EQ(form.Query("From"), "whatsapp:+14155238886");
  EXPECT_EQ(form.Query("To"), "whatsapp:+4915112345678");
  EXPECT_EQ(form.Query("Body"), delivery.message.text);
  EXPECT_LE(delivery.message.text.size(), 1600U);

  for (const auto& [http, code, result] :
       {std::tuple{400, 21211, Result::kBounced}, std::tuple{400, 63024, Result::kBounced},
        std::tuple{400, 21610, Result::kBounced}, std::tuple{400, 21606, Result::kFailed},
        std::tuple{429, 20429, Result::kRetry}, std::tuple{500, 20500, Result::kRetry}}) {
    status = http;
    error = {{"code", code}, {"message", "no because"}, {"status", http}};
    const Outcome outcome = channel->Send(delivery);
    EXPECT_EQ(outcome.result, result) << code;
    EXPECT_NE(outcome.error.find("no because"), std::string::npos);
    EXPECT_EQ(outcome.provider.at("code"), code);
  }
  options.auth_token = "wrong";
  EXPECT_EQ(MakeWhatsAppChannel(options, outgoing_)->Send(delivery).result, Result::kFailed);
}

TEST_F(ChannelsTest, TelegramTakesTheMarkdownAndSaysWhenToComeBack) {
  base::Json error;
  int status = 200;
  Serve("/bot7:secret/sendMessage", [&](const Request& request) {
    const base::Json body = base::Json::parse(request.body);
    if (!error.is_null()) return Json(status, error);
    const std::string text = body.at("text");
    if (body.at("parse_mode") != "MarkdownV2" || !IsMarkdownV2(text) || text.size() > 4096) {
      return Json(400, {{"ok", false},
                        {"error_code", 400},
                        {"description", "Bad Request: can't parse entities"}});
    }
    return Json(200, {{"ok", true}, {"result", {{"message_id", 42}}}});
  });
  TelegramOptions options{Url(), "7:secret"};
  const auto channel = MakeTelegramChannel(options, outgoing_);
  const Delivery delivery = To("-1001", ChannelId::kTelegram);
  const Outcome sent = channel->Send(delivery);
  EXPECT_EQ(sent.result, Result::kSent) << sent.error << delivery.message.text;
  EXPECT_EQ(sent.provider, (base::Json{{"status", 200}, {"id", 42}}));
  EXPECT_EQ(base::Json::parse(requests_.front().body).at("chat_id"), "-1001");

  const auto answers = [&](int http, const std::string& description, const base::Json& more) {
    status = http;
    error = {{"ok", false}, {"error_code", http}, {"description", description}};
    error.update(more);
    return channel->Send(delivery);
  };
  EXPECT_EQ(answers(403, "Forbidden: bot was blocked by the user", base::Json::object()).result,
            Result::kBounced);
  EXPECT_EQ(answers(400, "Bad Request: chat not found", base::Json::object()).result,
            Result::kBounced);
  EXPECT_EQ(answers(400, "Bad Request: can't parse entities", base::Json::object()).result,
            Result::kFailed);
  const Outcome slower =
      answers(429, "Too Many Requests: retry after 17", {{"parameters", {{"retry_after", 17}}}});
  EXPECT_EQ(slower.result, Result::kRetry);
  EXPECT_EQ(slower.retry_after, std::chrono::seconds(17));
  // What a database would refuse, and what is too much.
  status = 200;
  error = {{"ok", true},
           {"result", {{"message_id", std::string("a\0b", 3) + std::string(999, 'x')}}}};
  const std::string id = channel->Send(delivery).provider.at("id");
  EXPECT_EQ(id, "ab" + std::string(198, 'x'));
  for (const base::Json& odd : {base::Json::array({1}), base::Json("text"), base::Json(nullptr),
                                base::Json{{"result", base::Json::array({1})}},
                                base::Json{{"result", {{"message_id", base::Json::array({1})}}}},
                                base::Json{{"description", 7}, {"parameters", 7}}}) {
    error = odd.is_null() ? base::Json(7) : odd;
    EXPECT_EQ(channel->Send(delivery).result, Result::kSent);
    status = 400;
    EXPECT_EQ(channel->Send(delivery).result, Result::kFailed);
    status = 200;
  }

  server_.Stop();
  const Outcome away = channel->Send(delivery);
  EXPECT_EQ(away.result, Result::kRetry);
  EXPECT_EQ(away.error.find("7:secret"), std::string::npos) << "the token shows: " << away.error;
}

TEST_F(ChannelsTest, WebhooksAreSignedAndGoNowhereElse) {
  int status = 204;
  Serve("/hook", [&](const Request& request) {
    const std::string time(request.Header("X-Energy-Timestamp"));
    const std::string signature =
        "v1=" + auth::ToHex(auth::HmacSha256("shared secret", time + "." + request.body));
    Response response;
    response.status = request.Header("X-Energy-Signature") == signature ? status : 401;
    if (status == 503) response.SetHeader("Retry-After", "33");
    return response;
  });
  WebhookOptions options{{Url("/")}, "shared secret"};
  const auto channel = MakeWebhookChannel(options, outgoing_, clock_);
  const Delivery delivery = To(Url("/hook"), ChannelId::kWebhook);
  EXPECT_EQ(channel->Send(delivery).result, Result::kSent);
  const Request& request = requests_.front();
  EXPECT_EQ(request.Header("Idempotency-Key"), "key-1");
  EXPECT_EQ(request.Header("X-Energy-Timestamp"), "1796120430");
  const base::Json body = base::Json::parse(request.body);
  EXPECT_EQ(body.at("id"), "key-1");
  EXPECT_EQ(body.at("events").at(0).at("value"), -62.5);
  EXPECT_EQ(body.at("events").at(0).at("link"), "https://page.example/alerts?alert=a1");

  for (const auto& [http, result] :
       {std::pair{404, Result::kFailed}, std::pair{410, Result::kBounced},
        std::pair{302, Result::kFailed}, std::pair{503, Result::kRetry}}) {
    status = http;
    const Outcome outcome = channel->Send(delivery);
    EXPECT_EQ(outcome.result, result) << http;
    EXPECT_EQ(outcome.retry_after.has_value(), http == 503);
  }
  for (const std::string& elsewhere :
       std::vector<std::string>{"http://169.254.169.254/latest", Url() + "0/hook", Url("/../x"),
                                "http://127.0.0.1@evil.example/"}) {
    EXPECT_FALSE(channel->Admits(elsewhere).ok()) << elsewhere;
    EXPECT_EQ(channel->Send(To(elsewhere, ChannelId::kWebhook)).result, Result::kFailed);
  }
  options.secret = "another";
  status = 204;
  EXPECT_EQ(MakeWebhookChannel(options, outgoing_, clock_)->Send(delivery).result, Result::kFailed);
}

TEST_F(ChannelsTest, AProviderThatSaysNothingIsGivenUp) {
  std::promise<void> over;
  auto waiting = over.get_future().share();
  Serve("/hook", [waiting](const Request&) {
    waiting.wait();
    return Response();
  });
  WebhookOptions options{{Url("/")}, "s", milliseconds(300)};
  const Outcome outcome =
      MakeWebhookChannel(options, outgoing_, clock_)->Send(To(Url("/hook"), ChannelId::kWebhook));
  over.set_value();
  EXPECT_EQ(outcome.result, Result::kRetry);
  EXPECT_FALSE(outcome.error.empty());
}

// The signing key and the signatures that AWS publishes (IAM User Guide, "Create a signed request";
// the Signature Version 4 test suite).
TEST(AwsSignature, IsWhatAwsPublishes) {
  const AwsCredentials example{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
  EXPECT_EQ(auth::ToHex(AwsSigningKey(example.secret_access_key, "20150830", "us-east-1", "iam")),
            "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
  const base::Timestamp time = At("2015-08-30T12:36:00Z");
  const auto signature = [&](std::string_view service, std::string_view method,
                             std::string_view host, std::string_view query, http::Headers headers) {
    SignForAws(example, "us-east-1", service, time, method, host, "/", query, "", headers);
    const std::string& all = headers.back().second;
    return all.substr(all.rfind('=') + 1);
  };
  EXPECT_EQ(signature("iam", "GET", "iam.amazonaws.com", "Action=ListUsers&Version=2010-05-08",
                      {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}}),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
  EXPECT_EQ(signature("service", "GET", "example.amazonaws.com", "", {}),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  EXPECT_EQ(signature("service", "POST", "example.amazonaws.com", "", {}),
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

}  // namespace
}  // namespace energy::notifications
