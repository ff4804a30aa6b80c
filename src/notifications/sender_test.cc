#include "notifications/sender.h"

#include <set>

#include "notifications/test_support.h"

namespace energy::notifications {
namespace {

using Result = Outcome::Result;
using std::chrono::minutes;
using std::chrono::seconds;

class SenderTest : public NotificationsTest {
 protected:
  std::unique_ptr<Sender> MakeSender(SenderOptions options = {}) {
    return std::make_unique<Sender>(
        *database_, channels_, *renderer_, clock_, random_, options, [] {}, base::NullLogger(),
        metrics_);
  }
  bool SendNext(Sender& sender, ChannelId id = ChannelId::kEmail) {
    const auto sent = sender.SendNext(Fake(id));
    EXPECT_TRUE(sent.ok()) << sent.status().ToString();
    return sent.ok() && *sent;
  }
  Notification Row() { return Rows().front(); }

  Outbox outbox_{Defaults({"email:ops@example.com"}), channels_, clock_, random_};
  FakeChannel& email_ = Fake(ChannelId::kEmail);
};

TEST_F(SenderTest, SendsOnceAndKeepsTheAnswer) {
  const AlertEvent event = Raised();
  Write(outbox_, event);
  const auto sender = MakeSender();
  EXPECT_FALSE(SendNext(*sender, ChannelId::kTelegram));
  email_.during = [&] {
    EXPECT_EQ(Row().lease_until, clock_.Now() + SenderOptions().lease);
    EXPECT_EQ(Row().attempts, 1);
  };
  EXPECT_TRUE(SendNext(*sender));
  EXPECT_FALSE(SendNext(*sender));
  ASSERT_EQ(email_.sent.size(), 1U);
  EXPECT_EQ(email_.sent[0].key, Row().id);
  EXPECT_EQ(email_.sent[0].recipient, "ops@example.com");
  EXPECT_EQ(email_.sent[0].message.subject, "High: hot – Bulb 1");
  const Notification row = Row();
  EXPECT_EQ(row.status, DeliveryStatus::kSent);
  EXPECT_EQ(row.sent_at, clock_.Now());
  EXPECT_EQ(row.subject, "High: hot – Bulb 1");
  EXPECT_EQ(base::Json::parse(*row.provider_response), (base::Json{{"status", 1}}));
  EXPECT_FALSE(row.last_error);
  EXPECT_FALSE(row.lease_until);
  EXPECT_FALSE(row.next_attempt_at);
}

TEST_F(SenderTest, WaitsLongerAfterEachFailureAndGivesUp) {
  Write(outbox_, Raised());
  const auto sender = MakeSender({.max_attempts = 4});
  email_.outcome = FakeChannel::Says(Result::kRetry, "away");
  for (int attempt = 1; attempt < 4; ++attempt) {
    ASSERT_TRUE(SendNext(*sender));
    const Notification row = Row();
    EXPECT_EQ(row.status, DeliveryStatus::kPending);
    EXPECT_EQ(row.attempts, attempt);
    EXPECT_EQ(row.last_error, "away");
    const auto wait = *row.next_attempt_at - clock_.Now();
    EXPECT_GE(wait, seconds(5) * (1 << (attempt - 1)));
    EXPECT_LE(wait, seconds(10) * (1 << (attempt - 1)));
    EXPECT_FALSE(SendNext(*sender));
    clock_.Advance(wait);
  }
  ASSERT_TRUE(SendNext(*sender));
  EXPECT_EQ(Row().status, DeliveryStatus::kFailed);
  EXPECT_EQ(Row().attempts, 4);
  clock_.Advance(minutes(60));
  EXPECT_FALSE(SendNext(*sender));
  std::set<std::string> keys;
  for (const Delivery& delivery : email_.sent) keys.insert(delivery.key);
  EXPECT_EQ(keys.size(), 1U) << "an attempt has another key";
}

TEST_F(SenderTest, LeavesTheProviderAloneForAsLongAsItAsks) {
  Write(outbox_, Raised());
  email_.outcome = FakeChannel::Says(Result::kRetry, "slowly");
  email_.outcome.retry_after = seconds(300);
  SendNext(*MakeSender());
  EXPECT_EQ(Row().next_attempt_at, clock_.Now() + seconds(300));
}

TEST_F(SenderTest, FailuresForGoodAreFinalAndCanBeRetried) {
  for (const auto& [result, status] : {std::pair{Result::kBounced, DeliveryStatus::kBounced},
                                       std::pair{Result::kFailed, DeliveryStatus::kFailed}}) {
    const AlertEvent event = Raised();
    Write(outbox_, event);
    const auto sender = MakeSender();
    email_.outcome = FakeChannel::Says(result, "no");
    ASSERT_TRUE(SendNext(*sender));
    const NotificationFilter mine{.alert_id = event.alert_id};
    Notification row = Rows(mine).front();
    EXPECT_EQ(row.status, status);
    EXPECT_EQ(row.last_error, "no");
    clock_.Advance(minutes(60));
    EXPECT_FALSE(SendNext(*sender));

    const auto retry = [&] {
      return database_->Transaction([&](sql::Connection& connection) {
        return repository_.Retry(connection, row, clock_.Now());
      });
    };
    ASSERT_TRUE(retry().ok());
    row = Rows(mine).front();
    EXPECT_EQ(row.status, DeliveryStatus::kPending);
    EXPECT_EQ(retry().code(), base::Code::kConflict);
    email_.outcome = FakeChannel::Says(Result::kSent);
    ASSERT_TRUE(SendNext(*sender));
    row = Rows(mine).front();
    EXPECT_EQ(row.status, DeliveryStatus::kSent);
    EXPECT_FALSE(row.last_error);
    EXPECT_EQ(retry().code(), base::Code::kConflict) << "what was sent is not sent again";
  }
}

TEST_F(SenderTest, WhatAnotherProcessHasLeasedIsLeftToItUntilTheLeaseEnds) {
  Write(outbox_, Raised());
  const auto first = MakeSender();
  const auto second = MakeSender();
  email_.during = [&] {
    email_.during = nullptr;
    EXPECT_FALSE(SendNext(*second));
    // The first one stands still until its lease is over.
    clock_.Advance(SenderOptions().lease);
    EXPECT_TRUE(SendNext(*second));
    EXPECT_EQ(Row().status, DeliveryStatus::kSent);
    EXPECT_NE(Row().last_error.value_or("").find("may have arrived twice"), std::string::npos);
    email_.outcome = FakeChannel::Says(Result::kFailed, "too late to count");
  };
  EXPECT_TRUE(SendNext(*first));
  EXPECT_EQ(Row().status, DeliveryStatus::kSent) << "the outcome of the lost lease was written";
  EXPECT_EQ(email_.sent.size(), 2U);
  EXPECT_EQ(email_.sent[0].key, email_.sent[1].key);
}

TEST_F(SenderTest, ALeaseThatWasLostWritesNothing) {
  Write(outbox_, Raised());
  const auto lease = [&](const char* owner) {
    auto leased = database_->Transaction([&](sql::Connection& connection) {
      return repository_.Lease(connection, ChannelId::kEmail, owner, clock_.Now(),
                               clock_.Now() + seconds(10));
    });
    EXPECT_TRUE(leased.ok()) << leased.status().ToString();
    return leased.ok() ? *leased : std::nullopt;
  };
  const auto finish = [&](const Leased& leased, const char* owner) {
    Attempt attempt;
    attempt.status = DeliveryStatus::kSent;
    const auto written = database_->Transaction([&](sql::Connection& connection) {
      return repository_.Finish(connection, leased, owner, attempt, clock_.Now());
    });
    EXPECT_TRUE(written.ok()) << written.status().ToString();
    return written.ok() && *written;
  };
  const auto first = lease("A");
  ASSERT_TRUE(first);
  EXPECT_FALSE(lease("B")) << "two have it";
  clock_.Advance(seconds(10));
  const auto second = lease("B");
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->interrupted);
  EXPECT_FALSE(finish(*first, "A"));
  clock_.Advance(seconds(10));
  const auto third = lease("B");
  ASSERT_TRUE(third);
  EXPECT_FALSE(finish(*second, "B")) << "of the same process, but an earlier attempt";
  EXPECT_EQ(Row().status, DeliveryStatus::kPending);
  EXPECT_TRUE(finish(*third, "B"));
  EXPECT_FALSE(finish(*third, "B"));
  EXPECT_EQ(Row().status, DeliveryStatus::kSent);
}

TEST_F(SenderTest, OneRecipientHearsThingsInTheirOrder) {
  const AlertEvent event = Raised();
  Write(outbox_, event);
  const auto sender = MakeSender();
  email_.outcome = FakeChannel::Says(Result::kRetry, "away");
  ASSERT_TRUE(SendNext(*sender));
  clock_.Advance(seconds(1));
  Write(outbox_, Then(event, Kind::kResolved, seconds(1)));
  email_.outcome = FakeChannel::Says(Result::kSent);
  EXPECT_FALSE(SendNext(*sender)) << "the end overtook the beginning";
  clock_.Advance(seconds(60));
  EXPECT_TRUE(SendNext(*sender));
  EXPECT_TRUE(SendNext(*sender));
  EXPECT_EQ(email_.sent[1].message.subject, "High: hot – Bulb 1");
  EXPECT_EQ(email_.sent[2].message.subject, "Resolved: hot – Bulb 1");
}

TEST_F(SenderTest, ABundleIsOneMessageThatStaysAsItIs) {
  for (int i = 0; i < 3; ++i) Write(outbox_, Raised("D1", Severity::kLow));
  const auto sender = MakeSender();
  EXPECT_FALSE(SendNext(*sender));
  clock_.Set(At("2026-12-01T11:00:00Z"));
  email_.outcome = FakeChannel::Says(Result::kRetry, "away");
  ASSERT_TRUE(SendNext(*sender));
  EXPECT_FALSE(SendNext(*sender));
  const std::string first = email_.sent[0].message.text;
  EXPECT_EQ(email_.sent[0].message.subject, "Digest: 3 messages of low severity");
  // What joins the bundle later is another message.
  clock_.Advance(minutes(10));
  Write(outbox_, Raised("D1", Severity::kLow));
  email_.outcome = FakeChannel::Says(Result::kSent);
  ASSERT_TRUE(SendNext(*sender));
  EXPECT_EQ(email_.sent[1].key, email_.sent[0].key);
  EXPECT_EQ(email_.sent[1].message.text, first);
  const auto rows = Rows();
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(rows[i].status, i < 3 ? DeliveryStatus::kSent : DeliveryStatus::kPending) << i;
    if (i < 3) {
      EXPECT_EQ(rows[i].sent_with, email_.sent[0].key);
    }
  }
  clock_.Set(At("2026-12-01T12:00:00Z"));
  ASSERT_TRUE(SendNext(*sender));
  EXPECT_EQ(email_.sent[2].message.subject, "Low: hot – Bulb 1");
}

