#include "mqtt/session_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

#include "base/temporary_folder.h"
#include "mqtt/crc32.h"
#include "mqtt/store_record.h"
#include "mqtt/test_support.h"

namespace energy::mqtt {
namespace {

using std::chrono::seconds;

const StoreTime kNow{base::Timestamp(std::chrono::hours(480'000)),
                     Message::TimePoint(std::chrono::hours(1))};

MessagePtr MakeMessage(std::string_view topic, std::string_view payload,
                       std::optional<seconds> expiry = std::nullopt) {
  return std::make_shared<const Message>(topic, payload, "", expiry, kNow.steady, 1);
}

std::string Encoded(const Change& change) {
  std::string bytes;
  EncodeStoreRecord(change, kNow, bytes);
  return bytes;
}

WillPtr MakeWill() {
  auto will = std::make_shared<StoredWill>();
  will->topic = "w";
  will->payload = "gone";
  will->properties = std::string("\x00", 1);
  will->qos = 1;
  will->retain = true;
  will->client_id = "c1";
  will->user = "alice";
  return will;
}

base::Timestamp AtMs(int64_t ms) { return base::Timestamp(std::chrono::milliseconds(ms)); }

std::vector<Change> OneOfEach() {
  return {SessionBegun{7, "c1", "alice", 60},
          Subscribed{7, "a/+", {1, false, true, 300}},
          Subscribed{7, "$share/g/b", {0, false, false, 0}},
          Unsubscribed{7, "b"},
          MessageQueued{9, MakeMessage("t", "x"), {{7, 1, false, false, {300}}}},
          MessageQueued{10, MakeMessage("t", "y", seconds(100)), {{7, 1, true, true, {}}}},
          MessageFinished{7, 10},
          RetainedSet{MakeMessage("r", "kept")},
          SessionResumed{7, 61},
          SessionLeft{7, 62, AtMs(1'700'000'000'500)},
          SessionEnded{8},
          WillDelayed{7, AtMs(1'700'000'010'500), MakeWill()},
          WillPublished{7, AtMs(1'700'000'000'000)}};
}

TEST(StoreRecord, HasTheDocumentedBytes) {
  const auto changes = OneOfEach();
  EXPECT_EQ(test::ToHex(Encoded(changes[0]) + Encoded(changes[1]) + Encoded(changes[4])),
            test::ToHex(test::Hex(
                "00000018 1952a782 01 0000000000000007 0000003c 0002 6331 0005 616c696365"
                "00000013 1e47160f 05 0000000000000007 05 0000012c 0003 612f2b"
                "00000031 ba367815 07 0000000000000009 01 0000000000000000 0001 74 00000000"
                "00000001 78 00000001 0000000000000007 01 0001 0000012c")));
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283U) << "the check value of CRC-32C";
}

TEST(StoreRecord, SurvivesTheRoundTrip) {
  for (const Change& change : OneOfEach()) {
    const std::string bytes = Encoded(change);
    Change decoded;
    size_t size = 0;
    ASSERT_EQ(DecodeStoreRecord(bytes + "more", kNow, decoded, size), RecordStatus::kOk);
    EXPECT_EQ(size, bytes.size());
    EXPECT_EQ(decoded.index(), change.index());
    EXPECT_EQ(test::ToHex(Encoded(decoded)), test::ToHex(bytes));
  }
}

TEST(StoreRecord, RefusesEveryCutAndEveryFlippedBit) {
  for (const Change& change : OneOfEach()) {
    const std::string bytes = Encoded(change);
    Change decoded;
    size_t size = 0;
    for (size_t cut = 1; cut < bytes.size(); ++cut) {
      EXPECT_EQ(DecodeStoreRecord(bytes.substr(0, cut), kNow, decoded, size), RecordStatus::kTorn);
    }
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      EXPECT_NE(DecodeStoreRecord(flipped, kNow, decoded, size), RecordStatus::kOk) << bit;
    }
  }
}

TEST(StoredState, AppliesAndDescribesItself) {
  StoredState state;
  for (const Change& change : OneOfEach()) state.Apply(change);
  const auto check = [](const StoredState& s) {
    ASSERT_EQ(s.sessions().size(), 1U);
    const auto& session = s.sessions().at(7);
    EXPECT_EQ(session.begun.client_id, "c1");
    EXPECT_EQ(session.begun.expiry_s, 62U);
    EXPECT_FALSE(session.connected);
    EXPECT_EQ(session.filters.size(), 2U);
    EXPECT_EQ(session.filters.at("a/+"), (SubscriptionOptions{1, false, true, 300}));
    ASSERT_EQ(s.messages().size(), 1U);
    EXPECT_EQ(s.messages().at(9).message->payload(), "x");
    EXPECT_TRUE(s.messages().at(9).targets.at(0).sent_before) << "the client was connected";
    EXPECT_EQ(s.retained().at("r")->payload(), "kept");
    ASSERT_TRUE(session.will.will) << "another one was published";
    EXPECT_EQ(session.will.due, AtMs(1'700'000'010'500));
    EXPECT_EQ(session.will.will->payload, "gone");
  };
  check(state);
  StoredState copy;
  state.Describe([&](const Change& change) { copy.Apply(change); });
  check(copy);
  StoredState published = copy;
  published.Apply(WillPublished{7, AtMs(1'700'000'010'500)});
  EXPECT_FALSE(published.sessions().at(7).will.will);
  StoredState resumed = copy;
  resumed.Apply(SessionResumed{7, 60});
  EXPECT_FALSE(resumed.sessions().at(7).will.will) << "its client is back";
  copy.Apply(RetainedSet{MakeMessage("r", "")});
  EXPECT_TRUE(copy.retained().empty());
  copy.Apply(SessionEnded{7});
  EXPECT_TRUE(copy.sessions().empty());
  EXPECT_TRUE(copy.messages().empty());
  copy.Apply(MessageQueued{11, MakeMessage("t", "late"), {{7, 1, false, false, {}}}});
  EXPECT_TRUE(copy.messages().empty()) << "the session is gone";
  EXPECT_EQ(copy.next_message(), 12U);
}

class FileSessionStoreTest : public ::testing::Test {
 protected:
  FileSessionStoreTest() { options.folder = folder.path() / "mqtt"; }

