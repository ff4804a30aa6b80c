#include <zlib.h>

#include "http/gzip.h"
#include "http/server.h"
#include "http/test_support.h"

namespace energy::http {
namespace {

std::string Unzip(const std::string& data) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

std::string Compressed(const std::string& data) { return Gzip(data, 1).value(); }

TEST(Server, CompressesLargeTextForThoseWhoTakeIt) {
  const std::string large(5000, 'x');
  TestServer server;
  server.router.Add(Method::kGet, "/large", [&](Request&) {
    Response response = Text(large);
    response.SetHeader("ETag", "\"1\"");
    return response;
  });
  server.router.Add(Method::kGet, "/small", Says("x"));
  server.router.Add(Method::kGet, "/image", [&](Request&) {
    Response response;
    response.SetHeader("Content-Type", "image/png");
    response.body = large;
    return response;
  });
  auto client = server.Start().NewClient();
  const Headers gzip{{"Accept-Encoding", "gzip"}};
  const auto compressed = client.Get("/large", gzip);
  EXPECT_EQ(compressed->Header("Content-Encoding"), "gzip");
  EXPECT_EQ(compressed->Header("Vary"), "Accept-Encoding");
  EXPECT_EQ(compressed->Header("ETag"), "W/\"1\"");
  EXPECT_LT(compressed->body.size(), 500u);
  EXPECT_EQ(Unzip(compressed->body), large);
  EXPECT_EQ(client.Get("/large")->body, large);
  EXPECT_EQ(client.Get("/large")->Header("ETag"), "\"1\"");
  EXPECT_EQ(client.Get("/small", gzip)->body, "x");
  EXPECT_EQ(client.Get("/image", gzip)->body, large);
}

TEST(Server, ExpandsCompressedBodies) {
  TestServer server;
  AddEcho(server);
  auto client = server.Start().NewClient();
  const Headers gzip{{"Content-Encoding", "gzip"}};
  std::string body;
  for (int i = 0; i < 30'000; ++i) body += std::to_string(i);
  EXPECT_EQ(client.Post("/echo", Compressed(body), gzip)->body, body);
  EXPECT_EQ(client.Post("/echo", Compressed("a") + Compressed("b"), gzip)->body, "ab");
  EXPECT_EQ(client.Post("/echo", "no gzip", gzip)->status, 400);
  const std::string whole = Compressed(body);
  EXPECT_EQ(client.Post("/echo", whole.substr(0, whole.size() - 9), gzip)->status, 400);
  EXPECT_EQ(client.Post("/echo", "x", {{"Content-Encoding", "br"}})->status, 415);
}

TEST(Server, RefusesABodyThatExpandsBeyondTheLimit) {
  ServerOptions options;
  options.body_limit = 100'000;
  TestServer server(options);
  AddEcho(server);
  auto client = server.Start().NewClient();
  const Headers gzip{{"Content-Encoding", "gzip"}};
  EXPECT_EQ(client.Post("/echo", Compressed(std::string(100'000, 'x')), gzip)->status, 200);
  EXPECT_EQ(client.Post("/echo", Compressed(std::string(100'001, 'x')), gzip)->status, 413);
  EXPECT_EQ(client.Post("/echo", Compressed(std::string(64 << 20, 'x')), gzip)->status, 413);
}

}  // namespace
}  // namespace energy::http
