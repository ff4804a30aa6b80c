#include "http/outgoing.h"

#include <cstdlib>
#include <filesystem>
#include <future>
#include <thread>

#include "http/test_support.h"

namespace energy::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string At(uint16_t port, const std::string& target, const std::string& scheme = "http") {
  return scheme + "://127.0.0.1:" + std::to_string(port) + target;
}

/// Takes connections and says nothing.
class SilentServer {
 public:
  SilentServer() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(fd_, 8), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { ::close(fd_); }
  uint16_t port() const { return port_; }
  /// Waits until somebody has connected.
  bool Connected() const {
    pollfd poller{fd_, POLLIN, 0};
    return ::poll(&poller, 1, 10'000) > 0;
  }

 private:
  int fd_;
  uint16_t port_ = 0;
};

TEST(Outgoing, SendsMethodHeadersAndBodyAndAnswersWhatCame) {
  TestServer server;
  for (const Method method : {Method::kGet, Method::kPost, Method::kPut, Method::kDelete}) {
    server.router.Add(method, "/echo", [](Request& request) {
      Response response = Text(std::string(MethodName(request.method)) + " " + request.body + " " +
                               std::string(request.Header("X-Mine")) + " " +
                               std::string(request.Header("Content-Type")));
      response.status = 418;
      response.AddHeader("X-Theirs", "yes");
      return response;
    });
  }
  server.Start();
  Outgoing outgoing;
  const std::string url = At(server.port(), "/echo?a=b");
  const auto post = outgoing.Send({.method = Method::kPost,
                                   .url = url,
                                   .headers = {{"X-Mine", "1"}, {"Content-Type", "text/x"}},
                                   .body = "what"});
  ASSERT_TRUE(post.ok()) << post.status().ToString();
  EXPECT_EQ(post->status, 418);
  EXPECT_EQ(post->body, "POST what 1 text/x");
  EXPECT_EQ(post->Header("x-theirs"), "yes");
  EXPECT_EQ(outgoing.Send({.url = url})->body, "GET   ");
  EXPECT_EQ(outgoing.Send({.method = Method::kPut, .url = url, .body = "x"})->body, "PUT x  ");
  EXPECT_EQ(outgoing.Send({.method = Method::kDelete, .url = url})->body, "DELETE   ");
}

TEST(Outgoing, DoesNotFollowRedirects) {
  TestServer server;
  std::atomic<int> followed{0};
  server.router.Add(Method::kGet, "/away", [](Request&) {
    Response response;
    response.status = 302;
    response.SetHeader("Location", "/there");
    return response;
  });
  server.router.Add(Method::kGet, "/there", [&](Request&) {
    ++followed;
    return Text("there");
  });
  server.Start();
  const auto answer = Outgoing().Send({.url = At(server.port(), "/away")});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(followed, 0);
}

TEST(Outgoing, RefusesWhatIsTooLarge) {
  TestServer server;
  server.router.Add(Method::kGet, "/large", Says(std::string(5000, 'x')));
  server.Start();
  Outgoing outgoing;
  const std::string url = At(server.port(), "/large");
  EXPECT_EQ(outgoing.Send({.url = url, .max_body_bytes = 4999}).status().code(),
            base::Code::kTooLarge);
  EXPECT_EQ(outgoing.Send({.url = url, .max_body_bytes = 5000})->body.size(), 5000U);
}

TEST(Outgoing, RefusesOtherSchemesAndForgedHeaders) {
  Outgoing outgoing;
  for (const char* url :
       {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "", "http://", "no url"}) {
    EXPECT_FALSE(outgoing.Send({.url = url}).ok()) << url;
  }
  EXPECT_EQ(outgoing.Send({.url = "file:///etc/passwd"}).status().code(),
            base::Code::kInvalidArgument);
  EXPECT_EQ(outgoing.Send({.url = "http://127.0.0.1:1/", .headers = {{"X", "a\r\nHost: b"}}})
                .status()
                .code(),
            base::Code::kInvalidArgument);
}

TEST(Outgoing, GivesUpOnASilentServer) {
  const SilentServer server;
  const auto begin = std::chrono::steady_clock::now();
  const auto answer =
      Outgoing().Send({.url = At(server.port(), "/"), .timeout = milliseconds(200)});
  EXPECT_EQ(answer.status().code(), base::Code::kUnavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(10));
}

TEST(Outgoing, SaysWhenNobodyListens) {
  uint16_t port = 0;
  {
    const SilentServer gone;
    port = gone.port();
  }
  const auto answer = Outgoing().Send({.url = At(port, "/")});
  EXPECT_EQ(answer.status().code(), base::Code::kUnavailable);
  EXPECT_NE(answer.status().message().find("127.0.0.1"), std::string::npos);
}

TEST(Outgoing, EndsWhenTheProgramStops) {
  const SilentServer server;
  Outgoing outgoing;
  auto waiting = std::async(std::launch::async, [&] {
    return outgoing.Send({.url = At(server.port(), "/"), .timeout = seconds(60)});
  });
  ASSERT_TRUE(server.Connected());
  outgoing.Stop();
  ASSERT_EQ(waiting.wait_for(seconds(10)), std::future_status::ready);
  EXPECT_EQ(waiting.get().status().code(), base::Code::kUnavailable);
  EXPECT_FALSE(outgoing.Send({.url = At(server.port(), "/")}).ok()) << "after the stop";
}

class OutgoingTls : public ::testing::Test {
 protected:
  OutgoingTls() {
    std::string pattern = (std::filesystem::temp_directory_path() / "outgoing_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    const std::string make =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
        "/CN=provider -addext subjectAltName=IP:127.0.0.1 -keyout " +
        folder_ + "/key -out " + folder_ + "/certificate 2>/dev/null";
    EXPECT_EQ(std::system(make.c_str()), 0);
    ServerOptions options;
    options.tls_certificate = folder_ + "/certificate";
    options.tls_key = folder_ + "/key";
    server_ = std::make_unique<TestServer>(options);
    server_->router.Add(Method::kGet, "/", Says("secret"));
    server_->Start();
  }
  ~OutgoingTls() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string folder_;
  std::unique_ptr<TestServer> server_;
};

TEST_F(OutgoingTls, TrustsTheConfiguredAuthorityAlone) {
  Outgoing trusting({.ca_file = folder_ + "/certificate"});
  const auto answer = trusting.Send({.url = At(server_->port(), "/", "https")});
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(answer->body, "secret");
  const auto stranger = Outgoing().Send({.url = At(server_->port(), "/", "https")});
  EXPECT_EQ(stranger.status().code(), base::Code::kUnavailable);
}

TEST_F(OutgoingTls, ChecksTheNameToo) {
  Outgoing trusting({.ca_file = folder_ + "/certificate"});
  const std::string url = "https://localhost:" + std::to_string(server_->port()) + "/";
  EXPECT_EQ(trusting.Send({.url = url}).status().code(), base::Code::kUnavailable);
}

}  // namespace
}  // namespace energy::http
