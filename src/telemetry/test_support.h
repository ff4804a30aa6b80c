#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "devices/device_service.h"
#include "series/embedded_store.h"
#include "series/test_support.h"
#include "sql/test_database.h"
#include "telemetry/device_table.h"

namespace energy::telemetry {

/// For tests: a real store, database and registry in folders of their own, at a fixed time.
struct TestPlatform {
  TestPlatform() {
    series::EmbeddedOptions options;
    options.path = folder.path() / "series";
    auto opened = series::EmbeddedStore::Open(options, clock, base::NullLogger(), metrics);
    if (!opened.ok()) std::abort();
    store = std::move(opened).value();
    if (!devices.Load().ok()) std::abort();
    table = std::make_unique<DeviceTableSource>(registry, *store, base::NullLogger());
  }

  void AddDevice(const std::string& id, const std::string& type = "bulb") {
    devices::NewDevice device;
    device.id = id;
    device.name = id;
    device.type = type;
    ASSERT_TRUE(devices.Create(device).ok());
  }

  base::ManualClock clock{base::Timestamp(std::chrono::seconds(1'770'463'560))};  // 11:26:00Z
  base::SeededRandom random{1};
  base::Metrics metrics;
  series::TemporaryFolder folder;
  sql::TestDatabase database;
  devices::Registry registry;
  devices::LastSeenTracker last_seen{*database, clock, base::NullLogger()};
  devices::DeviceService devices{*database, clock, registry, &last_seen};
  std::unique_ptr<series::EmbeddedStore> store;
  std::unique_ptr<DeviceTableSource> table;
};

/// The payload of LLD §6.2 for `device`, `second` seconds into the minute of the test platform.
inline std::string Payload(const std::string& device, int second, double temperature = 45.2) {
  char text[256];
  std::snprintf(text, sizeof text,
                R"({"device_id":"%s","timestamp":"2026-02-07T11:25:%02dZ","voltage":230.5,)"
                R"("current":0.85,"power":195.9,"temperature":%g})",
                device.c_str(), second, temperature);
  return text;
}

}  // namespace energy::telemetry
