#include "http/mailer.h"

#include <cstdlib>
#include <filesystem>
#include <future>

#include "http/smtp_test_server.h"
#include "http/test_support.h"

namespace energy::http {
namespace {

using Security = MailServer::Security;
using std::chrono::milliseconds;
using std::chrono::seconds;

class MailerTest : public ::testing::Test {
 protected:
  MailerTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mailer_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    const std::string make =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
        "/CN=mail -addext subjectAltName=IP:127.0.0.1 -keyout " +
        folder_ + "/key -out " + folder_ + "/certificate 2>/dev/null";
    EXPECT_EQ(std::system(make.c_str()), 0);
  }
  ~MailerTest() override { std::filesystem::remove_all(folder_); }

  std::vector<std::string> Tls(std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--certificate", folder_ + "/certificate", "--key", folder_ + "/key"});
    return more;
  }
  MailServer At(const SmtpTestServer& server, Security security, const std::string& user = "",
                const std::string& password = "") {
    return {"127.0.0.1", server.port(), security, user, password, folder_ + "/certificate"};
  }
  static Mail To(const std::string& to) {
    return {"alerts@example.com", to, "Subject: x\r\n\r\nfirst\r\n.\r\n..dots\r\nlast\r\n"};
  }

  std::string folder_;
  Mailer mailer_;
};

TEST_F(MailerTest, SendsOverStartTlsWithALogin) {
  SmtpTestServer server(Tls({"--login", "me:secret word"}));
  const auto answer =
      mailer_.Send(At(server, Security::kStartTls, "me", "secret word"), To("ops@example.com"));
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_TRUE(answer->accepted()) << answer->command << " " << answer->text;
  EXPECT_EQ(answer->text, "250 2.0.0 Ok: queued as 4F1A");
  const base::Json mail = server.NextMail();
  EXPECT_EQ(mail.at("from"), "alerts@example.com");
  EXPECT_EQ(mail.at("to"), base::Json::array({"ops@example.com"}));
  EXPECT_EQ(mail.at("tls"), true);
  EXPECT_EQ(mail.at("user"), "me");
  EXPECT_EQ(mail.at("data"), To("").data);
}

TEST_F(MailerTest, SendsOverTlsFromTheFirstByteAndInTheClear) {
  SmtpTestServer tls(Tls({"--implicit"}));
  const auto sent = mailer_.Send(At(tls, Security::kTls), To("ops@example.com"));
  ASSERT_TRUE(sent.ok()) << sent.status().ToString();
  EXPECT_TRUE(sent->accepted());
  EXPECT_EQ(tls.NextMail().at("tls"), true);
  SmtpTestServer clear;
  const auto plain = mailer_.Send(At(clear, Security::kNone), To("ops@example.com"));
  ASSERT_TRUE(plain.ok()) << plain.status().ToString();
  EXPECT_TRUE(plain->accepted());
  EXPECT_EQ(clear.NextMail().at("tls"), false);
}

TEST_F(MailerTest, SaysWhatTheServerRefused) {
  SmtpTestServer server(Tls({"--login", "me:secret"}));
  const MailServer at = At(server, Security::kStartTls, "me", "secret");
  const auto refused = [&](const std::string& to) { return mailer_.Send(at, To(to)); };
  const auto bounce = refused("bounce@example.com");
  ASSERT_TRUE(bounce.ok()) << bounce.status().ToString();
  EXPECT_EQ(bounce->code, 550);
  EXPECT_EQ(bounce->command, "RCPT");
  EXPECT_EQ(bounce->text, "550 5.1.1 <bounce@example.com>: no such mailbox");
  const auto busy = refused("busy@example.com");
  EXPECT_EQ(busy->code, 451);
  EXPECT_EQ(busy->command, "RCPT");
  const auto late = refused("late@example.com");
  ASSERT_TRUE(late.ok()) << late.status().ToString();
  EXPECT_EQ(late->code, 554);
  EXPECT_EQ(late->command, ".");
  EXPECT_FALSE(late->accepted());
  const auto login =
      mailer_.Send(At(server, Security::kStartTls, "me", "wrong"), To("ops@example.com"));
  ASSERT_TRUE(login.ok()) << login.status().ToString();
  EXPECT_EQ(login->code, 535);
  EXPECT_EQ(login->command, "AUTH");
  EXPECT_FALSE(server.HasMail());
}

TEST_F(MailerTest, SendsNothingWithoutTheTlsItAsksFor) {
  SmtpTestServer clear;
  const auto no_tls = mailer_.Send(At(clear, Security::kStartTls), To("ops@example.com"));
  EXPECT_EQ(no_tls.status().code(), base::Code::kUnavailable);
  EXPECT_FALSE(clear.HasMail());
  SmtpTestServer server(Tls());
  MailServer stranger = At(server, Security::kStartTls);
  stranger.ca_file.clear();
  EXPECT_EQ(mailer_.Send(stranger, To("ops@example.com")).status().code(),
            base::Code::kUnavailable);
  MailServer other_name = At(server, Security::kStartTls);
  other_name.host = "localhost";
  EXPECT_EQ(mailer_.Send(other_name, To("ops@example.com")).status().code(),
            base::Code::kUnavailable);
  EXPECT_FALSE(server.HasMail());
}

TEST_F(MailerTest, RefusesAddressesThatWouldForge) {
  const MailServer nobody{.host = "127.0.0.1", .port = 1};
  for (const char* address : {"", "a b@example.com", "a@example.com>\r\nRCPT TO:<b@example.com"}) {
    EXPECT_EQ(mailer_.Send(nobody, To(address)).status().code(), base::Code::kInvalidArgument)
        << address;
  }
  const MailServer path{.host = "127.0.0.1/x"};
  EXPECT_EQ(mailer_.Send(path, To("ops@example.com")).status().code(),
            base::Code::kInvalidArgument);
  EXPECT_EQ(mailer_.Send(nobody, To("ops@example.com")).status().code(), base::Code::kUnavailable);
}

TEST_F(MailerTest, GivesUpOnASilentServerAndEndsWhenTheProgramStops) {
  SmtpTestServer server;
  Mail mail = To("silent@example.com");
  mail.timeout = milliseconds(700);
  const auto late = mailer_.Send(At(server, Security::kNone), mail);
  EXPECT_EQ(late.status().code(), base::Code::kUnavailable) << late.status().ToString();
  mail.timeout = seconds(60);
  auto waiting = std::async(std::launch::async,
                            [&] { return mailer_.Send(At(server, Security::kNone), mail); });
  while (waiting.wait_for(milliseconds(1)) != std::future_status::ready) mailer_.Stop();
  EXPECT_EQ(waiting.get().status().code(), base::Code::kUnavailable);
}

}  // namespace
}  // namespace energy::http
