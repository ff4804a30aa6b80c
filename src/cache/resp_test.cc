#include "cache/resp.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <tuple>

#include "cache/redis_address.h"

namespace energy::cache {
namespace {

constexpr std::string_view kReplies =
    "+OK\r\n:-42\r\n$5\r\nab\r\nc\r\n$-1\r\n*-1\r\n*3\r\n:1\r\n$0\r\n\r\n*1\r\n+x\r\n-ERR no\r\n";

// One line a reply.
std::string Show(const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::kNull:
      return "null";
    case Reply::Kind::kText:
      return "'" + reply.text + "'";
    case Reply::Kind::kInteger:
      return std::to_string(reply.integer);
    case Reply::Kind::kError:
      return "error " + reply.text;
    case Reply::Kind::kList:
      break;
  }
  std::string shown = "(";
  for (const Reply& member : reply.list) shown += Show(member) + ",";
  return shown + ")";
}

TEST(Resp, ReadsRepliesHoweverTheyAreCut) {
  for (size_t step = 1; step <= kReplies.size(); ++step) {
    std::string arrived;
    std::string shown;
    for (size_t at = 0; at < kReplies.size(); at += step) {
      arrived += kReplies.substr(at, step);
      for (;;) {
        std::string_view rest = arrived;
        const auto reply = ReadReply(rest);
        ASSERT_TRUE(reply.ok());
        if (!*reply) break;
        shown += Show(**reply) + ";";
        arrived.erase(0, arrived.size() - rest.size());
      }
    }
    EXPECT_EQ(shown, "'OK';-42;'ab\r\nc';null;null;(1,'',('x',),);error ERR no;") << step;
    EXPECT_EQ(arrived, "");
  }
}

TEST(Resp, RefusesNonsense) {
  std::string deep;
  for (int i = 0; i < 20; ++i) deep += "*1\r\n";
  std::string many = "*1048576\r\n";  // never whole
  while (many.size() < (1 << 20) + 100) many += ":1\r\n";
  for (const std::string& bytes :
       {many, std::string("HTTP/1.1 400\r\n"), std::string("\r\n"), std::string(":x\r\n"),
        std::string("$-2\r\n"), std::string("$99999999999\r\n"), std::string("$1\r\nabc\r\n"),
        std::string("*1048577\r\n"), std::string(2 << 20, 'x'), deep}) {
    std::string_view rest = bytes;
    EXPECT_EQ(ReadReply(rest).status().code(), base::Code::kInternal) << bytes.substr(0, 40);
  }
}

TEST(Resp, WritesCommands) {
  std::string out;
  AppendCommand(out, {"SET", "k", std::string_view("\r\n\0", 3)});
  EXPECT_EQ(out, std::string("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\n\r\n\0\r\n", 29));
}

TEST(RedisUrl, IsTakenApart) {
  const auto full = ParseRedisUrl("redis://me:p%40ss@cache.example:7000/3");
  ASSERT_TRUE(full.ok());
  EXPECT_EQ(full->host, "cache.example");
  EXPECT_EQ(full->port, 7000);
  EXPECT_EQ(full->user, "me");
  EXPECT_EQ(full->password, "p@ss");
  EXPECT_EQ(full->database, 3);
  const auto v6 = ParseRedisUrl("redis://:secret@[::1]");
  ASSERT_TRUE(v6.ok());
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, 6379);
  EXPECT_EQ(v6->user, "");
  EXPECT_EQ(v6->password, "secret");
  EXPECT_EQ(ParseRedisUrl("redis://[::1]:70")->port, 70);
  EXPECT_FALSE(v6->tls);
  const auto tls = ParseRedisUrl("rediss://:p@cache.example/1");
  ASSERT_TRUE(tls.ok());
  EXPECT_TRUE(tls->tls);
  EXPECT_EQ(tls->host, "cache.example");
}

TEST(RedisUrl, ErrorsNameTheOptionAndNeverThePassword) {
  for (const char* url : {"", "http://x", "redis://", "redis://:hunter2@", "redis://h:0",
                          "redis://h:99999", "redis://h/x", "redis://hunter2@h", "redis://[::1",
                          "redis://:hunter2%@h", "rediss://hunter2@h", "redissss://:hunter2@h"}) {
    const auto parsed = ParseRedisUrl(url);
    ASSERT_FALSE(parsed.ok()) << url;
    ASSERT_EQ(parsed.status().fields().size(), 1U);
    EXPECT_EQ(parsed.status().fields()[0].field, "cache.url");
    EXPECT_EQ(parsed.status().ToString().find("hunter2"), std::string::npos) << url;
  }
}

TEST(RedisPassword, ComesFromOnePlace) {
  std::string name = (std::filesystem::temp_directory_path() / "energy-password-XXXXXX").string();
  ::close(::mkstemp(name.data()));
  std::ofstream(name) << "hunter2\n";
  RedisAddress address;
  EXPECT_TRUE(UsePassword("", "", address).ok());
  EXPECT_EQ(address.password, "");
  EXPECT_TRUE(UsePassword("", name, address).ok());
  EXPECT_EQ(address.password, "hunter2");
  for (const auto& [password, file, field] :
       {std::tuple("x", "", "cache.password"), std::tuple("", name.c_str(), "cache.password")}) {
    const base::Status twice = UsePassword(password, file, address);
    ASSERT_EQ(twice.fields().size(), 1U);
    EXPECT_EQ(twice.fields()[0].field, field);
  }
  std::filesystem::remove(name);
  RedisAddress other;
  const base::Status gone = UsePassword("", name, other);
  ASSERT_EQ(gone.fields().size(), 1U);
  EXPECT_EQ(gone.fields()[0].field, "cache.password_file");
  EXPECT_TRUE(UsePassword("direct", "", other).ok());
  EXPECT_EQ(other.password, "direct");
}

}  // namespace
}  // namespace energy::cache
