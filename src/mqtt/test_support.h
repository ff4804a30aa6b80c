#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "mqtt/broker.h"
#include "mqtt/packets.h"

/// Helpers of this module's tests.
namespace energy::mqtt::test {

/// "10 0c 00" -> bytes; blanks are ignored.
inline std::string Hex(std::string_view text) {
  std::string bytes;
  std::string digits;
  for (const char c : text) {
    if (c == ' ') continue;
    digits += c;
    if (digits.size() < 2) continue;
    bytes += static_cast<char>(std::stoi(digits, nullptr, 16));
    digits.clear();
  }
  return bytes;
}

inline std::string ToHex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    if (!text.empty()) text += ' ';
    text += kDigits[static_cast<unsigned char>(c) >> 4U];
    text += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

/// Polls until `condition` holds; false after ten seconds.
inline bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

/// A socket that speaks bytes, not MQTT. Reads give up after five seconds.
class RawClient {
 public:
  explicit RawClient(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval timeout{5, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { Close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  int fd() const { return fd_; }
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
  }
  void SendHex(std::string_view text) { Send(Hex(text)); }

  /// The next whole packet; empty at the end of the stream or after the timeout.
  std::string ReadPacket() {
    while (true) {
      Frame frame;
      size_t size = 0;
      const FrameStatus status = ParseFrame(buffer_, 64 << 20, frame, size);
      if (status == FrameStatus::kComplete) {
        std::string packet = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return packet;
      }
      if (status != FrameStatus::kIncomplete || !Receive()) return {};
    }
  }
  std::string ReadHex() { return ToHex(ReadPacket()); }
  /// True when the broker closed the connection and nothing more came before.
  bool ReadEnd() { return buffer_.empty() && !Receive() && ended_; }
  /// Reads and forgets whatever comes until the connection ends.
  bool ReadUntilEnd() {
    while (Receive()) buffer_.clear();
    return ended_;
  }

 private:
  bool Receive() {
    char bytes[65536];
    const ssize_t count = ::recv(fd_, bytes, sizeof bytes, 0);
    if (count > 0) {
      buffer_.append(bytes, static_cast<size_t>(count));
      return true;
    }
    ended_ = count == 0 || errno == ECONNRESET;
    return false;
  }

  int fd_;
  bool connected_ = false;
  bool ended_ = false;
  std::string buffer_;
};

class TestPrincipal final : public Principal {
 public:
  explicit TestPrincipal(std::string name) : name_(std::move(name)) {}
  bool MayPublish(std::string_view topic) const override { return !topic.starts_with("forbidden"); }
  bool MaySubscribe(std::string_view filter) const override {
    return !filter.starts_with("forbidden");
  }
  std::string_view name() const override { return name_; }

 private:
  const std::string name_;
};

/// alice has the password "secret", mallory may not connect, for "down" nobody can tell.
class TestAuthenticator final : public Authenticator {
 public:
  base::Result<std::shared_ptr<const Principal>> Authenticate(const ConnectRequest& r) override {
    if (r.username == "mallory") return base::PermissionDenied("mallory is locked");
    if (r.username == "down") return base::Unavailable("no database");
    if (!r.anonymous && r.password != "secret") return base::Unauthenticated("wrong password");
    return std::shared_ptr<const Principal>(
        std::make_shared<TestPrincipal>(r.anonymous ? "anonymous" : std::string(r.username)));
  }
};

class TestHandler final : public PublishHandler {
 public:
  struct Received {
    std::string topic;
    std::string payload;
    uint8_t qos;
    bool retain, dup;
    std::string user;
  };

  Disposition OnPublish(unsigned, const Message& m, const AckToken& token) override {
    const std::lock_guard lock(mutex_);
    if (record) {
      messages_.push_back({std::string(m.topic), std::string(m.payload), m.qos, m.retain, m.dup,
                           std::string(m.principal->name())});
    }
    ++count;
    if (!m.topic.starts_with("defer")) return Disposition::kRoute;
    tokens_.push_back(token);
    return Disposition::kDeferred;
  }
  void OnReadEnd(unsigned) override { ++read_ends; }
  bool Saturated(unsigned) const override {
    saturated_answers += saturated ? 1 : 0;
    return saturated;
  }

  std::vector<Received> messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  std::vector<AckToken> tokens() const {
    const std::lock_guard lock(mutex_);
    return tokens_;
  }

  std::atomic<size_t> count{0};
  std::atomic<size_t> read_ends{0};
  std::atomic<bool> saturated{false};
  mutable std::atomic<int> saturated_answers{0};  // how often a read was refused
  std::atomic<bool> record{true};

 private:
  mutable std::mutex mutex_;
  std::vector<Received> messages_;
  std::vector<AckToken> tokens_;
};

inline std::string ConnectPacket(Version version, std::string_view client_id,
                                 std::string_view username = "alice",
                                 std::string_view password = "secret", uint16_t keep_alive_s = 0) {
  Connect packet;
  packet.version = version;
  packet.client_id = client_id;
  packet.keep_alive_s = keep_alive_s;
  if (!username.empty()) {
    packet.username = username;
    packet.password = password;
  }
  std::string bytes;
  Encode(packet, bytes);
  return bytes;
}

inline std::string PublishPacket(Version version, std::string_view topic, std::string_view payload,
                                 uint8_t qos = 0, uint16_t packet_id = 0) {
  Publish packet;
  packet.topic = topic;
  packet.payload = payload;
  packet.qos = qos;
  packet.packet_id = packet_id;
  std::string bytes;
  Encode(packet, version, bytes);
  return bytes;
}

inline std::string SubscribePacket(Version version, uint16_t packet_id, std::string_view filter,
                                   uint8_t qos = 0, bool no_local = false) {
  Subscribe packet;
  packet.packet_id = packet_id;
  packet.filters.push_back({filter, qos, no_local});
  std::string bytes;
  Encode(packet, version, bytes);
  return bytes;
}

/// A broker on a free port with two I/O threads. Options are set before StartBroker.
class BrokerTest : public ::testing::Test {
 protected:
  BrokerTest() {
    options.port = 0;
    options.stop_timeout = std::chrono::milliseconds(2000);
  }
  ~BrokerTest() override {
    if (broker) broker->Stop();
    broker.reset();
    io.Stop();
  }
  void StartBroker(const base::Clock& clock) {
    ASSERT_TRUE(io.Start().ok());
    broker = std::make_unique<Broker>(options, io, authenticator, handler, clock,
                                      base::NullLogger(), metrics);
    const base::Status status = broker->Start();
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  void StartBroker() { StartBroker(system_clock); }

  /// A connected client; its CONNACK is read and checked.
  std::unique_ptr<RawClient> Login(Version version, std::string_view client_id,
                                   uint16_t keep_alive_s = 0) {
    auto client = std::make_unique<RawClient>(broker->port());
    client->Send(ConnectPacket(version, client_id, "alice", "secret", keep_alive_s));
    const std::string connack = client->ReadPacket();
    EXPECT_GE(connack.size(), 4U);
    EXPECT_EQ(connack.substr(2, 2), Hex("00 00"));
    return client;
  }

  BrokerOptions options;
  base::IoThreads io{2};
  base::SystemClock system_clock;
  base::ManualClock manual_clock{base::Timestamp(std::chrono::hours(24 * 20000))};
  base::Metrics metrics;
  TestAuthenticator authenticator;
  TestHandler handler;
  std::unique_ptr<Broker> broker;
};

}  // namespace energy::mqtt::test
