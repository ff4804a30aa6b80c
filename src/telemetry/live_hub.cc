#include "telemetry/live_hub.h"

#include <algorithm>

#include "telemetry/reading_json.h"

namespace energy::telemetry {

std::unique_ptr<LiveHub::Watch> LiveHub::Add(series::DeviceRef device, Watcher watcher) {
  std::lock_guard lock(mutex_);
  const uint64_t id = next_id_++;
  watchers_[device].push_back({id, std::move(watcher)});
  return std::make_unique<Watch>(*this, device, id);
}

void LiveHub::Remove(series::DeviceRef device, uint64_t id) {
  std::lock_guard lock(mutex_);
  const auto found = watchers_.find(device);
  if (found == watchers_.end()) return;
  std::erase_if(found->second, [&](const Entry& entry) { return entry.id == id; });
  if (found->second.empty()) watchers_.erase(found);
}

void LiveHub::OnBatch(const CommittedBatch& batch) {
  // Held while watchers run, so that a watch that has ended is never called; they only enqueue.
  std::lock_guard lock(mutex_);
  if (watchers_.empty()) return;
  const series::Batch& readings = batch.readings;
  for (const series::Row& row : readings.rows) {
    const auto found = watchers_.find(row.device);
    if (found == watchers_.end()) continue;
    const auto text =
        ToJson(row.device, row.time_ns, std::span(readings.fields).subspan(row.first, row.count),
               std::span(readings.values).subspan(row.first, row.count));
    for (const Entry& entry : found->second) entry.watcher(text);
  }
}

std::shared_ptr<const std::string> LiveHub::LatestJson(series::DeviceRef device) const {
  const auto latest = store_.LatestOf(device);
  if (!latest) return nullptr;
  return ToJson(device, latest->time_ns, latest->fields, latest->values);
}

std::shared_ptr<const std::string> LiveHub::ToJson(series::DeviceRef device, int64_t time_ns,
                                                   std::span<const series::FieldRef> fields,
                                                   std::span<const double> values) const {
  std::vector<std::string> names;
  names.reserve(fields.size());
  for (const series::FieldRef field : fields) names.push_back(store_.FieldName(field));
  auto text = std::make_shared<std::string>();
  AppendReadingJson(*text, store_.DeviceName(device), time_ns, names, values);
  return text;
}

}  // namespace energy::telemetry
