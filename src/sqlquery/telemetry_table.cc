#include <algorithm>
#include <set>
#include <thread>

#include "sqlquery/block_queue.h"
#include "sqlquery/tables.h"

namespace energy::sqlquery {
namespace {

constexpr uint16_t kDeviceColumn = 0;
constexpr uint16_t kTimeColumn = 1;
constexpr uint16_t kFirstField = 2;
constexpr size_t kBlockRows = 32'768;
constexpr uint64_t kManyRows = 10'000'000;

int64_t FloorToMicros(int64_t time_ns) {
  return time_ns / 1000 - static_cast<int64_t>(time_ns % 1000 < 0);
}

// Microseconds as nanoseconds, or the end of the representable times on that side.
int64_t ToNanos(int64_t time_us) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 1000;
  if (time_us > kMost) return std::numeric_limits<int64_t>::max();
  if (time_us < -kMost) return std::numeric_limits<int64_t>::min();
  return time_us * 1000;
}

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

struct Target {
  std::string id;
  series::DeviceRef ref;
};

// One walk through the readings of some devices. The store pushes blocks and the helper pulls them,
// so a thread stands between.
class TelemetryScan final : public Scan {
 public:
  TelemetryScan(const series::Store& store, std::vector<Target> targets,
                std::vector<uint16_t> columns, const ScanFilter& filter)
      : store_(store),
        targets_(std::move(targets)),
        columns_(std::move(columns)),
        start_ns_(ToNanos(filter.start_us)),
        end_ns_(ToNanos(filter.end_us)) {
    for (const uint16_t column : columns_) {
      if (column < kFirstField) continue;
      fields_.push_back(static_cast<series::FieldRef>(column - kFirstField));
    }
    // A scan without fields would mean all of them.
    if (fields_.empty()) fields_.push_back(0);
    thread_ = std::thread([this] { queue_.End(Run()); });
  }
  ~TelemetryScan() override {
    queue_.Close();
    thread_.join();
  }

  base::Result<Block> Next() override { return queue_.Take(); }

 private:
  base::Status Run() {
    for (const Target& target : targets_) {
      const series::ScanQuery query{.device = target.ref,
                                    .start_ns = start_ns_,
                                    .end_ns = end_ns_,
                                    .fields = fields_,
                                    .every_reading = true};
      bool taken = true;
      pending_ = NewBlock(target.id);
      ENERGY_RETURN_IF_ERROR(store_.Scan(query, [&](const series::Series& readings) {
        Add(readings);
        if (pending_.rows >= kBlockRows) {
          taken = queue_.Put(std::exchange(pending_, NewBlock(target.id)));
        }
        return taken;
      }));
      if (taken && pending_.rows > 0) taken = queue_.Put(std::move(pending_));
      if (!taken) break;
    }
    return {};
  }

  Block NewBlock(const std::string& device) const {
    Block block;
    for (const uint16_t column : columns_) {
      if (column == kDeviceColumn) {
        block.columns.emplace_back(device);
      } else if (column == kTimeColumn) {
        block.columns.emplace_back(std::vector<int64_t>());
      } else {
        block.columns.emplace_back(std::vector<double>());
      }
    }
    return block;
  }

  void Add(const series::Series& readings) {
    size_t field = 0;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (auto* times = std::get_if<std::vector<int64_t>>(&pending_.columns[i])) {
        const size_t from = times->size();
        times->resize(from + readings.time_ns.size());
        std::transform(readings.time_ns.begin(), readings.time_ns.end(),
                       times->begin() + static_cast<ptrdiff_t>(from), FloorToMicros);
      } else if (auto* values = std::get_if<std::vector<double>>(&pending_.columns[i])) {
        const std::vector<double>& column = readings.columns[field++];
        values->insert(values->end(), column.begin(), column.end());
      }
    }
    pending_.rows += static_cast<uint32_t>(readings.time_ns.size());
  }

  const series::Store& store_;
  const std::vector<Target> targets_;
  const std::vector<uint16_t> columns_;
  std::vector<series::FieldRef> fields_;  // in the order of the columns
  const int64_t start_ns_;
  const int64_t end_ns_;
  Block pending_;  // the thread's
  BlockQueue queue_;
  std::thread thread_;
};

class TelemetryTable final : public Table {
 public:
  TelemetryTable(const series::Store& store, const devices::Registry& registry) : store_(store) {
    spec_.name = "telemetry";
    spec_.estimated_rows = kManyRows;
    spec_.filtered = true;
    spec_.columns = {{"device_id", ColumnType::kText}, {"time", ColumnType::kTime}};
    AddFields();
    registry.Snapshot()->ForEach([&](const devices::RegisteredDevice& device) {
      if (const auto ref = store.FindDevice(device.id)) devices_.push_back({device.id, *ref});
    });
    std::sort(devices_.begin(), devices_.end(),
              [](const Target& a, const Target& b) { return a.id < b.id; });
  }

  const TableSpec& spec() const override { return spec_; }

  std::unique_ptr<Scan> Open(std::vector<uint16_t> columns, ScanFilter filter) override {
    std::vector<Target> targets;
    if (!filter.devices) {
      targets = devices_;
    } else {
      const std::set<std::string> wanted(filter.devices->begin(), filter.devices->end());
      std::copy_if(devices_.begin(), devices_.end(), std::back_inserter(targets),
                   [&](const Target& device) { return wanted.count(device.id) != 0; });
    }
    return std::make_unique<TelemetryScan>(store_, std::move(targets), std::move(columns), filter);
  }

 private:
  // Handles of fields are dense: column kFirstField + n is the field n.
  void AddFields() {
    std::set<std::string> taken{"device_id", "time"};
    for (size_t ref = 0; ref < kMostFields; ++ref) {
      const std::string field = store_.FieldName(static_cast<series::FieldRef>(ref));
      if (field.empty()) break;
      std::string name = field;
      for (int n = 2; !taken.insert(LowerCase(name)).second; ++n) {
        name = field + "_" + std::to_string(n);
      }
      spec_.columns.push_back({std::move(name), ColumnType::kDouble});
    }
  }

  const series::Store& store_;
  TableSpec spec_;
  std::vector<Target> devices_;
};

}  // namespace

std::unique_ptr<Table> MakeTelemetryTable(const series::Store& store,
                                          const devices::Registry& registry) {
  return std::make_unique<TelemetryTable>(store, registry);
}

}  // namespace energy::sqlquery
