#include "alerts/live_hub.h"

#include <gtest/gtest.h>

namespace energy::alerts {
namespace {

Alert OnDevice(const std::string& device_id, rules::Severity severity) {
  Alert alert;
  alert.device_id = device_id;
  alert.severity = severity;
  return alert;
}

AlertEvent Raised() {
  AlertEvent event;
  event.action = kRaised;
  return event;
}

TEST(AlertLiveHub, GivesEachWatcherWhatItWants) {
  LiveHub hub;
  int all = 0;
  int severe = 0;
  int of_device = 0;
  const auto one = hub.Add({}, [&](const auto&) { ++all; });
  auto two = hub.Add({.severities = {rules::Severity::kHigh, rules::Severity::kCritical}},
                     [&](const auto&) { ++severe; });
  const auto three = hub.Add({.device_id = "D2"}, [&](const auto&) { ++of_device; });
  hub.OnEvent(OnDevice("D1", rules::Severity::kCritical), Raised());
  hub.OnEvent(OnDevice("D2", rules::Severity::kLow), Raised());
  EXPECT_EQ(all, 2);
  EXPECT_EQ(severe, 1);
  EXPECT_EQ(of_device, 1);
  two.reset();
  hub.OnEvent(OnDevice("D1", rules::Severity::kCritical), Raised());
  EXPECT_EQ(severe, 1);
}

TEST(AlertLiveHub, SaysWhatChangedAndHowTheAlertIsNow) {
  LiveHub hub;
  std::string text;
  const auto watch = hub.Add({}, [&](const auto& message) { text = *message; });
  hub.OnEvent(OnDevice("D1", rules::Severity::kLow), Raised());
  const base::Json json = base::Json::parse(text);
  EXPECT_EQ(json.at("change"), "raised");
  EXPECT_EQ(json.at("event").at("action"), "raised");
  EXPECT_EQ(json.at("alert").at("device_id"), "D1");
  EXPECT_EQ(json.at("alert").at("severity"), "low");
}

}  // namespace
}  // namespace energy::alerts
