#pragma once

#include "alerts/alert_service.h"
#include "devices/device_service.h"
#include "devices/registry.h"
#include "series/store.h"
#include "sqlquery/table.h"

namespace energy::sqlquery {

/// Most fields that the table `telemetry` shows; those that the store met first.
inline constexpr size_t kMostFields = 1000;

/// `telemetry`: device_id, time and one column of doubles for each field that the store knows, NULL
/// where a reading lacks it. The readings of the devices registered now, device by device, each in
/// the order of time. A field whose name differs from an earlier one by capitals only, or is
/// `device_id` or `time`, gets a number behind it. Times are cut to microseconds.
std::unique_ptr<Table> MakeTelemetryTable(const series::Store& store,
                                          const devices::Registry& registry);

/// `devices`: what GET /api/devices shows, with `device_id` for the id.
std::unique_ptr<Table> MakeDeviceTable(devices::DeviceService& devices);

/// `alerts`: what GET /api/alerts shows, with `alert_id` for the id and without users.
std::unique_ptr<Table> MakeAlertTable(alerts::AlertService& alerts);

}  // namespace energy::sqlquery
