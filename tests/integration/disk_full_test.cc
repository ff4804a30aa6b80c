#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>

#include "integration/load.h"
#include "integration/platform_test.h"
#include "mqtt/test_support.h"

namespace energy::integration {
namespace {

/// A file system of 64 MiB, unmounted at the end. In a mount namespace of this process, so that it
/// goes even when the test is killed.
class SmallDisk {
 public:
  SmallDisk() {
    const bool own =
        unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    mounted_ = own && mount("tmpfs", path().c_str(), "tmpfs", 0, "size=64m") == 0;
    if (!mounted_) error_ = std::strerror(errno);
  }
  ~SmallDisk() {
    if (mounted_) umount2(path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  const std::string& error() const { return error_; }
  const std::filesystem::path& path() const { return folder_.path(); }

  /// Takes what is free, now and whenever called again, to the last byte.
  void Fill() const {
    const int fd = open(ballast().c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    for (const size_t piece : {size_t{1} << 16, size_t{1} << 12, size_t{1}}) {
      const std::vector<char> zeros(piece);
      while (write(fd, zeros.data(), piece) == static_cast<ssize_t>(piece)) {
      }
    }
    close(fd);
  }
  void Free() const { std::filesystem::remove(ballast()); }

 private:
  std::filesystem::path ballast() const { return path() / "ballast"; }

  TemporaryFolder folder_;
  bool mounted_ = false;
  std::string error_;
};

class DiskFull : public testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.mounted()) GTEST_SKIP() << "a tmpfs cannot be mounted: " << disk_.error();
    StartPlatform();
    for (int i = 0; i < 3; ++i) {
      devices_.push_back(api_->MakeDevice("load-" + std::to_string(i), "counter"));
    }
    load_ = std::make_unique<Load>(devices_);
  }
  void TearDown() override {
    load_.reset();
    platform_.reset();
  }

  void StartPlatform() {
    platform_.reset();
    platform_ = std::make_unique<Platform>(Platform::Options{.data_dir = disk_.path() / "data"});
    const std::string token = api_ ? api_->token() : "";
    api_ = std::make_unique<ApiClient>(platform_->http_port());
    api_->set_token(token);
    if (token.empty()) api_->LoginAsAdmin(disk_.path() / "data");
  }

  base::Json CheckOf(const std::string& name, const Answer& ready) {
    for (const base::Json& check : ready.body.at("checks")) {
      if (check.at("name") == name) return check;
    }
    return {};
  }

  // Fills the disk until the platform says that it cannot write.
  void FillUntilUnready() {
    Answer ready;
    ASSERT_TRUE(WaitUntil([&] {
      disk_.Fill();
      ready = api_->Get("/ready");
      return CheckOf("telemetry", ready).at("ok") == false;
    })) << ready.body;
    EXPECT_EQ(ready.status, 503);
    EXPECT_EQ(ready.body.at("status"), "unready");
    const std::string detail = CheckOf("telemetry", ready).at("detail");
    EXPECT_TRUE(detail.find("disk is full") != std::string::npos ||
                detail.find("No space left") != std::string::npos)
        << detail;
  }

  void ExpectNoAcknowledgements() {
    // What was on its way when the store failed has arrived when the count stands still.
    uint64_t count = 0;
    auto since = std::chrono::steady_clock::now();
    const bool still = WaitUntil([&] {
      const auto now = std::chrono::steady_clock::now();
      if (const uint64_t present = load_->acknowledged(); present != count) {
        count = present;
        since = now;
      }
      return now - since > std::chrono::seconds(1);
    });
    EXPECT_TRUE(still) << "acknowledgements go on although nothing can be stored";
    EXPECT_EQ(load_->lost(), 0U);
  }

  // Each of its sessions still knows what exists already and what belongs together.
  void ExpectTheDatabaseIsItself() {
    for (int i = 0; i < 20; ++i) {
      const std::string id = "after-" + std::to_string(i);
      api_->MakeDevice(id, "counter");
      EXPECT_EQ(api_->Post("/api/devices", {{"id", id}, {"name", id}, {"type", "counter"}}).status,
                409);
      api_->PostData("/api/rules", {{"name", "r"},
                                    {"device_id", id},
                                    {"property", "n"},
                                    {"operator", ">"},
                                    {"threshold", 1}});
      EXPECT_EQ(api_->Delete("/api/devices/" + id).status, 200);
      EXPECT_EQ(api_->GetData("/api/rules").at("total"), 0) << "a rule without its device";
      if (HasFailure()) return;
    }
  }

