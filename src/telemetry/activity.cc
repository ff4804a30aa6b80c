#include "telemetry/activity.h"

#include <algorithm>

namespace energy::telemetry {
namespace {

// Of all devices together: 16 MiB of times, twice that with backlogs.
constexpr size_t kTimesOfAll = 2 << 20;
constexpr size_t kMostTimes = 8192;
constexpr size_t kLeastTimes = 64;

// Counters of a device, made when there is something to count.
struct Kind {
  uint64_t IngestCounts::*count;
  const char* name;
  const char* help;
};
constexpr std::array<Kind, Activity::kCountedKinds> kKinds{
    {{&IngestCounts::duplicates, "telemetry_duplicates_total",
      "Readings stored before under their time, by device."},
     {&IngestCounts::out_of_order, "telemetry_out_of_order_total",
      "Readings older than the newest one of their device."},
     {&IngestCounts::late, "telemetry_late_total",
      "Readings that came over three intervals after their time, by device."},
     {&IngestCounts::flagged, "telemetry_flagged_total",
      "Readings with a value outside its nominal range, by device."},
     {&IngestCounts::gaps, "telemetry_gaps_total", "Gaps in the readings of a device."},
     {&IngestCounts::missed, "telemetry_missed_total",
      "Readings missing in gaps, by their numbers or the device's reporting interval."}}};

}  // namespace

Activity::Activity(const series::Store& store, const devices::Registry& registry,
                   devices::LastSeenTracker& last_seen, const base::Clock& clock,
                   base::Metrics& metrics)
    : store_(store),
      registry_(registry),
      last_seen_(last_seen),
      clock_(clock),
      metrics_(metrics),
      meter_(clock) {}

Activity::Device& Activity::DeviceOf(series::DeviceRef ref) {
  if (ref >= devices_.size()) devices_.resize(ref + 1);
  std::unique_ptr<Device>& device = devices_[ref];
  if (device != nullptr) return *device;
  device = std::make_unique<Device>();
  device->name = store_.DeviceName(ref);
  device->label = ++device_count_ <= kMaxLabelledDevices ? device->name : "other";
  device->messages = &metrics_.Counter("telemetry_messages_total", "Readings stored, by device.",
                                       {{"device_id", device->label}});
  return *device;
}

void Activity::Refresh(Device& device) const {
  const uint64_t version = registry_.version();
  if (device.registry_version == version) return;
  device.registry_version = version;
  const auto registered = registry_.Find(device.name);
  if (!registered) return;
  DeviceArrivals::Expectation expectation;
  expectation.interval = registered->interval;
  if (registered->profile) {
    for (const devices::ProfileField& field : registered->profile->fields) {
      const auto ref = store_.FindField(field.name);
      if (!ref || (!field.nominal_min && !field.nominal_max)) continue;
      expectation.nominal.push_back({*ref, field.name, field.nominal_min.value_or(field.min),
                                     field.nominal_max.value_or(field.max)});
    }
  }
  device.arrivals.Expect(std::move(expectation));
}

void Activity::OnBatch(const CommittedBatch& batch) {
  std::lock_guard lock(mutex_);
  const size_t times = TimesKept();
  auto sequence = batch.readings.sequences.begin();
  const auto sequences_end = batch.readings.sequences.end();
  for (uint32_t i = 0; i < batch.readings.rows.size(); ++i) {
    const series::Row& row = batch.readings.rows[i];
    std::optional<uint64_t> number;
    if (sequence != sequences_end && sequence->row == i) number = (sequence++)->number;
    Device& device = DeviceOf(row.device);
    if (device.in_batch++ == 0) {
      touched_.push_back(&device);
      device.history = !history_of_.empty() && device.name == history_of_;
      Refresh(device);
    }
    device.newest_in_batch = std::max(device.newest_in_batch, row.time_ns);
    const base::Timestamp arrived = device.history
                                        ? base::Timestamp(std::chrono::nanoseconds(row.time_ns))
                                        : batch.committed_at;
    device.arrivals.Add(batch.readings, row, number, arrived, times, totals_);
  }
  const auto now = clock_.Steady();
  for (Device* device : touched_) {
    device->messages->Increment(static_cast<double>(device->in_batch));
    Export(*device);
    device->in_batch = 0;
    if (!device->history) {
      LearnStep(*device, now);
      device->arrived = now;
    }
    last_seen_.Note(device->name,
                    base::Timestamp(std::chrono::nanoseconds(device->newest_in_batch)));
  }
  touched_.clear();
  meter_.Add(batch.readings.rows.size());
  accepted_.fetch_add(batch.readings.rows.size(), std::memory_order_relaxed);
}

void Activity::SetHistoryOf(std::string device_id) {
  const std::lock_guard lock(mutex_);
  history_of_ = std::move(device_id);
}

void Activity::LearnStep(Device& device, std::chrono::steady_clock::time_point now) {
  if (device.arrived == std::chrono::steady_clock::time_point()) return;
  constexpr int kMemory = 8;
  constexpr int kMostOfMean = 4;
  const std::chrono::nanoseconds step = now - device.arrived;
  if (device.steps++ == 0) {
    device.step = step;
  } else {
    device.step += (std::min(step, kMostOfMean * device.step) - device.step) / kMemory;
  }
}

std::optional<Activity::LastArrival> Activity::LastArrivalOf(std::string_view device_id) const {
  const auto ref = store_.FindDevice(device_id);
  std::lock_guard lock(mutex_);
  if (!ref || *ref >= devices_.size() || devices_[*ref] == nullptr) return std::nullopt;
  const Device& device = *devices_[*ref];
  if (device.arrived == std::chrono::steady_clock::time_point()) return std::nullopt;
  constexpr uint32_t kLeastSteps = 3;
  LastArrival last{device.arrived, std::nullopt};
  if (device.steps >= kLeastSteps) last.interval = device.step;
  return last;
}

void Activity::Export(Device& device) {
  const IngestCounts& counts = device.arrivals.state().counts;
  for (size_t i = 0; i < kKinds.size(); ++i) {
    const Kind& kind = kKinds[i];
    const uint64_t more = counts.*kind.count - device.exported.*kind.count;
    if (more == 0) continue;
    prometheus::Counter*& counter = device.counters[i];
    if (counter == nullptr) {
      counter = &metrics_.Counter(kind.name, kind.help, {{"device_id", device.label}});
    }
    counter->Increment(static_cast<double>(more));
  }
  device.exported = counts;
}

size_t Activity::TimesKept() const {
  return std::clamp(kTimesOfAll / std::max<size_t>(device_count_, 1), kLeastTimes, kMostTimes);
}

void Activity::OnRejected(const std::vector<DeadLetter>& letters) {
  std::lock_guard lock(mutex_);
  for (const DeadLetter& letter : letters) {
    totals_.rejected[static_cast<size_t>(letter.reason)] += letter.readings;
    // Names that nobody registered are counted in the totals alone: there is no end of them.
    const auto ref = store_.FindDevice(letter.device_id);
    if (!ref) continue;
    Device& device = DeviceOf(*ref);
    device.arrivals.AddRejected(letter.reason, letter.readings);
    metrics_
        .Counter("telemetry_device_rejected_total",
                 "Readings of known devices that became dead letters.",
                 {{"device_id", device.label}, {"reason", std::string(ReasonName(letter.reason))}})
        .Increment(static_cast<double>(letter.readings));
  }
}

IngestCounts Activity::Totals() const {
  std::lock_guard lock(mutex_);
  return totals_;
}

DeviceIngest Activity::Of(std::string_view device_id) const {
  const auto ref = store_.FindDevice(device_id);
  std::lock_guard lock(mutex_);
  if (!ref || *ref >= devices_.size() || devices_[*ref] == nullptr) return {};
  return devices_[*ref]->arrivals.state();
}

size_t Activity::DevicesReporting() const {
  const auto since = clock_.Steady() - kReportingWindow;
  std::lock_guard lock(mutex_);
  size_t count = 0;
  for (const auto& device : devices_) {
    count +=
        device != nullptr && device->arrived >= since && device->arrivals.state().received ? 1 : 0;
  }
  return count;
}

}  // namespace energy::telemetry
