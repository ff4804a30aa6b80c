#include "telemetry/ingest.h"

#include <condition_variable>
#include <future>

#include "telemetry/forwarding_store.h"
#include "telemetry/test_support.h"

namespace energy::telemetry {
namespace {

/// The real store behind a switch that makes it fail like a full disk.
class FailingStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  std::atomic<bool> full = false;
  std::atomic<int> refused = 0;

  base::Status Append(const series::Batch& batch) override {
    if (!full) return ForwardingStore::Append(batch);
    ++refused;
    return base::Unavailable("no space left");
  }
  base::Status Probe() override {
    return full ? base::Unavailable("no space left") : ForwardingStore::Probe();
  }
};

mqtt::AckToken Token(uint16_t packet) {
  mqtt::AckToken token;
  token.packet_id = packet;
  return token;
}

class IngestTest : public ::testing::Test {
 protected:
  void SetUp() override {
    platform_.AddDevice("D1");
    feed_.Subscribe(
        "test",
        [this](const CommittedBatch& batch) {
          std::lock_guard lock(mutex_);
          fed_ += batch.readings.rows.size();
        },
        Overflow::kHoldIngest, 1000);
    const auto acknowledge = [this](std::span<const mqtt::AckToken> tokens, mqtt::PublishResult) {
      std::lock_guard lock(mutex_);
      for (const auto& token : tokens) acknowledged_.push_back(token.packet_id);
      changed_.notify_all();
    };
    committer_.Connect(acknowledge, [this] { ++resumed_; });
    dead_letters_.Connect(acknowledge, [] {});
    ASSERT_TRUE(feed_.Start().ok());
    ASSERT_TRUE(committer_.Start().ok());
    ASSERT_TRUE(dead_letters_.Start().ok());
  }
  void TearDown() override {
    committer_.Stop();
    dead_letters_.Stop();
    feed_.Stop();
  }
  void Add(const std::string& device, const std::string& payload, uint16_t packet) {
    const mqtt::AckToken token = Token(packet);
    lane_.Add(device, "devices/" + device + "/telemetry", payload, &token);
  }
  bool WaitForAcks(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20),
                             [&] { return acknowledged_.size() >= count; });
  }
  size_t Stored() {
    const auto series = platform_.store->Read({.device = *platform_.store->FindDevice("D1"),
                                               .start_ns = 0,
                                               .end_ns = INT64_MAX,
                                               .fields = {}});
    return series.ok() ? series->time_ns.size() : 0;
  }

  TestPlatform platform_;
  FailingStore store_{*platform_.store};
  Feed feed_{platform_.metrics};
  DeadLetterRepository repository_{*platform_.database, platform_.random, platform_.clock};
  DeadLetterWriter dead_letters_{repository_, 1 << 20, base::NullLogger(), platform_.metrics};
  CommitterOptions options_{
      .queue_bytes = 2000, .group_readings = 100, .retry_every = std::chrono::milliseconds(5)};
  Committer committer_{options_,           store_,           feed_, platform_.clock,
                       base::NullLogger(), platform_.metrics};
  IngestLane lane_{{}, store_, *platform_.table, committer_, dead_letters_, platform_.clock};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<uint16_t> acknowledged_;
  size_t fed_ = 0;
  std::atomic<int> resumed_ = 0;
};

TEST_F(IngestTest, AcknowledgesInOrderAfterTheCommit) {
  for (uint16_t i = 1; i <= 30; ++i) {
    Add("D1", Payload("D1", i), i);
    if (i % 10 == 0) lane_.Flush();
  }
  ASSERT_TRUE(WaitForAcks(30));
  EXPECT_TRUE(std::is_sorted(acknowledged_.begin(), acknowledged_.end()));
  EXPECT_EQ(Stored(), 30u);
  committer_.Stop();
  ASSERT_TRUE(feed_.Drain(std::chrono::seconds(20)));
  EXPECT_EQ(fed_, 30u);
}

