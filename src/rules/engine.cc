#include "rules/engine.h"

#include <algorithm>
#include <chrono>

#include "rules/condition.h"

namespace energy::rules {
namespace {

// True when an episode under the old rule is still one under the new rule.
bool WatchesTheSame(const Rule& a, const Rule& b) {
  return a.device_id == b.device_id && a.property == b.property && a.op == b.op &&
         a.threshold == b.threshold && a.clear_threshold == b.clear_threshold;
}

}  // namespace

Engine::Engine(series::Store& store, base::Metrics& metrics)
    : store_(store),
      seconds_(metrics.Histogram("rule_evaluation_duration_seconds",
                                 "Time to evaluate all rules on one committed batch.",
                                 base::LatencySecondsBounds())),
      evaluations_(metrics.Counter("rule_evaluations_total", "Conditions evaluated.")) {}

std::vector<Transition> Engine::SetRules(const std::vector<Rule>& rules) {
  std::lock_guard lock(mutex_);
  std::unordered_map<std::string, Compiled> before;
  for (auto& of_device : by_device_) {
    for (Compiled& compiled : of_device) before.emplace(compiled.rule->id, std::move(compiled));
  }
  by_device_.clear();
  for (const Rule& rule : rules) {
    if (rule.status != RuleStatus::kActive) continue;
    const auto device = store_.OpenDevice(rule.device_id);
    const auto field = store_.OpenField(rule.property);
    if (!device.ok() || !field.ok()) continue;  // the store is full: no reading can come either
    if (by_device_.size() <= *device) by_device_.resize(*device + 1);

    Compiled compiled;
    compiled.rule = std::make_shared<const Rule>(rule);
    compiled.field = *field;
    compiled.last_raised = rule.last_triggered;
    if (const auto old = before.find(rule.id);
        old != before.end() && WatchesTheSame(*old->second.rule, rule)) {
      compiled.evaluated_until_ns = old->second.evaluated_until_ns;
      compiled.last_raised = old->second.last_raised;
      compiled.firing = old->second.firing;
      compiled.episode = old->second.episode;
      before.erase(old);
    }
    by_device_[*device].push_back(std::move(compiled));
  }
  std::vector<Transition> ended;
  for (auto& [id, compiled] : before) {
    if (!compiled.firing) continue;
    const base::Timestamp at = compiled.episode.last_at;
    ended.push_back(Describe(Change::kCleared, compiled, at));
  }
  return ended;
}

Transition Engine::Describe(Change change, const Compiled& compiled, base::Timestamp at) {
  const Rule& rule = *compiled.rule;
  return {change, compiled.rule, rule.device_id, rule.severity, rule.threshold, compiled.episode,
          at};
}

Engine::Compiled* Engine::FindLocked(const EpisodeKey& key) {
  const auto device = store_.FindDevice(key.device_id);
  if (!device || *device >= by_device_.size()) return nullptr;
  for (Compiled& compiled : by_device_[*device]) {
    if (compiled.rule->id == key.rule_id) return &compiled;
  }
  return nullptr;
}

bool Engine::Restore(const EpisodeKey& key, const Episode& episode, Severity /*severity*/) {
  std::lock_guard lock(mutex_);
  Compiled* compiled = FindLocked(key);
  if (compiled == nullptr) return false;
  compiled->firing = true;
  compiled->episode = episode;
  compiled->evaluated_until_ns = episode.last_at.time_since_epoch().count();
  return true;
}

void Engine::SetEvaluatedUntil(const EpisodeKey& key, base::Timestamp until) {
  std::lock_guard lock(mutex_);
  if (Compiled* compiled = FindLocked(key)) {
    compiled->evaluated_until_ns =
        std::max<int64_t>(compiled->evaluated_until_ns, until.time_since_epoch().count());
  }
}

void Engine::Forget(const EpisodeKey& key) {
  std::lock_guard lock(mutex_);
  if (Compiled* compiled = FindLocked(key)) compiled->firing = false;
}

void Engine::Evaluate(const telemetry::CommittedBatch& batch, std::vector<Transition>& out) {
  const auto before = std::chrono::steady_clock::now();
  uint64_t conditions = 0;
  std::lock_guard lock(mutex_);
  const series::Batch& readings = batch.readings;
  for (const series::Row& row : readings.rows) {
    if (row.device >= by_device_.size()) continue;
    for (Compiled& compiled : by_device_[row.device]) {
      for (uint32_t i = row.first; i < row.first + row.count; ++i) {
        if (readings.fields[i] != compiled.field) continue;
        EvaluateRow(compiled, row.time_ns, readings.values[i], out);
        ++conditions;
        break;
      }
    }
  }
  for (Compiled* compiled : touched_) {
    compiled->touched = false;
    if (!compiled->firing) continue;
    out.push_back(Describe(Change::kUpdated, *compiled, compiled->episode.last_at));
  }
  touched_.clear();
  evaluations_.Increment(static_cast<double>(conditions));
  seconds_.Observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count());
}

void Engine::EvaluateRow(Compiled& compiled, int64_t time_ns, double value,
                         std::vector<Transition>& out) {
  if (time_ns <= compiled.evaluated_until_ns) return;
  compiled.evaluated_until_ns = time_ns;
  const Rule& rule = *compiled.rule;
  const base::Timestamp at{std::chrono::nanoseconds(time_ns)};

  if (!compiled.firing) {
    if (!Holds(rule.op, value, rule.threshold)) return;
    const bool suppressed =
        compiled.last_raised &&
        at < *compiled.last_raised + std::chrono::minutes(rule.cooldown_minutes);
    if (!suppressed) compiled.last_raised = at;
    compiled.firing = true;
    compiled.episode = {suppressed, at, at, value, value, value, 1};
    out.push_back(Describe(Change::kRaised, compiled, at));
    return;
  }
  if (!KeepsFiring(rule.op, value, rule.threshold, rule.clear_threshold)) {
    compiled.firing = false;
    out.push_back(Describe(Change::kCleared, compiled, at));
    return;
  }
  Episode& episode = compiled.episode;
  episode.last_at = at;
  episode.latest_value = value;
  episode.worst_value = Worse(rule.op, episode.worst_value, value);
  ++episode.count;
  if (compiled.touched) return;
  compiled.touched = true;
  touched_.push_back(&compiled);
}

}  // namespace energy::rules
