#include <algorithm>
#include <cstring>
#include <set>
#include <thread>

#include "sqlquery/block_queue.h"
#include "sqlquery/tables.h"

namespace energy::sqlquery {
namespace {

constexpr uint16_t kDeviceColumn = 0;
constexpr uint16_t kTimeColumn = 1;
constexpr uint16_t kFirstField = 2;
constexpr size_t kEngineRows = 2048;  // at a time in DuckDB
static_assert((kMostFields + 1) * sizeof(double) <= kSlotBytes);
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

// How many rows of so many columns of numbers a slot holds: a multiple of what the engine takes at
// a time, if it can be.
size_t MostRows(size_t numbers) {
  const size_t rows = kSlotBytes / sizeof(double) / std::max<size_t>(numbers, 1);
  return rows < kEngineRows ? rows : rows / kEngineRows * kEngineRows;
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
// so a thread stands between. Numbers go straight into the slots of the room, in turns: there a
// column has place for as many rows as a block may have.
class TelemetryScan final : public Scan {
 public:
  TelemetryScan(const series::Store& store, std::vector<Target> targets,
                std::vector<uint16_t> columns, const ScanFilter& filter, Room room)
      : store_(store),
        targets_(std::move(targets)),
        columns_(std::move(columns)),
        start_ns_(ToNanos(filter.start_us)),
        end_ns_(ToNanos(filter.end_us)),
        room_(room) {
    size_t numbers = 0;
    for (const uint16_t column : columns_) {
      if (column != kDeviceColumn) ++numbers;
      if (column < kFirstField) continue;
      fields_.push_back(static_cast<series::FieldRef>(column - kFirstField));
    }
    most_rows_ = MostRows(numbers);
    // A scan without fields would mean all of them.
    if (fields_.empty()) fields_.push_back(0);
    thread_ = std::thread([this] { queue_.End(Run()); });
  }
  ~TelemetryScan() override {
    queue_.Close();
    thread_.join();
  }

  base::Result<Block> Next(const Check& check) override { return queue_.Take(check); }

 private:
  base::Status Run() {
    bool taken = true;
    for (const Target& target : targets_) {
      if (queue_.closed()) return {};
      const series::ScanQuery query{.device = target.ref,
                                    .start_ns = start_ns_,
                                    .end_ns = end_ns_,
                                    .fields = fields_,
                                    .every_reading = true};
      ENERGY_RETURN_IF_ERROR(store_.Scan(query, [&](const series::Series& readings) {
        taken = Add(readings, target.id);
        return taken;
      }));
      if (!taken) return {};
    }
    if (rows_ > 0) PutBlock();
    return {};
  }

  // False when nobody takes any more.
  bool Add(const series::Series& readings, const std::string& device) {
    const size_t all = readings.time_ns.size();
    for (size_t from = 0; from < all;) {
      const size_t count = std::min(all - from, most_rows_ - rows_);
      Copy(readings, from, count);
      rows_ += count;
      from += count;
      if (devices_.runs.empty() || devices_.runs.back().text != device) {
        devices_.runs.push_back({device, 0});
      }
      devices_.runs.back().end = static_cast<uint32_t>(rows_);
      if (rows_ == most_rows_ && !PutBlock()) return false;
    }
    return true;
  }

  // Behind the rows that the slot has.
  void Copy(const series::Series& readings, size_t from, size_t count) {
    size_t number = 0;
    size_t field = 0;
    for (const uint16_t column : columns_) {
      if (column == kDeviceColumn) continue;
      std::byte* to = room_.data() + OffsetOf(number++) + rows_ * sizeof(double);
      if (column == kTimeColumn) {
        const int64_t* times = readings.time_ns.data() + from;
        std::transform(times, times + count, reinterpret_cast<int64_t*>(to), FloorToMicros);
      } else {
        std::memcpy(to, readings.columns[field++].data() + from, count * sizeof(double));
      }
    }
  }

  bool PutBlock() {
    Block block{.rows = static_cast<uint32_t>(rows_), .columns = {}};
    size_t number = 0;
    for (const uint16_t column : columns_) {
      if (column == kDeviceColumn) {
        block.columns.emplace_back(devices_);
      } else {
        block.columns.emplace_back(
            InRoom{static_cast<uint32_t>(OffsetOf(number++)),
                   column == kTimeColumn ? ColumnType::kTime : ColumnType::kDouble});
      }
    }
    rows_ = 0;
    devices_.runs.clear();
    slot_ = (slot_ + 1) % kRoomSlots;
    return queue_.Put(std::move(block));
  }

  // Of the column of numbers in the slot.
  size_t OffsetOf(size_t number) const {
    return slot_ * kSlotBytes + number * most_rows_ * sizeof(double);
  }

  const series::Store& store_;
  const std::vector<Target> targets_;
  const std::vector<uint16_t> columns_;
  std::vector<series::FieldRef> fields_;  // in the order of the columns
  const int64_t start_ns_;
  const int64_t end_ns_;
  const Room room_;
  size_t most_rows_;
  // The block under way is the thread's.
  size_t slot_ = 0;
  size_t rows_ = 0;
  TextRuns devices_;
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

  std::unique_ptr<Scan> Open(std::vector<uint16_t> columns, ScanFilter filter, Room room) override {
    std::vector<Target> targets;
    if (!filter.devices) {
      targets = devices_;
    } else {
      const std::set<std::string> wanted(filter.devices->begin(), filter.devices->end());
      std::copy_if(devices_.begin(), devices_.end(), std::back_inserter(targets),
                   [&](const Target& device) { return wanted.count(device.id) != 0; });
    }
    return std::make_unique<TelemetryScan>(store_, std::move(targets), std::move(columns), filter,
                                           room);
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