TEST_F(SenderTest, RemindsOnlyOfWhatIsStillOpen) {
  OutboxOptions options;
  options.escalation = minutes(5);
  options.escalation_recipients = *ParseRecipients({"email:boss@example.com"}, "x");
  Outbox outbox = MakeOutbox(options);
  const auto sender = MakeSender();
  const AlertEvent open = Raised();
  Write(outbox, open);
  EXPECT_FALSE(SendNext(*sender));
  clock_.Advance(minutes(5));
  EXPECT_TRUE(SendNext(*sender));
  ASSERT_EQ(email_.sent.size(), 1U);
  EXPECT_EQ(email_.sent[0].message.subject, "Nobody has acknowledged (High): hot – Bulb 1");

  const AlertEvent acknowledged = Raised();
  Write(outbox, acknowledged);
  Sql("UPDATE alerts SET status = 'acknowledged' WHERE id = '" + acknowledged.alert_id + "'");
  clock_.Advance(minutes(5));
  EXPECT_TRUE(SendNext(*sender));
  EXPECT_EQ(email_.sent.size(), 1U);
  const Notification row = Rows({.alert_id = acknowledged.alert_id}).front();
  EXPECT_EQ(row.status, DeliveryStatus::kCancelled);
  EXPECT_EQ(row.last_error, "the alert is acknowledged");

  const AlertEvent shelved = Raised();
  Write(outbox, shelved);
  Sql("UPDATE alerts SET shelved_until = '2126-12-01T00:00:00.000000000Z' WHERE id = '" +
      shelved.alert_id + "'");
  clock_.Advance(minutes(5));
  EXPECT_TRUE(SendNext(*sender));
  EXPECT_EQ(email_.sent.size(), 1U);
  EXPECT_EQ(Rows({.alert_id = shelved.alert_id}).front().last_error, "the alert is shelved");
}

