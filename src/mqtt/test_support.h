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
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "mqtt/broker.h"
#include "mqtt/packets.h"
#include "mqtt/reader.h"

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
  /// The next `count` bytes; fewer at the end of the stream or after the timeout.
  std::string ReadBytes(size_t count) {
    while (buffer_.size() < count && Receive()) {
    }
    std::string bytes = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return bytes;
  }
  /// Everything up to and with `end`.
  std::string ReadBytes(std::string_view end) {
    size_t at = buffer_.find(end);
    while (at == std::string::npos && Receive()) at = buffer_.find(end);
    return at == std::string::npos ? std::string() : ReadBytes(at + end.size());
  }
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
  TestPrincipal(std::string name, std::string forbidden)
      : name_(std::move(name)), forbidden_(std::move(forbidden)) {}
  bool MayPublish(std::string_view topic) const override { return !topic.starts_with(forbidden_); }
  bool MaySubscribe(std::string_view filter) const override {
    return !filter.starts_with(forbidden_);
  }
  std::string_view name() const override { return name_; }

 private:
  const std::string name_;
  const std::string forbidden_;
};

/// alice has the password "secret", mallory may not connect, for "down" nobody can tell.
class TestAuthenticator final : public Authenticator {
 public:
  base::Result<std::shared_ptr<const Principal>> Authenticate(const ConnectRequest& r) override {
    if (r.username == "mallory") return base::PermissionDenied("mallory is locked");
    if (r.username == "down") return base::Unavailable("no database");
    if (!r.anonymous && !r.by_certificate && r.password != "secret")
      return base::Unauthenticated("wrong password");
    return std::shared_ptr<const Principal>(std::make_shared<TestPrincipal>(
        r.anonymous ? "anonymous" : std::string(r.username), forbidden));
  }
  std::shared_ptr<const Principal> Renew(std::string_view username, std::string_view) override {
    return std::make_shared<TestPrincipal>(std::string(username), forbidden);
  }

  std::string forbidden = "forbidden";
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

/// A CONNECT of alice to be changed further. Text must outlive it.
inline Connect MakeConnect(Version version, std::string_view client_id, bool clean_start,
                           uint32_t expiry_s = 0) {
  Connect packet;
  packet.version = version;
  packet.client_id = client_id;
  packet.clean_start = clean_start;
  packet.username = "alice";
  packet.password = "secret";
  if (expiry_s > 0) packet.properties.Set(Property::kSessionExpiryInterval, expiry_s);
  return packet;
}

/// A PUBLISH that a client received.
struct Arrived {
  std::string topic;
  std::string payload;
  uint8_t qos = 9;  ///< 9: nothing came
  bool retain = false;
  bool dup = false;
  uint16_t packet_id = 0;
  uint32_t expiry_s = 0;
  std::vector<uint32_t> ids;  ///< subscription identifiers, in the order of the packet
  uint16_t alias = 0;
};

inline Arrived ReadPublish(RawClient& client, Version version) {
  const std::string bytes = client.ReadPacket();
  Frame frame;
  size_t size = 0;
  Publish packet;
  Arrived arrived;
  if (ParseFrame(bytes, 64 << 20, frame, size) != FrameStatus::kComplete ||
      frame.type != PacketType::kPublish || Decode(frame, version, packet)) {
    return arrived;
  }
  arrived = {std::string(packet.topic),
             std::string(packet.payload),
             packet.qos,
             packet.retain,
             packet.dup,
             packet.packet_id,
             packet.properties.Number(Property::kMessageExpiryInterval),
             {},
             static_cast<uint16_t>(packet.properties.Number(Property::kTopicAlias))};
  // Identifiers come first: see Message.
  for (std::string_view raw = packet.properties.raw(); !raw.empty();) {
    Reader in(raw);
    const uint8_t id = in.U8();
    if (id == static_cast<uint8_t>(Property::kTopicAlias)) {
      in.U16();
    } else if (id == static_cast<uint8_t>(Property::kSubscriptionIdentifier)) {
      arrived.ids.push_back(in.VarInt());
    } else {
      break;
    }
    raw = in.rest();
  }
  return arrived;
}

/// The acknowledgement of what arrived.
inline std::string PubackOf(const Arrived& arrived) {
  return {'\x40', '\x02', static_cast<char>(arrived.packet_id >> 8),
          static_cast<char>(arrived.packet_id & 0xFF)};
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
    if (!folder.empty()) std::filesystem::remove_all(folder);
  }
  void StartBroker(const base::Clock& clock) {
    ASSERT_TRUE(io.Start().ok());
    Begin(clock);
  }
  void StartBroker() { StartBroker(system_clock); }

