#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "integration/platform_test.h"
#include "mqtt/packets.h"

namespace energy::integration {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr size_t kClients = 10'000;

/// Many sockets that log in and then say nothing.
class Crowd {
 public:
  explicit Crowd(uint16_t port) : port_(port) {}
  ~Crowd() { Close(); }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  void Close() {
    for (const int socket : sockets_) close(socket);
    sockets_.clear();
  }

  /// Opens a connection and sends `bytes`. False when that is not possible.
  bool Open(const std::string& bytes) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    sockets_.push_back(fd);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
           send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }

  /// How many were answered with a CONNACK that accepts.
  size_t Accepted() {
    size_t accepted = 0;
    for (const int fd : sockets_) {
      pollfd waiting{fd, POLLIN, 0};
      char answer[4] = {};
      if (poll(&waiting, 1, static_cast<int>(milliseconds(kPatience).count())) == 1 &&
          recv(fd, answer, sizeof(answer), 0) == 4 && answer[0] == 0x20 && answer[3] == 0) {
        ++accepted;
      }
    }
    return accepted;
  }

 private:
  const uint16_t port_;
  std::vector<int> sockets_;
};

class MqttStorm : public PlatformTest {
 protected:
  void SetUp() override {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < kClients + 1000) GTEST_SKIP() << "not enough open files are allowed";
    Start({{"ENERGY_MQTT__MAX_CONNECTIONS", "12000"}});
  }
  static std::string Hello(const std::string& client_id, const base::Json& login) {
    mqtt::Connect packet;
    packet.client_id = client_id;
    const std::string username = login.at("username");
    const std::string password = login.at("password");
    packet.username = username;
    packet.password = password;
    std::string bytes;
    mqtt::Encode(packet, bytes);
    return bytes;
  }
};

TEST_F(MqttStorm, TenThousandClientsReconnectWhileAnotherPublishes) {
  const base::Json login = api().PostData("/api/mqtt/credentials", {{"username", "fleet"}});
  const Credential device = api().MakeDevice("D1");
  const auto publisher = Connect(device);

  std::atomic<size_t> acknowledged{0};
  std::vector<milliseconds> waits;  // the ingest thread's until it is joined
  base::Status failed;
  std::jthread ingest([&](const std::stop_token& stop) {
    while (!stop.stop_requested() && failed.ok()) {
      const auto begin = Clock::now();
      failed = Publish(*publisher, device, Reading{NowMs()});
      waits.push_back(std::chrono::duration_cast<milliseconds>(Clock::now() - begin));
      ++acknowledged;
    }
  });
  milliseconds took{0};
  for (int round = 0; round < 2; ++round) {
    Crowd crowd(platform().mqtt_port());
    const auto begin = Clock::now();
    const size_t before = acknowledged;
    for (size_t i = 0; i < kClients; ++i) {
      ASSERT_TRUE(crowd.Open(Hello("fleet-" + std::to_string(i), login))) << i;
    }
    EXPECT_EQ(crowd.Accepted(), kClients);
    took = std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
    EXPECT_LT(took, kSanitized ? seconds(120) : seconds(20));
    EXPECT_GT(acknowledged, before);
    const base::Json clients = api().GetData("/api/mqtt/clients?page_size=1&search=fleet-");
    EXPECT_EQ(clients.at("total"), kClients);
    if (!kSanitized) {
      EXPECT_LT(platform().process().ResidentBytes(), size_t{150} << 20U);
    }
    std::cout << "10,000 connects in " << took.count() << " ms, "
              << (platform().process().ResidentBytes() >> 20U) << " MiB\n";
  }
  ingest.request_stop();
  ingest.join();
  EXPECT_TRUE(failed.ok()) << failed.ToString();
  ASSERT_FALSE(waits.empty());
  std::sort(waits.begin(), waits.end());
  const milliseconds p99 = waits[waits.size() * 99 / 100];
  std::cout << waits.size() << " PUBACKs meanwhile: p99 " << p99.count() << " ms, slowest "
            << waits.back().count() << " ms\n";
  EXPECT_LT(p99, kSanitized ? seconds(10) : seconds(1));
  EXPECT_LT(waits.back(), kSanitized ? seconds(60) : seconds(5));
}

TEST_F(MqttStorm, HalfPacketsAndHugeHeadersCostLittle) {
  using namespace std::string_literals;
  const base::Json login =
      api().PostData("/api/mqtt/credentials", {{"username", "fleet"}, {"publish", {"x"}}});
  const Credential device = api().MakeDevice("D1");
  const size_t before = platform().process().ResidentBytes();
  Crowd crowd(platform().mqtt_port());
  for (size_t i = 0; i < 1000; ++i) {
    std::string bytes = Hello("half-" + std::to_string(i), login);
    // A publish that announces as much as is allowed, sends a little, and says nothing more.
    bytes += i % 2 == 0 ? "\x30\xf0\xff\x3f\x00\x01x"s + std::string(500, 'x') : "\x30"s;
    ASSERT_TRUE(crowd.Open(bytes));
  }
  EXPECT_EQ(crowd.Accepted(), 1000U);
  Crowd liars(platform().mqtt_port());
  for (size_t i = 0; i < 200; ++i) {
    ASSERT_TRUE(liars.Open(Hello("liar-" + std::to_string(i), login) + "\x30\xff\xff\xff\x7f"s));
  }
  EXPECT_TRUE(WaitUntil([&] {
    return api().GetData("/api/mqtt/errors?search=larger&page_size=1").at("total") == 200;
  }));
  EXPECT_EQ(api().GetData("/api/mqtt/clients?search=liar").at("total"), 0);
  const auto publisher = Connect(device);
  EXPECT_TRUE(Publish(*publisher, device, Reading{NowMs()}).ok());
  if (!kSanitized) {
    EXPECT_LT(platform().process().ResidentBytes(), before + (size_t{40} << 20U));
  }
}

}  // namespace
}  // namespace energy::integration
