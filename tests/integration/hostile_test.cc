
#include "http/test_support.h"
#include "integration/api_fixture.h"
#include "integration/raw_mqtt.h"
#include "integration/waiting.h"

// What a device may do wrong for ever: the program stays within its bounds and serves the others.

namespace energy::integration {
namespace {

class Hostile : public Api {
 protected:
  void SetUp() override {
    Start({{"ENERGY_SERIES__HEAD_BYTES", "4194304"}});
    device_ = api().MakeDevice("D1");
  }
  double ResidentMiB() {
    return static_cast<double>(platform().process().ResidentBytes()) / (1 << 20);
  }
  double DiskMiB() {
    uintmax_t bytes = 0;
    std::error_code gone;  // files come and go
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(data_dir() / "series", gone)) {
      const uintmax_t size = entry.file_size(gone);
      if (!gone) bytes += size;
    }
    return static_cast<double>(bytes) / (1 << 20);
  }
  // One reading, again and again.
  void Repeat(size_t requests) {
    const std::string body = [&] {
      std::string lines;
      for (size_t i = 0; i < kLines; ++i) lines += line_;
      return lines;
    }();
    for (size_t i = 0; i < requests; ++i) {
      ASSERT_EQ(api().Call(http::Method::kPost, "/api/v2/write", body).status, 204);
    }
  }
  void ExpectServing() {
    EXPECT_EQ(api().Get("/ready").status, 200);
    EXPECT_TRUE(Publish(*Connect(device_), device_, {NowMs()}).ok());
  }

  static constexpr size_t kLines = 5000;
  Credential device_;
  const base::Timestamp time_ = NowMs() - std::chrono::minutes(10);
  const std::string line_ = "m,device_id=D1 voltage=230,current=1,power=200,temperature=40 " +
                            std::to_string(time_.time_since_epoch().count()) + "\n";
};

TEST_F(Hostile, TheSameReadingForEverIsOneReading) {
  const size_t requests = kSanitized ? 40 : 200;
  Repeat(requests);  // until buffers have grown to what they need
  const double disk = DiskMiB();
  const double memory = ResidentMiB();
  Repeat(2 * requests);
  EXPECT_LT(DiskMiB(), disk + 40);
  // A sanitizer holds freed memory back.
  if (!kSanitized) {
    EXPECT_LT(ResidentMiB(), memory + 40);
  }
  EXPECT_EQ(Stored("D1", time_ - std::chrono::hours(1), NowMs()).size(), 1u);
  const size_t sent = 3 * requests * kLines;
  EXPECT_TRUE(WaitUntil([&] {
    return api().GetData("/api/devices/D1/ingest").at("received").get<size_t>() == sent;
  }));
  EXPECT_EQ(api().GetData("/api/devices/D1/ingest").at("duplicates"), sent - 1);
  ExpectServing();
}

TEST_F(Hostile, AHeaderWithoutEndIsCutOff) {
  http::RawConnection http(platform().http_port());
  size_t sent = 0;
  if (http.Send("GET / HTTP/1.1\r\nHost: x\r\nX-Long: ")) {
    const std::string piece(64 << 10, 'x');
    while (sent < (size_t{1} << 30) && http.Send(piece)) sent += piece.size();
  }
  EXPECT_LT(sent, size_t{64} << 20);
  // A packet of MQTT that says it were 256 MiB.
  const std::string header("\x30\xff\xff\xff\x7f", 5);
  EXPECT_TRUE(RawMqttIsClosed(platform().mqtt_port(), header, device_));
  ExpectServing();
}

TEST_F(Hostile, HalfAPacketAndSilenceEnds) {
  const std::string half(
      "\x32\x7f\x00\x14"
      "devices/",
      12);
  EXPECT_TRUE(RawMqttIsClosed(platform().mqtt_port(), half, device_, 1));
  EXPECT_TRUE(
      RawMqttIsClosed(platform().mqtt_port(), std::string("\x10\x20\x00\x04MQ", 6), std::nullopt))
      << "half a CONNECT";
  ExpectServing();
}

TEST_F(Hostile, AReadingOfTheFutureIsADeadLetter) {
  const auto client = Connect(device_);
  EXPECT_TRUE(Publish(*client, device_, {NowMs() + std::chrono::hours(24)}).ok());
  const base::Json letters = api().GetData("/api/data/dead-letters");
  ASSERT_EQ(letters.at("total"), 1);
  EXPECT_NE(letters["dead_letters"][0]["detail"].get<std::string>().find("in the future"),
            std::string::npos);
  EXPECT_TRUE(Stored("D1", NowMs(), NowMs() + std::chrono::hours(48)).empty());
  ExpectServing();
}

}  // namespace
}  // namespace energy::integration