  /// Before StartBroker: what outlives the broker is kept in a temporary folder.
  void UseStore() {
    std::string pattern = (std::filesystem::temp_directory_path() / "broker-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    options.session_folder = folder / "mqtt";
  }
  /// The broker ends and begins again on the same folder, on another port. `meanwhile` runs
  /// between.
  void Restart(const std::function<void()>& meanwhile = [] {}) {
    broker->Stop();
    broker.reset();
    meanwhile();
    Begin(*clock_);
  }
  /// A broker begins on what the folder holds now: what a kill at this moment would leave.
  void RestartAsAfterAKill() {
    const auto killed = folder / ("mqtt-" + std::to_string(++kills_));
    std::filesystem::copy(options.session_folder, killed);
    options.session_folder = killed;
    Restart();
  }

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

  /// Connects as the packet says. `connack`: what the broker answered.
  std::unique_ptr<RawClient> Login(const Connect& packet, Connack* connack = nullptr) {
    auto client = std::make_unique<RawClient>(broker->port());
    std::string bytes;
    Encode(packet, bytes);
    client->Send(bytes);
    const std::string answer = client->ReadPacket();
    Frame frame;
    size_t size = 0;
    Connack decoded;
    EXPECT_EQ(ParseFrame(answer, 1 << 20, frame, size), FrameStatus::kComplete);
    EXPECT_FALSE(Decode(frame, packet.version, decoded));
    EXPECT_EQ(decoded.reason, ReasonCode::kSuccess);
    decoded.properties.Clear();  // their text is gone
    if (connack != nullptr) *connack = decoded;
    return client;
  }
  /// True when the session was there.
  bool SessionPresent(const Connect& packet, std::unique_ptr<RawClient>& client) {
    Connack connack;
    client = Login(packet, &connack);
    return connack.session_present;
  }
  /// Subscribes and reads the answer.
  static void SubscribeTo(RawClient& client, Version version, std::string_view filter,
                          uint8_t qos = 1) {
    client.Send(SubscribePacket(version, 99, filter, qos));
    const std::string answer = client.ReadPacket();
    EXPECT_EQ(ToHex(answer.substr(0, 1)), "90");
    EXPECT_EQ(static_cast<uint8_t>(answer.back()), qos) << filter;
  }
  /// Publishes with QoS 1 and waits for the acknowledgement; its reason code.
  static int PublishTo(RawClient& client, Version version, const Publish& packet) {
    std::string bytes;
    Publish copy = packet;
    copy.qos = 1;
    copy.packet_id = 77;
    Encode(copy, version, bytes);
    client.Send(bytes);
    const std::string answer = client.ReadPacket();
    EXPECT_EQ(ToHex(answer.substr(0, 1)), "40") << ToHex(answer);
    return answer.size() > 4 ? static_cast<uint8_t>(answer[4]) : 0;
  }
  static int PublishTo(RawClient& client, Version version, std::string_view topic,
                       std::string_view payload, bool retain = false) {
    Publish packet;
    packet.topic = topic;
    packet.payload = payload;
    packet.retain = retain;
    return PublishTo(client, version, packet);
  }
  /// Nothing but the answer to a ping comes.
  static void ExpectQuiet(RawClient& client) {
    client.SendHex("c0 00");
    EXPECT_EQ(client.ReadHex(), "d0 00");
  }

  BrokerOptions options;
  base::IoThreads io{2};
  base::SystemClock system_clock;
  base::ManualClock manual_clock{base::Timestamp(std::chrono::hours(24 * 20000))};
  base::Metrics metrics;
  TestAuthenticator authenticator;
  TestHandler handler;
  std::unique_ptr<Broker> broker;
  std::filesystem::path folder;  // empty: nothing is kept

 private:
  void Begin(const base::Clock& clock) {
    clock_ = &clock;
    broker = std::make_unique<Broker>(options, io, authenticator, handler, clock,
                                      base::NullLogger(), metrics);
    const base::Status status = broker->Start();
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  const base::Clock* clock_ = nullptr;
  int kills_ = 0;
};

}  // namespace energy::mqtt::test
