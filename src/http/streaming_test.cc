#include <zlib.h>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>

#include "http/streamed_body.h"
#include "http/test_support.h"

namespace energy::http {
namespace {

using std::chrono::milliseconds;

// Answers in `count` pieces "piece 0;", "piece 1;"...
Response InPieces(int count, std::atomic<int>* made = nullptr) {
  Response response = Text("start;");
  response.more = [next = 0, count, made](std::string& piece) mutable -> base::Result<bool> {
    piece = "piece " + std::to_string(next++) + ";";
    if (made != nullptr) ++*made;
    return next < count;
  };
  return response;
}

std::string Expected(int count) {
  std::string text = "start;";
  for (int i = 0; i < count; ++i) text += "piece " + std::to_string(i) + ";";
  return text;
}

TEST(Streaming, SendsPiecesInTheChunkedCodingAndKeepsTheConnection) {
  TestServer server;
  server.router.Add(Method::kGet, "/a", [](Request&) { return InPieces(1000); });
  auto client = server.Start().NewClient();
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.Get("/a");
    ASSERT_TRUE(answer.ok()) << answer.status().ToString();
    EXPECT_EQ(answer->Header("Transfer-Encoding"), "chunked");
    EXPECT_EQ(answer->Header("Content-Length"), "");
    EXPECT_EQ(answer->body, Expected(1000));
  }
}

TEST(Streaming, AnswersPipelinedRequestsInOrder) {
  TestServer server;
  server.router.Add(Method::kGet, "/a", [](Request&) { return InPieces(3); });
  server.router.Add(Method::kGet, "/b", Says("after"));
  RawConnection raw(server.Start().port());
  raw.Send(
      "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string all = raw.ReadAll();
  EXPECT_LT(all.find("piece 2;\r\n0\r\n\r\nHTTP/1.1 200"), all.find("\r\n\r\nafter"));
}

TEST(Streaming, EndsWithTheConnectionForHttp10) {
  TestServer server;
  server.router.Add(Method::kGet, "/a", [](Request&) { return InPieces(5); });
  RawConnection raw(server.Start().port());
  raw.Send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string answer = raw.ReadAll();
  EXPECT_EQ(answer.find("chunked"), std::string::npos);
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n" + Expected(5))) << answer;
}

TEST(Streaming, HeadSendsNoPiece) {
  std::atomic<int> made = 0;
  TestServer server;
  server.router.Add(Method::kGet, "/a", [&](Request&) { return InPieces(5, &made); });
  RawConnection raw(server.Start().port());
  raw.Send("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(raw.ReadAll().ends_with("\r\n\r\n"));
  EXPECT_EQ(made, 0);
}

TEST(Streaming, CompressesForWhoAsks) {
  TestServer server;
  server.router.Add(Method::kGet, "/a", [](Request&) { return InPieces(5000); });
  auto client = server.Start().NewClient();
  const auto answer = client.Get("/a", {{"Accept-Encoding", "gzip"}});
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(answer->Header("Content-Encoding"), "gzip");
  std::string plain(1 << 20, '\0');
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(answer->body.data()));
  stream.avail_in = static_cast<uInt>(answer->body.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  plain.resize(stream.total_out);
  inflateEnd(&stream);
  EXPECT_EQ(plain, Expected(5000));
  EXPECT_LT(answer->body.size(), plain.size() / 3);
}

TEST(Streaming, ABrokenSourceCutsTheConnection) {
  for (const bool throws : {false, true}) {
    TestServer server;
    server.router.Add(Method::kGet, "/a", [throws](Request&) {
      Response response = Text("start;");
      response.more = [throws](std::string&) -> base::Result<bool> {
        if (throws) throw std::runtime_error("broken");
        return base::Internal("broken");
      };
      return response;
    });
    auto client = server.Start().NewClient();
    EXPECT_EQ(client.Get("/a").status().code(), base::Code::kUnavailable);
    RawConnection raw(server.port());
    raw.Send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(raw.ReadAll().find("\r\n0\r\n\r\n"), std::string::npos);
    EXPECT_TRUE(raw.closed());
  }
}

// A source without end; `ended` is set when it is destroyed.
struct Endless {
  explicit Endless(size_t piece_bytes) : bytes(piece_bytes) {}
  const size_t bytes;
  std::atomic<int> made = 0;
  std::promise<void> ended;

  Response Start() {
    const std::shared_ptr<void> guard(nullptr, [this](void*) { ended.set_value(); });
    Response response = Text("");
    response.more = [this, guard](std::string& piece) -> base::Result<bool> {
      ++made;
      piece.assign(bytes, 'x');
      return true;
    };
    return response;
  }
  bool Ends() {
    return ended.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready;
  }
};

TEST(Streaming, StopsWhenTheClientLeaves) {
  for (const size_t bytes : {size_t{0}, size_t{64 << 10}}) {
    Endless endless(bytes);
    TestServer server;
    server.router.Add(Method::kGet, "/a", [&](Request&) { return endless.Start(); });
    {
      RawConnection raw(server.Start().port());
      raw.Send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
      raw.ReadUntil("\r\n\r\n");
    }
    EXPECT_TRUE(endless.Ends()) << bytes;
  }
}

TEST(Streaming, ASlowClientHoldsNoWorkerAndIsDroppedWhenItStopsReading) {
  Endless endless(1 << 20);
  TestServer server({.idle_timeout = milliseconds(300)}, /*workers=*/1);
  server.router.Add(Method::kGet, "/endless", [&](Request&) { return endless.Start(); });
  server.router.Add(Method::kGet, "/b", Says("quick"));
  RawConnection stuck(server.Start().port());
  stuck.Send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
  stuck.ReadUntil("\r\n\r\n");
  const auto quick = server.NewClient().Get("/b");
  ASSERT_TRUE(quick.ok()) << quick.status().ToString();
  EXPECT_EQ(quick->body, "quick");
  EXPECT_TRUE(endless.Ends());
  // What the sockets' buffers take and two pieces.
  EXPECT_LT(endless.made, 20);
}

TEST(Streaming, WaitsForAPlaceInTheWorkerPool) {
  std::latch started(1);
  std::latch release(1);
  std::atomic<int> made = 0;
  TestServer server({.idle_timeout = milliseconds(400), .max_pending_requests = 1});
  server.router.Add(Method::kGet, "/block", [&](Request&) {
    started.count_down();
    release.wait();
    return Text("done");
  });
  server.router.Add(
      Method::kGet, "/a", [&](Request&) { return InPieces(3, &made); }, Run::kInline);
  const uint16_t port = server.Start().port();
  RawConnection blocking(port);
  blocking.Send("GET /block HTTP/1.1\r\nHost: x\r\n\r\n");
  started.wait();
  RawConnection streaming(port);
  streaming.Send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  streaming.ReadUntil("\r\n\r\n");
  EXPECT_EQ(made, 0);
  release.count_down();
  EXPECT_TRUE(streaming.ReadAll().ends_with("piece 2;\r\n0\r\n\r\n"));
}

TEST(Streaming, StopCutsWhatDoesNotEnd) {
  Endless endless(0);
  TestServer server({.stop_timeout = milliseconds(50)});
  server.router.Add(Method::kGet, "/a", [&](Request&) { return endless.Start(); });
  RawConnection raw(server.Start().port());
  raw.Send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  raw.ReadUntil("\r\n\r\n");
  server.Stop();
  EXPECT_TRUE(endless.Ends());
}

}  // namespace
}  // namespace energy::http
