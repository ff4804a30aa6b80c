#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "notifications/channel.h"
#include "notifications/outbox.h"
#include "notifications/sender.h"
#include "sql/test_database.h"

// For the tests of this module.

namespace energy::notifications {

inline constexpr const char* kRule = "00000000-0000-7000-8000-000000000021";
inline constexpr const char* kAna = "00000000-0000-7000-8000-000000000001";

inline base::Timestamp At(const char* text) { return *base::ParseTimestamp(text); }

/// Keeps what it is given and answers what it is told to.
class FakeChannel final : public Channel {
 public:
  explicit FakeChannel(ChannelId id) : id_(id) {}
  ChannelId id() const override { return id_; }
  Outcome Send(const Delivery& delivery) override {
    sent.push_back(delivery);
    if (during) during();
    return outcome;
  }
  base::Status Admits(std::string_view address) const override {
    return address.find("forbidden") == std::string_view::npos
               ? base::Status()
               : base::InvalidArgument("is not admitted");
  }
  base::Json Describe() const override { return {{"provider", "fake"}}; }

  static Outcome Says(Outcome::Result result, const std::string& error = "") {
    Outcome outcome;
    outcome.result = result;
    outcome.error = error;
    outcome.provider = {{"status", 1}};
    return outcome;
  }

  std::vector<Delivery> sent;
  std::function<void()> during;
  Outcome outcome = Says(Outcome::Result::kSent);

 private:
  const ChannelId id_;
};

/// A database with a device, a rule and two users, fake channels, and a clock that stands still.
class NotificationsTest : public ::testing::Test {
 protected:
  NotificationsTest() {
    for (const ChannelId id : {ChannelId::kEmail, ChannelId::kTelegram, ChannelId::kWhatsApp}) {
      channels_[id] = std::make_unique<FakeChannel>(id);
    }
    Sql("INSERT INTO users (id, email, password_hash, full_name, role) VALUES "
        "('00000000-0000-7000-8000-000000000001', 'ana@example.com', 'x', 'Ana', 'engineer'), "
        "('00000000-0000-7000-8000-000000000002', 'bob@example.com', 'x', 'Bob', 'viewer')");
    Sql("INSERT INTO devices (id, name, type) VALUES ('D1', 'Bulb 1', 'bulb'), "
        "('D2', 'Bulb 2', 'bulb')");
    Sql("INSERT INTO rules (id, name, device_id, property, operator, threshold) VALUES "
        "('00000000-0000-7000-8000-000000000021', 'hot', 'D1', 'temperature', '>', 50)");
  }

  void Sql(const std::string& statement) {
    const auto done =
        database_->Transaction([&](sql::Connection& c) { return c.Execute(statement); });
    ASSERT_TRUE(done.ok()) << done.status().ToString();
  }
  /// An event of a new alert of the device, whose row is made too.
  AlertEvent Raised(const std::string& device = "D1", Severity severity = Severity::kHigh) {
    AlertEvent event;
    event.alert_id = base::NewUuid(random_, clock_);
    event.rule_id = kRule;
    event.rule_name = "hot";
    event.device_id = device;
    event.device_name = "Bulb 1";
    event.property = "temperature";
    event.op = ">";
    event.threshold = 50;
    event.value = 62.5;
    event.unit = "°C";
    event.severity = severity;
    event.started_at = event.at = clock_.Now();
    // The rule has one open episode at a time: here only the rows matter.
    Sql("UPDATE alerts SET status = 'suppressed' WHERE status IN ('open', 'acknowledged')");
    Sql("INSERT INTO alerts (id, rule_id, rule_name, device_id, property, operator, severity, "
        "message) VALUES ('" +
        event.alert_id + "', '" + kRule + "', 'hot', '" + device +
        "', 'temperature', '>', 'high', 'm')");
    return event;
  }
  static AlertEvent Then(AlertEvent event, Kind kind, std::chrono::seconds later) {
    event.kind = kind;
    event.at += later;
    return event;
  }
  void Write(Outbox& outbox, const AlertEvent& event) {
    const base::Status written = database_->Transaction(
        [&](sql::Connection& connection) { return outbox.Write(connection, event); });
    ASSERT_TRUE(written.ok()) << written.ToString();
  }
  Outbox MakeOutbox(OutboxOptions options = {}) {
    return Outbox(std::move(options), channels_, clock_, random_);
  }
  static OutboxOptions Defaults(const std::vector<std::string>& recipients) {
    OutboxOptions options;
    for (const Severity severity :
         {Severity::kLow, Severity::kMedium, Severity::kHigh, Severity::kCritical}) {
      options.defaults[severity] = *ParseRecipients(recipients, "test");
    }
    return options;
  }
  std::vector<Notification> Rows(NotificationFilter filter = {}) {
    filter.sort = "created_at";
    auto listing = database_->Read([&](sql::Connection& connection) {
      return repository_.List(connection, filter, {1, 500});
    });
    EXPECT_TRUE(listing.ok()) << listing.status().ToString();
    return listing.ok() ? std::move(listing->items) : std::vector<Notification>();
  }
  /// "email:ana@example.com" of each row, sorted.
  std::vector<std::string> Told(const NotificationFilter& filter = {}) {
    std::vector<std::string> told;
    for (const Notification& row : Rows(filter)) {
      told.push_back(std::string(ChannelName(row.channel)) + ":" + row.recipient);
    }
    std::sort(told.begin(), told.end());
    return told;
  }
  FakeChannel& Fake(ChannelId id) { return static_cast<FakeChannel&>(*channels_.at(id)); }

  sql::TestDatabase database_;
  base::ManualClock clock_{At("2026-12-01T10:20:30Z")};
  base::SeededRandom random_{7};
  base::Metrics metrics_;
  Channels channels_;
  NotificationRepository repository_;
  std::unique_ptr<Renderer> renderer_ = *Renderer::Make({.page_url = "https://page.example"});
};

}  // namespace energy::notifications