TEST_F(SenderTest, ManySendersShareTheWorkWithoutDoubles) {
  OutboxOptions options = Defaults({"email:ops@example.com"});
  options.flood_per_device = options.flood_site = 0;
  Outbox outbox = MakeOutbox(options);
  constexpr size_t kMessages = 40;
  for (size_t i = 0; i < kMessages; ++i) Write(outbox, Raised());
  std::mutex mutex;
  std::vector<std::string> keys;
  class Counting final : public Channel {
   public:
    explicit Counting(std::mutex& mutex, std::vector<std::string>& keys)
        : mutex_(mutex), keys_(keys) {}
    ChannelId id() const override { return ChannelId::kEmail; }
    Outcome Send(const Delivery& delivery) override {
      std::lock_guard lock(mutex_);
      keys_.push_back(delivery.key);
      return FakeChannel::Says(Result::kSent);
    }
    base::Json Describe() const override { return {}; }

   private:
    std::mutex& mutex_;
    std::vector<std::string>& keys_;
  };
  Channels counting;
  counting[ChannelId::kEmail] = std::make_unique<Counting>(mutex, keys);
  base::SystemRandom random;
  std::vector<std::unique_ptr<Sender>> senders;
  for (int i = 0; i < 3; ++i) {
    senders.push_back(std::make_unique<Sender>(
        *database_, counting, *renderer_, clock_, random,
        SenderOptions{.poll = std::chrono::milliseconds(1)}, [] {}, base::NullLogger(), metrics_));
    ASSERT_TRUE(senders.back()->Start().ok());
  }
  const auto until = std::chrono::steady_clock::now() + minutes(2);
  while (Rows({.statuses = {"sent"}}).size() < kMessages &&
         std::chrono::steady_clock::now() < until) {
  }
  for (const auto& sender : senders) sender->Stop();
  EXPECT_EQ(keys.size(), kMessages);
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), kMessages);
}

