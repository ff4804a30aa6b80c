#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "integration/platform_test.h"

/// The API over TLS in the running program, asked by curl.
namespace energy::integration {
namespace {

class Https : public PlatformTest {
 protected:
  void SetUp() override {
    MakeCertificate();
    Start({{"ENERGY_HTTP__TLS__CERTIFICATE", File("certificate.pem")},
           {"ENERGY_HTTP__TLS__KEY", File("key.pem")},
           {"ENERGY_HTTP__TLS__PORT", "0"}});
    std::ifstream file(data_dir() / "endpoints.json");
    address_ = base::Json::parse(file).at("https");
  }
  void MakeCertificate() {
    ASSERT_EQ(std::system(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                           "-days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 "
                           "-keyout " +
                           File("key.pem") + " -out " + File("certificate.pem") + " 2>/dev/null")
                              .c_str()),
              0);
  }
  std::string File(const std::string& name) const { return (files_.path() / name).string(); }
  // What curl prints, header and body.
  std::string Curl(const std::string& arguments, const std::string& path) const {
    const std::string command = "curl -sS -i --http1.1 --max-time 20 --cacert " +
                                File("certificate.pem") + " " + arguments + " '" + address_ + path +
                                "' 2>&1";
    std::string output;
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return output;
    char buffer[4096];
    for (size_t got = 0; (got = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
      output.append(buffer, got);
    }
    ::pclose(pipe);
    return output;
  }

 private:
  TemporaryFolder files_;
  std::string address_;
};

TEST_F(Https, LogsInWithACookieThatNeverTravelsInTheClear) {
  std::ifstream file(data_dir() / "admin-credentials.json");
  const base::Json admin = base::Json::parse(file);
  const base::Json body = {{"email", admin.at("email")}, {"password", admin.at("password")}};
  const std::string login =
      Curl("-H 'Content-Type: application/json' -d '" + body.dump() + "'", "/api/auth/login");
  EXPECT_NE(login.find("HTTP/1.1 200"), std::string::npos) << login;
  EXPECT_NE(login.find("HttpOnly; Secure;"), std::string::npos) << login;
  EXPECT_NE(Curl("", "/ready").find("HTTP/1.1 200"), std::string::npos);
}

TEST_F(Https, TellsBrowsersToStayWithTls) {
  const std::string header = "Strict-Transport-Security: max-age=31536000\r\n";
  for (const char* path : {"/ready", "/api/devices", "/api/nothing", "/"}) {
    EXPECT_NE(Curl("", path).find(header), std::string::npos) << path;
  }
  // An error of the protocol: a body that no route takes.
  EXPECT_NE(Curl("-X PUT", "/api/auth/login").find(header), std::string::npos);
  EXPECT_EQ(Curl("-H 'Host: localhost:8443'", "/ready").find("Strict-Transport"),
            std::string::npos);
  // Nobody believes it where others can write it.
  EXPECT_EQ(api().Get("/ready").response.Header("Strict-Transport-Security"), "");
}

TEST_F(Https, ANewCertificateIsUsedWithoutARestart) {
  ASSERT_NE(Curl("", "/health").find("HTTP/1.1 200"), std::string::npos);
  MakeCertificate();
  EXPECT_TRUE(
      WaitUntil([this] { return Curl("", "/health").find("HTTP/1.1 200") != std::string::npos; },
                std::chrono::seconds(20)));
}

}  // namespace
}  // namespace energy::integration
