#include "rules/engine.h"

#include <algorithm>
#include <chrono>

namespace energy::rules {
namespace {

int64_t ToNs(base::Timestamp time) { return time.time_since_epoch().count(); }

bool Watches(const Target& target, const devices::RegisteredDevice& device) {
  if (target.all) return true;
  if (target.device_type) return device.type == *target.device_type;
  if (!target.tag) return false;
  const std::string* value = devices::FindTag(device.tags, target.tag->first);
  return value != nullptr && *value == target.tag->second;
}

}  // namespace

Engine::Engine(series::Store& store, base::Metrics& metrics, const base::Clock& clock)
    : store_(store),
      clock_(clock),
      seconds_(metrics.Histogram("rule_evaluation_duration_seconds",
                                 "Time to evaluate all rules on one committed batch.",
                                 base::LatencySecondsBounds())),
      evaluations_(metrics.Counter("rule_evaluations_total", "Conditions evaluated.")) {}

std::vector<std::string> Engine::DevicesOf(const Rule& rule,
                                           const devices::RegistrySnapshot* devices) const {
  if (!rule.device_id.empty()) return {rule.device_id};
  std::vector<std::string> ids;
  if (devices == nullptr) return ids;
  devices->ForEach([&](const devices::RegisteredDevice& device) {
    if (Watches(rule.target, device)) ids.push_back(device.id);
  });
  return ids;
}

void Engine::PlaceLocked(const std::shared_ptr<Program>& program, const std::string& device_id,
                         std::unordered_map<EpisodeKey, Watch>& before,
                         std::vector<Transition>& out) {
  const auto device = store_.OpenDevice(device_id);
  if (!device.ok()) return;  // the store is full: no reading can come either
  std::vector<series::FieldRef> fields;
  for (size_t i = 0; i < program->rule->condition_count(); ++i) {
    const auto field = store_.OpenField(program->rule->condition(i).property);
    if (!field.ok()) return;
    fields.push_back(*field);
  }
  if (by_device_.size() <= *device) by_device_.resize(*device + 1);
  std::unique_ptr<DeviceRules>& rules = by_device_[*device].rules;
  if (!rules) rules = std::make_unique<DeviceRules>(device_id);
  const auto old = before.find({program->rule->id, device_id});
  if (old == before.end()) {
    rules->Add(Watch(program, ToNs(clock_.Now())), fields);
    return;
  }
  Watch watch = std::move(old->second);
  before.erase(old);
  watch.Replace(program, device_id, out);
  rules->Add(std::move(watch), fields);
}

std::vector<Transition> Engine::SetRules(const std::vector<Rule>& rules,
                                         const devices::RegistrySnapshot* devices) {
  std::lock_guard lock(mutex_);
  std::vector<Transition> changes;
  std::unordered_map<EpisodeKey, Watch> before;
  std::vector<Device> devices_before = std::exchange(by_device_, {});
  for (Device& device : devices_before) {
    if (!device.rules) continue;
    for (Watch& watch : device.rules->watches()) {
      EpisodeKey key{watch.rule().id, device.rules->device_id()};
      before.emplace(std::move(key), std::move(watch));
    }
  }
  for (const Rule& rule : rules) {
    if (rule.status != RuleStatus::kActive) continue;
    const auto program = std::make_shared<Program>(std::make_shared<const Rule>(rule));
    for (const std::string& id : DevicesOf(rule, devices)) {
      PlaceLocked(program, id, before, changes);
    }
  }
  due_ = {};
  for (series::DeviceRef ref = 0; ref < by_device_.size(); ++ref) {
    Device& device = by_device_[ref];
    if (!device.rules) continue;
    if (ref < devices_before.size() && devices_before[ref].rules) {
      device.rules->Inherit(*devices_before[ref].rules);
    }
    device.rules->Finish(ToNs(clock_.Now()));
    ScheduleLocked(ref);
  }
  for (auto& [key, watch] : before) watch.End(key.device_id, changes);
  return changes;
}

DeviceRules* Engine::FindLocked(std::string_view device_id) {
  const auto device = store_.FindDevice(device_id);
  if (!device || *device >= by_device_.size()) return nullptr;
  return by_device_[*device].rules.get();
}

bool Engine::Restore(const EpisodeKey& key, const Episode& episode, Severity severity,
                     size_t condition) {
  std::lock_guard lock(mutex_);
  DeviceRules* device = FindLocked(key.device_id);
  Watch* watch = device == nullptr ? nullptr : device->Find(key.rule_id);
  if (watch == nullptr) return false;
  watch->Restore(episode, severity, condition);
  device->Refresh(*watch, ToNs(clock_.Now()));
  ScheduleLocked(*store_.FindDevice(key.device_id));
  return true;
}

void Engine::SetEvaluatedUntil(const EpisodeKey& key, base::Timestamp until) {
  std::lock_guard lock(mutex_);
  DeviceRules* device = FindLocked(key.device_id);
  if (device == nullptr) return;
  if (Watch* watch = device->Find(key.rule_id)) watch->SetEvaluatedUntil(ToNs(until));
}

void Engine::SetReplayFrom(const EpisodeKey& key, base::Timestamp from) {
  std::lock_guard lock(mutex_);
  DeviceRules* device = FindLocked(key.device_id);
  if (device == nullptr) return;
  if (Watch* watch = device->Find(key.rule_id)) watch->SetReplayFrom(ToNs(from));
}

void Engine::SetLastRaised(const EpisodeKey& key, base::Timestamp at) {
  std::lock_guard lock(mutex_);
  DeviceRules* device = FindLocked(key.device_id);
  if (device == nullptr) return;
  if (Watch* watch = device->Find(key.rule_id)) watch->SetLastRaised(at);
}

std::vector<std::pair<std::shared_ptr<const Rule>, std::string>> Engine::Watching() {
  std::lock_guard lock(mutex_);
  std::vector<std::pair<std::shared_ptr<const Rule>, std::string>> all;
  for (Device& device : by_device_) {
    if (!device.rules) continue;
    for (Watch& watch : device.rules->watches()) {
      all.emplace_back(watch.program()->rule, device.rules->device_id());
    }
  }
  return all;
}

void Engine::BeginLive() {
  std::lock_guard lock(mutex_);
  const int64_t now = ToNs(clock_.Now());
  due_ = {};
  for (series::DeviceRef ref = 0; ref < by_device_.size(); ++ref) {
    if (!by_device_[ref].rules) continue;
    by_device_[ref].rules->BeginLive(now);
    by_device_[ref].scheduled_ns = kNever;
    ScheduleLocked(ref);
  }
}

void Engine::Forget(const EpisodeKey& key, base::Timestamp started_at) {
  std::lock_guard lock(mutex_);
  DeviceRules* device = FindLocked(key.device_id);
  Watch* watch = device == nullptr ? nullptr : device->Find(key.rule_id);
  if (watch == nullptr || !watch->firing()) return;
  // PostgreSQL keeps microseconds.
  const auto apart = watch->episode().started_at - started_at;
  if (apart > std::chrono::microseconds(1) || apart < std::chrono::microseconds(-1)) return;
  watch->Forget();
  device->Refresh(*watch, ToNs(clock_.Now()));
}

void Engine::ScheduleLocked(series::DeviceRef device) {
  Device& entry = by_device_[device];
  const int64_t deadline = entry.rules->next_deadline_ns();
  if (deadline >= entry.scheduled_ns) return;
  entry.scheduled_ns = deadline;
  due_.push({deadline, device});
}

void Engine::ReportLocked(std::vector<Transition>& out) {
  for (const series::DeviceRef ref : reporting_) {
    by_device_[ref].reporting = false;
    by_device_[ref].rules->Report(out);
  }
  reporting_.clear();
}

void Engine::Evaluate(const telemetry::CommittedBatch& batch, std::vector<Transition>& out) {
  const auto before = std::chrono::steady_clock::now();
  uint64_t conditions = 0;
  std::lock_guard lock(mutex_);
  const series::Batch& readings = batch.readings;
  const int64_t committed_ns = ToNs(batch.committed_at);
  const bool replay = committed_ns == 0;
  for (const series::Row& row : readings.rows) {
    if (row.device >= by_device_.size()) continue;
    Device& device = by_device_[row.device];
    if (!device.rules) continue;
    device.rules->Row({row.time_ns, replay ? row.time_ns : committed_ns},
                      {readings.fields.data() + row.first, row.count},
                      {readings.values.data() + row.first, row.count}, out);
    conditions += device.rules->TakeEvaluations();
    if (device.rules->next_deadline_ns() < device.scheduled_ns) ScheduleLocked(row.device);
    if (!device.rules->has_report() || device.reporting) continue;
    device.reporting = true;
    reporting_.push_back(row.device);
  }
  ReportLocked(out);
  evaluations_.Increment(static_cast<double>(conditions));
  seconds_.Observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count());
}

void Engine::Replay(series::DeviceRef device, const series::Series& block,
                    std::vector<Transition>& out) {
  std::lock_guard lock(mutex_);
  if (device >= by_device_.size() || !by_device_[device].rules) return;
  DeviceRules& rules = *by_device_[device].rules;
  rules.Replay(block, out);
  rules.Report(out);
  evaluations_.Increment(static_cast<double>(rules.TakeEvaluations()));
  ScheduleLocked(device);
}

void Engine::Tick(base::Timestamp now, std::vector<Transition>& out) {
  std::lock_guard lock(mutex_);
  const int64_t now_ns = ToNs(now);
  while (!due_.empty() && due_.top().deadline_ns <= now_ns) {
    const Due due = due_.top();
    due_.pop();
    Device& device = by_device_[due.device];
    if (device.scheduled_ns == due.deadline_ns) device.scheduled_ns = kNever;
    device.rules->Advance(now_ns, out);
    ScheduleLocked(due.device);
  }
}

}  // namespace energy::rules