TEST_F(SenderTest, AStartTakesUpWhatADeadProcessHadLeased) {
  if (!database_.is_sqlite()) GTEST_SKIP() << "on PostgreSQL the lease runs out";
  Write(outbox_, Raised());
  Sql("UPDATE notification_logs SET attempts = 1, lease_owner = 'dead', lease_until = "
      "'2027-01-01T00:00:00.000000000Z'");
  const auto sender = MakeSender({.poll = std::chrono::milliseconds(1)});
  EXPECT_FALSE(SendNext(*sender));
  ASSERT_TRUE(sender->Start().ok());
  const auto until = std::chrono::steady_clock::now() + minutes(1);
  while (Row().status != DeliveryStatus::kSent && std::chrono::steady_clock::now() < until) {
  }
  sender->Stop();
  EXPECT_EQ(Row().status, DeliveryStatus::kSent);
  EXPECT_EQ(Row().attempts, 2);
}

TEST_F(SenderTest, OldRowsAreRemoved) {
  Write(outbox_, Raised());
  SendNext(*MakeSender());
  Write(outbox_, Raised());  // waits still
  clock_.Advance(std::chrono::hours(24 * 91));
  const auto pruned = database_->Transaction([&](sql::Connection& connection) {
    return repository_.Prune(connection, clock_.Now() - std::chrono::days(90), 100);
  });
  ASSERT_TRUE(pruned.ok()) << pruned.status().ToString();
  EXPECT_EQ(*pruned, 1);
  EXPECT_EQ(Row().status, DeliveryStatus::kPending);
}

}  // namespace
}  // namespace energy::notifications