  SmallDisk disk_;
  std::vector<Credential> devices_;
  std::unique_ptr<Platform> platform_;
  std::unique_ptr<ApiClient> api_;
  std::unique_ptr<Load> load_;
};

TEST_F(DiskFull, AcknowledgesNothingSaysWhyAndGoesOnWithoutARestart) {
  load_->Start(platform_->mqtt_port());
  for (int cycle = 0; cycle < 2; ++cycle) {
    SCOPED_TRACE(cycle);
    ASSERT_TRUE(load_->WaitForAcknowledged(load_->acknowledged() + 500));
    FillUntilUnready();
    if (HasFatalFailure()) return;
    ExpectNoAcknowledgements();
    // What needs no disk goes on.
    EXPECT_EQ(api_->Get("/health").status, 200);
    for (const char* path : {"/api/devices", "/api/alerts", "/api/auth/me", "/api/system",
                             "/api/data/telemetry/load-0?limit=10"}) {
      const Answer answer = api_->Get(path);
      EXPECT_EQ(answer.status, 200) << path << ": " << answer.body;
    }
    // What needs it finds room in the database's log, or is told to come again.
    const std::string id = "late-" + std::to_string(cycle);
    const Answer late = api_->Post("/api/devices", {{"id", id}, {"name", id}, {"type", "counter"}});
    EXPECT_TRUE(late.status == 201 || late.status == 503) << late.body;
    EXPECT_EQ(api_->Get("/api/devices/" + id).status, late.status == 201 ? 200 : 404);
    EXPECT_EQ(CheckOf("telemetry", api_->Get("/ready")).at("ok"), false);

    disk_.Free();
    ASSERT_TRUE(load_->WaitForAcknowledged(load_->acknowledged() + 500));
    EXPECT_TRUE(WaitUntil([&] { return api_->Get("/ready").status == 200; }))
        << api_->Get("/ready").body;
  }
  ExpectTheDatabaseIsItself();
  EXPECT_TRUE(load_->Finish());
  EXPECT_EQ(load_->lost(), 0U);
  load_->ExpectAllStored(*api_);
  EXPECT_EQ(platform_->process().Interrupt().first.exit_code, 0);
  StartPlatform();
  load_->ExpectAllStored(*api_);
  std::cout << load_->acknowledged() << " acknowledged readings are there\n";
}

TEST_F(DiskFull, AKillWhileTheDiskIsFullLosesNothing) {
  load_->Start(platform_->mqtt_port());
  ASSERT_TRUE(load_->WaitForAcknowledged(500));
  FillUntilUnready();
  if (HasFatalFailure()) return;
  platform_->process().Kill();
  load_->Abandon();
  disk_.Free();
  StartPlatform();
  load_->ExpectAllStored(*api_);
  EXPECT_EQ(api_->Get("/ready").status, 200);
}

TEST_F(DiskFull, AStopWhileTheDiskIsFullIsOrderlyAndLosesNothing) {
  load_->Start(platform_->mqtt_port());
  ASSERT_TRUE(load_->WaitForAcknowledged(500));
  FillUntilUnready();
  if (HasFatalFailure()) return;
  const auto [ended, took] = platform_->process().Interrupt();
  load_->Abandon();
  EXPECT_EQ(ended.exit_code, 0) << platform_->process().Err();
  if (!kSanitized) {
    EXPECT_LT(took, std::chrono::seconds(3));
  }
  disk_.Free();
  StartPlatform();
  load_->ExpectAllStored(*api_);
}

TEST_F(DiskFull, WhatASessionCannotKeepIsNotAcknowledged) {
  using mqtt::Version;
  const base::Json login = api_->PostData(
      "/api/mqtt/credentials",
      {{"username", "panel"}, {"publish", {"commands", "other"}}, {"subscribe", {"commands"}}});
  const std::string password = login.at("password");
  const auto connect = [&](const char* client_id, uint32_t expiry_s) {
    auto packet = mqtt::test::MakeConnect(Version::k5, client_id, expiry_s == 0, expiry_s);
    packet.username = "panel";
    packet.password = password;
    std::string bytes;
    mqtt::Encode(packet, bytes);
    auto client = std::make_unique<mqtt::test::RawClient>(platform_->mqtt_port());
    client->Send(bytes);
    EXPECT_EQ(mqtt::test::ToHex(client->ReadPacket().substr(3, 1)), "00");
    return client;
  };
  const auto away = connect("away", 10'000);
  away->Send(mqtt::test::SubscribePacket(Version::k5, 1, "commands", 1));
  EXPECT_EQ(mqtt::test::ToHex(away->ReadPacket().substr(0, 1)), "90");
  away->SendHex("e0 00");
  const auto publisher = connect("publisher", 0);
  // The reason code of PUBACK.
  const auto publish = [&](const char* topic, const std::string& payload) {
    publisher->Send(mqtt::test::PublishPacket(Version::k5, topic, payload, 1, 1));
    const std::string ack = publisher->ReadPacket();
    EXPECT_EQ(mqtt::test::ToHex(ack.substr(0, 1)), "40");
    return ack.size() > 4 ? static_cast<uint8_t>(ack[4]) : 0;
  };
  std::vector<std::string> acknowledged;
  uint8_t refused = 0;
  ASSERT_TRUE(WaitUntil([&] {
    disk_.Fill();
    const std::string payload =
        std::to_string(acknowledged.size()) + std::string(size_t{20} << 10U, 'x');
    const auto code = publish("commands", payload);
    if (code == 0) acknowledged.push_back(payload);
    refused = static_cast<uint8_t>(code);
    return refused != 0;
  }));
  EXPECT_EQ(refused, 0x83) << "implementation specific error";
  const Answer ready = api_->Get("/ready");
  EXPECT_EQ(ready.status, 503);
  const base::Json check = CheckOf("mqtt sessions", ready);
  EXPECT_EQ(check.at("ok"), false);
  EXPECT_NE(check.at("detail").get<std::string>().find("sessions."), std::string::npos) << check;
  EXPECT_EQ(publish("other", "nobody keeps it"), 0);

  disk_.Free();
  EXPECT_TRUE(WaitUntil([&] { return CheckOf("mqtt sessions", api_->Get("/ready")).at("ok"); }));
  acknowledged.emplace_back("after");
  EXPECT_EQ(publish("commands", "after"), 0);
  platform_->process().Kill();
  StartPlatform();
  const auto back = connect("away", 10'000);
  std::vector<std::string> received;
  while (received.empty() || received.back() != "after") {
    const auto message = mqtt::test::ReadPublish(*back, Version::k5);
    ASSERT_NE(message.qos, 9) << "nothing more comes";
    back->Send(mqtt::test::PubackOf(message));
    received.push_back(message.payload);
  }
  // Those that were refused may have come too.
  for (const std::string& payload : acknowledged) {
    EXPECT_EQ(std::count(received.begin(), received.end(), payload), 1);
  }
}

TEST_F(DiskFull, DeadLettersWaitForSpaceToo) {
  const Credential device = api_->MakeDevice("D1");
  mqtt::ClientOptions options;
  options.username = device.username;
  options.password = device.password;
  options.reconnect = false;
  mqtt::Client client(options);
  ASSERT_TRUE(client.Connect("127.0.0.1", platform_->mqtt_port()).ok());
  const std::string letter(10'000, 'x');
  // The database grows until it cannot; what is then unacknowledged waits.
  disk_.Fill();
  uint64_t sent = 0;
  ASSERT_TRUE(WaitUntil([&] {
    if (client.stats().pending < 100) {
      EXPECT_TRUE(client.Publish(device.topic, letter, 1).ok());
      ++sent;
    }
    return api_->Get("/ready").status == 503;
  }));
  EXPECT_EQ(CheckOf("dead letters", api_->Get("/ready")).at("ok"), false);
  disk_.Free();
  EXPECT_TRUE(client.Flush(kPatience).ok());
  EXPECT_EQ(client.stats().acknowledged, sent);
  EXPECT_EQ(api_->GetData("/api/data/dead-letters?page_size=1").at("total"), sent);
  EXPECT_TRUE(WaitUntil([&] { return api_->Get("/ready").status == 200; }));
  ExpectTheDatabaseIsItself();
}

}  // namespace
}  // namespace energy::integration
