#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "http/test_support.h"

/// HTTPS against curl and a raw OpenSSL client, with certificates made here.
namespace energy::http {
namespace {

struct Outcome {
  int exit_code = -1;
  std::string output;
};

Outcome RunCommand(const std::string& command) {
  Outcome outcome;
  std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  char buffer[4096];
  for (size_t got = 0; (got = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
    outcome.output.append(buffer, got);
  }
  outcome.exit_code = ::pclose(pipe);
  return outcome;
}

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "http_tls_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    MakeCertificate("first");
    Install("first");
  }
  ~TlsTest() override { std::filesystem::remove_all(folder_); }

  std::string File(const std::string& name) const { return folder_ + "/" + name; }
  // A certificate that signs itself.
  void MakeCertificate(const std::string& name) {
    const Outcome made = RunCommand(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" +
        name + " -addext subjectAltName=IP:127.0.0.1 -keyout " + File(name + ".key") + " -out " +
        File(name + ".crt"));
    ASSERT_EQ(made.exit_code, 0) << made.output;
  }
  void Install(const std::string& name) {
    for (const std::string end : {".crt", ".key"}) {
      std::filesystem::copy_file(File(name + end), File("new"),
                                 std::filesystem::copy_options::overwrite_existing);
      std::filesystem::rename(File("new"), File("server" + end));
    }
  }
  ServerOptions Options() const {
    ServerOptions options;
    options.tls_certificate = File("server.crt");
    options.tls_key = File("server.key");
    options.header_timeout = std::chrono::milliseconds(400);
    return options;
  }
  Outcome Curl(const TestServer& server, const std::string& trusted, const std::string& more) {
    return RunCommand("curl -sS --max-time 10 --cacert " + File(trusted + ".crt") + " " + more +
                      " https://127.0.0.1:" + std::to_string(server.port()) + "/echo");
  }

  std::string folder_;
};

TEST_F(TlsTest, ServesAsWithoutIt) {
  TestServer server(Options());
  server.router.Add(Method::kPost, "/echo",
                    [](Request& request) { return Text(std::to_string(request.body.size())); });
  server.Start();
  const Outcome small = Curl(server, "first", "-d abc");
  EXPECT_EQ(small.output, "3");
  std::ofstream(File("large")) << std::string(1'000'000, 'x');
  for (const char* version : {"--tlsv1.2 --tls-max 1.2", "--tlsv1.3"}) {
    const Outcome large =
        Curl(server, "first", std::string(version) + " -H Expect: --data-binary @" + File("large"));
    EXPECT_EQ(large.output, "1000000");
  }
  EXPECT_NE(Curl(server, "first", "--tlsv1.0 --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0").exit_code,
            0);
}

TEST_F(TlsTest, TakesAChangedCertificateWhileItRuns) {
  TestServer server(Options());
  server.router.Add(Method::kGet, "/echo", Says("hello"));
  server.Start();
  EXPECT_EQ(Curl(server, "first", "").output, "hello");

  std::ofstream(File("server.crt")) << "nonsense";
  std::ofstream(File("server.key")) << "nonsense";
  MakeCertificate("second");
  EXPECT_EQ(Curl(server, "first", "").output, "hello");
  Install("second");
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  Outcome outcome;
  while ((outcome = Curl(server, "second", "")).output != "hello" &&
         std::chrono::steady_clock::now() < until) {
  }
  EXPECT_EQ(outcome.output, "hello");
}

TEST_F(TlsTest, EndsWhoDoesNotShakeHands) {
  TestServer server(Options());
  server.router.Add(Method::kGet, "/echo", Says("hello"));
  server.Start();
  RawConnection silent(server.port());
  RawConnection plain(server.port());
  ASSERT_TRUE(plain.Send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n"));
  plain.ReadAll();
  EXPECT_TRUE(plain.closed());
  silent.ReadAll();
  EXPECT_TRUE(silent.closed());
  EXPECT_EQ(Curl(server, "first", "").output, "hello");
}

TEST_F(TlsTest, NamesTheFileThatCannotBeUsed) {
  for (const char* bad : {"certificate", "key"}) {
    ServerOptions options = Options();
    (std::string(bad) == "key" ? options.tls_key : options.tls_certificate) = "/no/such/file.pem";
    base::IoThreads io(1);
    base::WorkerPool workers("test", 1, 8);
    Router router;
    base::SystemClock clock;
    base::SystemRandom random;
    base::Metrics metrics;
    ASSERT_TRUE(io.Start().ok());
    Server server(options, io, workers, router, clock, random, base::NullLogger(), metrics);
    const base::Status status = server.Start();
    ASSERT_EQ(status.fields().size(), 1U) << status.ToString();
    EXPECT_EQ(status.fields()[0].field, std::string("http.tls.") + bad);
    EXPECT_NE(status.fields()[0].message.find("/no/such/file.pem"), std::string::npos);
    io.Stop();
  }
}

}  // namespace
}  // namespace energy::http
