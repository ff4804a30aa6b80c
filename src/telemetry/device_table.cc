#include "telemetry/device_table.h"

namespace energy::telemetry {
namespace {

base::Result<IngestDevice> Compile(const devices::RegisteredDevice& device, series::Store& store) {
  IngestDevice compiled;
  compiled.id = device.id;
  compiled.type = device.type;
  ENERGY_ASSIGN_OR_RETURN(compiled.ref, store.OpenDevice(device.id));
  compiled.any_field = device.profile == nullptr;
  if (compiled.any_field) return compiled;
  for (const devices::ProfileField& field : device.profile->fields) {
    FieldCheck check{field.name, 0, field.required, field.min, field.max};
    ENERGY_ASSIGN_OR_RETURN(check.ref, store.OpenField(field.name));
    compiled.fields.push_back(std::move(check));
  }
  return compiled;
}

}  // namespace

DeviceTableSource::DeviceTableSource(devices::Registry& registry, series::Store& store,
                                     base::Logger logger)
    : registry_(registry),
      store_(store),
      logger_(std::move(logger)),
      table_(std::make_shared<DeviceTable>()) {
  subscription_ = registry_.Subscribe([this](const auto& snapshot) {
    if (const base::Status status = Build(*snapshot); !status.ok()) {
      logger_->error("devices could not be prepared for ingest: {}", status.ToString());
    }
  });
}

base::Status DeviceTableSource::Rebuild() { return Build(*registry_.Snapshot()); }

base::Status DeviceTableSource::Build(const devices::RegistrySnapshot& snapshot) {
  auto table = std::make_shared<DeviceTable>();
  // Thousands are new at once after an import: one by one each would wait for the disk.
  std::vector<std::string_view> fresh;
  snapshot.ForEach([&](const devices::RegisteredDevice& device) {
    if (!store_.FindDevice(device.id)) fresh.emplace_back(device.id);
  });
  base::Status first_error = store_.CreateDevices(fresh);
  snapshot.ForEach([&](const devices::RegisteredDevice& device) {
    auto compiled = Compile(device, store_);
    if (compiled.ok()) {
      table->Add(std::move(compiled).value());
    } else if (first_error.ok()) {
      first_error = compiled.status();
    }
  });
  {
    std::lock_guard lock(mutex_);
    table_ = std::move(table);
  }
  version_.fetch_add(1, std::memory_order_release);
  return first_error;
}

std::shared_ptr<const DeviceTable> DeviceTableSource::current() const {
  std::lock_guard lock(mutex_);
  return table_;
}

}  // namespace energy::telemetry
