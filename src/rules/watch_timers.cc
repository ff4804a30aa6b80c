// What happens to a watch without readings.

#include <algorithm>

#include "rules/watch.h"

namespace energy::rules {

int64_t Watch::PhaseDeadline(int64_t now_ns) {
  int64_t deadline = kNever;
  switch (phase_) {
    case Phase::kCalm:
      break;
    case Phase::kPending:
      deadline = After(since_.heard_ns, program_->hold_ns);
      break;
    case Phase::kClearing:
      deadline = After(since_.heard_ns, program_->clear_hold_ns);
      break;
    case Phase::kFiring:
      for (size_t k = step_ + 1; k < program_->steps.size(); ++k) {
        if (step_heard_[k] == kNever) continue;
        deadline = std::min(deadline, After(step_heard_[k], program_->hold_ns));
      }
      break;
  }
  if (!program_->schedule) return deadline;
  bool silent = false;
  for (size_t i = 0; i < signals_.size(); ++i) {
    silent |= signals_[i].holds && rule().condition(i).kind == ConditionKind::kNoData;
  }
  if (phase_ == Phase::kCalm && !silent) return deadline;
  return std::min(deadline, program_->schedule->NextChange(now_ns));
}

int64_t Watch::SilenceDeadline(size_t i, int64_t heard_ns) const {
  const Condition& condition = rule().condition(i);
  if (condition.kind != ConditionKind::kNoData) return kNever;
  const int64_t from = std::max(heard_ns, armed_ns_);
  const auto due = [&](double seconds) { return After(from, static_cast<int64_t>(seconds * 1e9)); };
  if (!signals_[i].holds) return due(condition.threshold);
  if (i != 0) return kNever;
  // Silent already: the next severity.
  for (size_t k = 1; k < program_->steps.size(); ++k) {
    if (step_time_[k] == kNever) return due(program_->steps[k].threshold);
  }
  return kNever;
}

void Watch::TakeSilence(size_t i, int64_t due_ns, int64_t heard_ns) {
  const Condition& condition = rule().condition(i);
  if (condition.kind != ConditionKind::kNoData) return;
  Signal& signal = signals_[i];
  const double seconds = Silence(heard_ns, due_ns);
  if (!signal.holds && seconds < condition.threshold) return;
  signal.known = true;
  signal.holds = true;
  signal.value = seconds;
}

void Watch::StepTimer(int64_t due_ns, const std::string& device, std::vector<Transition>& out) {
  const bool at_work = AtWork(due_ns);
  const bool met = at_work && Met();
  const Moment at{due_ns, due_ns};
  NoteSteps(at);
  if (phase_ == Phase::kCalm) {
    if (!met) return;
    Begin(at);
    Note(due_ns);
  }
  if (phase_ == Phase::kPending) {
    if (!met) {
      phase_ = Phase::kCalm;
      return;
    }
    if (due_ns < After(since_.heard_ns, program_->hold_ns)) return;
    episode_.latest_value = signals_[trigger_].value;
    Raise(After(since_.time_ns, program_->hold_ns), ReachedStep(due_ns, step_heard_), device, out);
    return;
  }
  if (met) {
    const size_t step = ReachedStep(due_ns, step_heard_);
    if (step <= step_) return;
    if (rule().condition(trigger_).kind == ConditionKind::kNoData) {
      episode_.latest_value = episode_.worst_value = signals_[trigger_].value;
    }
    Escalate(step, due_ns, device, out);
    return;
  }
  if (!rule().auto_resolve) return;
  if (!at_work) {
    Clear(due_ns, device, out);
  } else if (phase_ == Phase::kClearing &&
             due_ns >= After(since_.heard_ns, program_->clear_hold_ns)) {
    Clear(After(since_.time_ns, program_->clear_hold_ns), device, out);
  }
}

void Watch::BeginLive(int64_t now_ns) {
  replay_from_ns_ = INT64_MIN;
  if (!firing()) armed_ns_ = std::max(armed_ns_, now_ns);
  since_.heard_ns = std::max(since_.heard_ns, now_ns);
  for (int64_t& heard : step_heard_) {
    if (heard != kNever) heard = std::max(heard, now_ns);
  }
}

}  // namespace energy::rules