TEST_F(IngestTest, ARedeliveredReadingCountsOnce) {
  Add("D1", Payload("D1", 1), 1);
  lane_.Flush();
  Add("D1", Payload("D1", 1, 46), 2);
  lane_.Flush();
  ASSERT_TRUE(WaitForAcks(2));
  EXPECT_EQ(Stored(), 1u);
}

TEST_F(IngestTest, ARefusedReadingIsADeadLetterBeforeItIsAcknowledged) {
  Add("D1", "{", 1);
  Add("D9", Payload("D9", 1), 2);
  lane_.Flush();
  ASSERT_TRUE(WaitForAcks(2));
  DeadLetterFilter filter;
  filter.sort = "reason";
  const auto letters = repository_.List(filter, {});
  ASSERT_TRUE(letters.ok()) << letters.status().ToString();
  ASSERT_EQ(letters->total, 2);
  EXPECT_EQ(letters->items[0].reason, "parse_error");
  EXPECT_EQ(letters->items[0].payload, "{");
  EXPECT_EQ(letters->items[1].reason, "unknown_device");
  EXPECT_EQ(letters->items[1].device_id, "D9");
}

TEST_F(IngestTest, KeepsTheBytesOfADeadLetterThatIsNoText) {
  const std::string bytes("\x00\xff\x01", 3);
  Add("D1", bytes, 1);
  lane_.Flush();
  ASSERT_TRUE(WaitForAcks(1));
  EXPECT_EQ(repository_.List({}, {})->items.front().payload, bytes);
}

TEST_F(IngestTest, AFullDiskStopsAcknowledgementsAndHealsWithoutLoss) {
  store_.full = true;
  for (uint16_t i = 1; i <= 50; ++i) {
    Add("D1", Payload("D1", i), i);
    lane_.Flush();
    // The first group holds one reading; the others wait in the queue.
    while (store_.refused == 0) std::this_thread::yield();
  }
  EXPECT_TRUE(committer_.saturated());
  {
    std::lock_guard lock(mutex_);
    EXPECT_TRUE(acknowledged_.empty());
  }
  while (committer_.health().ok()) std::this_thread::yield();
  store_.full = false;
  ASSERT_TRUE(WaitForAcks(50));
  EXPECT_EQ(Stored(), 50u);
  EXPECT_GE(resumed_, 1);
  EXPECT_FALSE(committer_.saturated());
  EXPECT_TRUE(committer_.health().ok());
}

// Fills the queue of a committer that cannot write.
class FullQueueTest : public IngestTest {
 protected:
  void SetUp() override {
    IngestTest::SetUp();
    store_.full = true;
    for (int i = 1; !committer_.saturated(); ++i) {
      Add("D1", Payload("D1", i % 60), static_cast<uint16_t>(i));
      lane_.Flush();
      while (store_.refused == 0) std::this_thread::yield();
    }
  }
  std::future<base::Code> Await(std::chrono::seconds patience) {
    auto told = std::make_shared<std::promise<base::Code>>();
    auto code = told->get_future();
    committer_.WhenReady(patience,
                         [told](const base::Status& status) { told->set_value(status.code()); });
    return code;
  }
};

TEST_F(IngestTest, SaysAtOnceThatTheQueueHasRoom) {
  bool ready = false;
  committer_.WhenReady(std::chrono::seconds(5),
                       [&](const base::Status& status) { ready = status.ok(); });
  EXPECT_TRUE(ready);
}

