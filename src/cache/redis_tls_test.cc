#include <gtest/gtest.h>

#include "cache/redis_cache.h"
#include "cache/test_support.h"

/// A real Redis server that speaks TLS; what the port does over it is in cache_contract_test.cc.
namespace energy::cache {
namespace {

using std::chrono::milliseconds;

class RedisTls : public ::testing::Test {
 protected:
  std::unique_ptr<RedisCache> Start(const RedisAddress& address,
                                    std::shared_ptr<const TlsClient> tls,
                                    milliseconds timeout = milliseconds(5000)) {
    RedisOptions options;
    options.address = address;
    options.tls = std::move(tls);
    options.timeout = timeout;
    auto cache = std::make_unique<RedisCache>(options, base::NullLogger(), metrics_);
    EXPECT_TRUE(cache->Start().ok());
    return cache;
  }
  static std::string Problem(const RedisCache& cache) { return cache.health().message(); }

  test::Certificates certificates_;
  base::Metrics metrics_;
};

TEST_F(RedisTls, CarriesAnythingAlsoByName) {
  const test::RedisServer server("s3cret", certificates_);
  RedisAddress by_name = server.address();
  by_name.host = "localhost";
  for (const RedisAddress& address : {server.address(), by_name}) {
    const auto cache = Start(address, certificates_.Client());
    ASSERT_TRUE(cache->health().ok()) << Problem(*cache);
    std::string value(300'000, '\0');
    for (size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>(i * 7 + i / 251);
    ASSERT_TRUE(cache->Set("k", value, milliseconds(60'000)).ok());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(*cache->Get("k"), value);
  }
}

TEST_F(RedisTls, AServerOfAnotherAuthorityIsRefused) {
  const test::RedisServer server("s3cret", certificates_);
  certificates_.MakeAuthority("other");
  const auto cache = Start(server.address(), certificates_.Client("other"));
  EXPECT_NE(Problem(*cache).find("cache.tls.ca_file"), std::string::npos) << Problem(*cache);
  EXPECT_EQ(cache->Get("k").status().code(), base::Code::kUnavailable);
}

TEST_F(RedisTls, AServerOfAnotherNameIsRefused) {
  certificates_.Make("server", "ca", "IP:127.0.0.1");
  const test::RedisServer server("", certificates_);
  RedisAddress address = server.address();
  address.host = "localhost";
  const auto cache = Start(address, certificates_.Client());
  EXPECT_NE(Problem(*cache).find("ostname mismatch"), std::string::npos) << Problem(*cache);
}

TEST_F(RedisTls, ShowsItsOwnCertificateWhereTheServerAsks) {
  const test::RedisServer server("", certificates_, /*asks_clients=*/true);
  EXPECT_FALSE(Start(server.address(), certificates_.Client())->health().ok());
  certificates_.Make("client", "ca", "DNS:platform");
  const auto cache = Start(server.address(), certificates_.Client("ca", "client"));
  EXPECT_TRUE(cache->health().ok()) << Problem(*cache);
  EXPECT_EQ(*cache->Increment("n", milliseconds(60'000)), 1);
}

TEST_F(RedisTls, AServerWithoutTlsIsSaid) {
  const test::RedisServer server;
  const auto cache = Start(server.address(), certificates_.Client(), milliseconds(500));
  EXPECT_NE(Problem(*cache).find("no TLS with Redis"), std::string::npos) << Problem(*cache);
}

TEST_F(RedisTls, ASilentServerCostsOneTimeLimitAndComesBack) {
  test::RedisServer server("s3cret", certificates_);
  const auto cache = Start(server.address(), certificates_.Client(), milliseconds(300));
  ASSERT_TRUE(test::Eventually([&] { return cache->Set("k", "v", milliseconds(60'000)).ok(); }));
  server.Freeze();
  const auto since = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(cache->Get("k").ok());
  EXPECT_LT(std::chrono::steady_clock::now() - since, milliseconds(3000));
  server.Thaw();
  EXPECT_TRUE(test::Eventually([&] {
    const auto value = cache->Get("k");
    return value.ok() && *value == "v";
  }));
}

TEST_F(RedisTls, BadFilesAreNamed) {
  const std::string none = certificates_.File("none");
  const std::string good = certificates_.File("server.crt");
  for (const auto& [options, field] :
       {std::pair(TlsClientOptions{none, "", ""}, "cache.tls.ca_file"),
        std::pair(TlsClientOptions{good, none, none}, "cache.tls.certificate"),
        std::pair(TlsClientOptions{good, good, none}, "cache.tls.key")}) {
    const auto client = TlsClient::Load(options);
    ASSERT_FALSE(client.ok()) << field;
    EXPECT_EQ(client.status().fields().at(0).field, field);
  }
}

}  // namespace
}  // namespace energy::cache
