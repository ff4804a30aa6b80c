// What people do to a watch: rules that change, episodes that they end, and the start of the
// program.

#include <algorithm>

#include "rules/condition.h"
#include "rules/watch.h"

namespace energy::rules {
namespace {

bool SameMeaning(const Rule& a, const Rule& b) {
  return static_cast<const Condition&>(a) == static_cast<const Condition&>(b) && a.more == b.more &&
         a.join == b.join && a.levels == b.levels && a.severity == b.severity;
}

bool SameInputs(const Rule& a, const Rule& b) {
  if (a.condition_count() != b.condition_count() || a.join != b.join) return false;
  for (size_t i = 0; i < a.condition_count(); ++i) {
    const Condition& x = a.condition(i);
    const Condition& y = b.condition(i);
    if (x.kind != y.kind || x.property != y.property || x.aggregate != y.aggregate ||
        x.window != y.window) {
      return false;
    }
  }
  return true;
}

}  // namespace

void Watch::Replace(std::shared_ptr<Program> program, const std::string& device,
                    std::vector<Transition>& out) {
  const std::shared_ptr<Program> before = program_;
  if (SameMeaning(rule(), *program->rule)) {
    program_ = std::move(program);
    return;
  }
  if (!SameInputs(rule(), *program->rule)) {
    End(device, out);
    const std::optional<base::Timestamp> raised = last_raised_;
    *this = Watch(std::move(program), armed_ns_);
    last_raised_ = raised;
    return;
  }
  const Severity severity = before->steps[step_].severity;
  const double threshold = before->steps[step_].threshold;
  program_ = std::move(program);
  for (size_t i = 0; i < signals_.size(); ++i) {
    if (!signals_[i].known) continue;
    if (rule().condition(i).kind == ConditionKind::kNoData) {
      signals_[i].holds = signals_[i].holds && signals_[i].value >= rule().condition(i).threshold;
    } else {
      signals_[i].holds = Compare(rule().condition(i), signals_[i]);
    }
  }
  step_time_.fill(kNever);
  step_heard_.fill(kNever);
  if (phase_ == Phase::kPending && !Met()) phase_ = Phase::kCalm;
  if (!firing()) {
    step_ = 0;
    return;
  }
  const int64_t last = episode_.last_at.time_since_epoch().count();
  if (!Met() && phase_ == Phase::kFiring && rule().auto_resolve) {
    Clear(last, device, out);
    return;
  }
  // As far as the present value goes; what the episode had reached does not count any more.
  step_ = 0;
  for (size_t k = 1; k < program_->steps.size(); ++k) {
    if (Holds(rule().op, signals_.front().value, program_->steps[k].threshold)) step_ = k;
  }
  if (program_->steps[step_].severity != severity ||
      program_->steps[step_].threshold != threshold) {
    out.push_back(Describe(Change::kEscalated, device, last));
  }
}

void Watch::End(const std::string& device, std::vector<Transition>& out) {
  if (firing()) Clear(episode_.last_at.time_since_epoch().count(), device, out);
  phase_ = Phase::kCalm;
}

void Watch::Restore(const Episode& episode, Severity severity, size_t condition) {
  phase_ = Phase::kFiring;
  episode_ = episode;
  trigger_ = std::min(condition, signals_.size() - 1);
  const Condition& trigger = rule().condition(trigger_);
  if (trigger.kind == ConditionKind::kNoData) {
    armed_ns_ = episode.started_at.time_since_epoch().count() -
                static_cast<int64_t>(trigger.threshold * 1e9);
  }
  for (size_t k = 0; k < program_->steps.size(); ++k) {
    if (program_->steps[k].severity == severity) step_ = k;
  }
  for (Signal& signal : signals_) {
    signal.known = true;
    signal.holds = true;
    signal.value = episode.latest_value;
  }
  SetEvaluatedUntil(episode.last_at.time_since_epoch().count());
}

void Watch::SetEvaluatedUntil(int64_t until_ns) {
  ignore_until_ns_ = std::max(ignore_until_ns_, until_ns);
}

void Watch::Forget() {
  phase_ = Phase::kCalm;
  step_ = 0;
  touched_ = false;
}

}  // namespace energy::rules