TEST_F(FullQueueTest, TellsWhoWaitsOnceThereIsRoom) {
  auto code = Await(std::chrono::seconds(5));
  EXPECT_EQ(code.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  store_.full = false;
  ASSERT_EQ(code.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_EQ(code.get(), base::Code::kOk);
}

TEST_F(FullQueueTest, TellsWhoHasWaitedLongEnough) {
  auto short_of_it = Await(std::chrono::seconds(5));
  auto patient = Await(std::chrono::seconds(60));
  platform_.clock.Advance(std::chrono::seconds(6));
  ASSERT_EQ(short_of_it.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  EXPECT_EQ(short_of_it.get(), base::Code::kUnavailable);
  EXPECT_EQ(patient.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
}

TEST_F(FullQueueTest, OnlySoManyWait) {
  std::vector<std::future<base::Code>> waiting;
  for (int i = 0; i < 1024; ++i) waiting.push_back(Await(std::chrono::seconds(5)));
  auto refused = Await(std::chrono::seconds(5));
  ASSERT_EQ(refused.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  EXPECT_EQ(refused.get(), base::Code::kUnavailable);
  committer_.Stop();
  for (auto& code : waiting) {
    ASSERT_EQ(code.wait_for(std::chrono::seconds(0)), std::future_status::ready);
    EXPECT_EQ(code.get(), base::Code::kUnavailable);
  }
}

TEST_F(IngestTest, NumbersStayWithTheirReadingsThroughTheCommit) {
  std::vector<Readings::Sequence> seen;
  Feed feed(platform_.metrics);
  feed.Subscribe(
      "numbers",
      [&](const CommittedBatch& batch) {
        std::lock_guard lock(mutex_);
        for (const auto& sequence : batch.readings.sequences) {
          const auto time = batch.readings.rows.at(sequence.row).time_ns / 1'000'000'000;
          seen.push_back({static_cast<uint32_t>(time % 60), sequence.number});
        }
      },
      Overflow::kHoldIngest, 1000);
  Committer committer(options_, store_, feed, platform_.clock, base::NullLogger(),
                      platform_.metrics);
  IngestLane lane({}, store_, *platform_.table, committer, dead_letters_, platform_.clock);
  // Queued before the start, so that they become one group.
  for (int second : {1, 2, 3}) {
    std::string payload = Payload("D1", second);
    if (second > 1)
      payload.replace(payload.size() - 1, 1, ",\"seq\":" + std::to_string(second) + "}");
    lane.Add("D1", "devices/D1/telemetry", payload, nullptr);
    lane.Flush();
  }
  ASSERT_TRUE(feed.Start().ok());
  ASSERT_TRUE(committer.Start().ok());
  committer.Stop();
  feed.Stop();
  ASSERT_EQ(seen.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(seen[i].row, i + 2);
    EXPECT_EQ(seen[i].number, i + 2);
  }
}

TEST_F(IngestTest, StopsWithAnUnwritableStoreWithoutAcknowledging) {
  store_.full = true;
  Add("D1", Payload("D1", 1), 1);
  std::promise<base::Status> outcome;
  lane_.Flush([&](const base::Status& status) { outcome.set_value(status); });
  while (store_.refused == 0) std::this_thread::yield();
  committer_.Stop();
  EXPECT_EQ(outcome.get_future().get().code(), base::Code::kUnavailable);
  EXPECT_TRUE(acknowledged_.empty());
}

TEST_F(IngestTest, KnowsADeviceAsSoonAsItIsRegistered) {
  Add("D2", Payload("D2", 1), 1);
  platform_.AddDevice("D2");
  Add("D2", Payload("D2", 2), 2);
  lane_.Flush();
  ASSERT_TRUE(WaitForAcks(2));
  EXPECT_EQ(repository_.List({}, {})->total, 1);
}

TEST(DeviceOfTopic, FindsTheDeviceOfTelemetryTopicsOnly) {
  EXPECT_EQ(DeviceOfTopic("devices/D1/telemetry"), "D1");
  for (const char* topic :
       {"devices//telemetry", "devices/telemetry", "devices/a/b/telemetry", "devices/D1/state",
        "other/D1/telemetry", "devices/D1/telemetry/x", ""}) {
    EXPECT_FALSE(DeviceOfTopic(topic).has_value()) << topic;
  }
}

}  // namespace
}  // namespace energy::telemetry