  std::unique_ptr<FileSessionStore> Open() {
    metrics = std::make_unique<base::Metrics>();
    auto store = FileSessionStore::Open(options, clock, base::NullLogger(), *metrics);
    EXPECT_TRUE(store.ok()) << store.status().ToString();
    return std::move(store).value();
  }
  // Appends and waits until it is written; what the store said.
  static bool Write(FileSessionStore& store, const std::vector<Change>& changes) {
    std::promise<bool> written;
    EXPECT_TRUE(store
                    .Start([&](std::span<const SessionStore::Waiter> waiters,
                               bool safe) { (void)waiters, written.set_value(safe); },
                           [] {})
                    .ok());
    for (const Change& change : changes) store.Append(change);
    store.Notify({});
    const bool safe = written.get_future().get();
    return safe;
  }
  std::string Content() const {
    std::ifstream in(options.folder / "sessions.log", std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
  void SetContent(const std::string& bytes) const {
    std::ofstream(options.folder / "sessions.log", std::ios::binary) << bytes;
  }

  base::SystemClock clock;
  std::unique_ptr<base::Metrics> metrics;
  base::TemporaryFolder folder;
  FileSessionStore::Options options;
};

TEST_F(FileSessionStoreTest, GivesBackWhatWasWritten) {
  EXPECT_TRUE(Write(*Open(), OneOfEach()));
  EXPECT_TRUE(Content().starts_with(std::string("EPMQTT\0\1", 8)));
  const auto store = Open();
  EXPECT_EQ(store->state().sessions().size(), 1U);
  EXPECT_EQ(store->state().messages().size(), 1U);
  EXPECT_EQ(store->state().retained().size(), 1U);
  EXPECT_EQ(store->state().next_session(), 8U);
}

// What a process leaves that is killed while it writes.
TEST_F(FileSessionStoreTest, CutsATornEndOffAndGoesOn) {
  Write(*Open(), OneOfEach());
  const std::string whole = Content();
  for (size_t cut = 0; cut < whole.size(); cut += 7) {
    SetContent(whole.substr(0, cut));
    EXPECT_TRUE(Write(*Open(), {SessionBegun{20, "late", "bob", 60}})) << cut;
    const auto store = Open();
    EXPECT_EQ(store->state().sessions().count(20), 1U) << cut;
    EXPECT_FALSE(std::filesystem::exists(options.folder / "sessions.damaged")) << cut;
  }
}

TEST_F(FileSessionStoreTest, ADamagedRecordCostsItself) {
  Write(*Open(), OneOfEach());
  std::string bytes = Content();
  const size_t place = bytes.find("a/+");
  bytes[place] = 'z';
  SetContent(bytes);
  {
    const auto store = Open();
    EXPECT_EQ(store->state().sessions().at(7).filters.size(), 1U) << "the other subscription";
    EXPECT_EQ(store->state().retained().size(), 1U);
  }
  EXPECT_TRUE(std::filesystem::exists(options.folder / "sessions.damaged"));
  EXPECT_EQ(Open()->state().sessions().size(), 1U) << "and the file is whole again";
}

TEST_F(FileSessionStoreTest, RefusesALaterVersion) {
  std::filesystem::create_directories(options.folder);
  SetContent(std::string("EPMQTT\0\2", 8));
  base::Metrics other;
  const auto store = FileSessionStore::Open(options, clock, base::NullLogger(), other);
  ASSERT_FALSE(store.ok());
  EXPECT_NE(store.status().message().find("later version"), std::string::npos);
}

TEST_F(FileSessionStoreTest, StaysBoundedWhateverComesAndGoes) {
  options.min_compact_bytes = 100'000;
  std::vector<Change> changes{SessionBegun{1, "c", "alice", 60}};
  for (uint64_t id = 1; id <= 2000; ++id) {
    changes.push_back(
        MessageQueued{id, MakeMessage("t", std::string(1000, 'x')), {{1, 1, false, false, {}}}});
    if (id > 10) changes.push_back(MessageFinished{1, id - 10});
  }
  Write(*Open(), changes);
  EXPECT_LT(Content().size(), 250'000U);
  const auto store = Open();
  EXPECT_EQ(store->state().messages().size(), 10U);
  EXPECT_EQ(store->state().next_message(), 2001U);
}

TEST_F(FileSessionStoreTest, SaysWhenItCannotWriteAndRecovers) {
  auto store = Open();
  std::atomic<int> safe{0};
  std::atomic<int> unsafe{0};
  ASSERT_TRUE(store
                  ->Start(
                      [&](std::span<const SessionStore::Waiter> waiters, bool written) {
                        (written ? safe : unsafe) += static_cast<int>(waiters.size());
                      },
                      [] {})
                  .ok());
  // A limit on the size of files fails write(2) as a full disk does.
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto ignore = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  store->Append(RetainedSet{MakeMessage("big", std::string(5000, 'x'))});
  store->Notify({});
  const bool refused = test::Eventually([&] { return unsafe == 1; });
  const base::Status health = store->health();
  const std::string metrics_then = metrics->Text();
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, ignore);
  ASSERT_TRUE(refused);
  EXPECT_NE(health.message().find("sessions."), std::string::npos) << health.ToString();
  EXPECT_NE(metrics_then.find("mqtt_session_file_writable 0"), std::string::npos);
  // It comes back by itself, with what it had missed.
  ASSERT_TRUE(test::Eventually([&] { return store->health().ok(); }));
  EXPECT_NE(metrics->Text().find("mqtt_session_file_writable 1"), std::string::npos);
  store->Append(RetainedSet{MakeMessage("small", "x")});
  store->Notify({});
  ASSERT_TRUE(test::Eventually([&] { return safe == 1; }));
  store.reset();
  EXPECT_EQ(Open()->state().retained().size(), 2U);
}

}  // namespace
}  // namespace energy::mqtt
