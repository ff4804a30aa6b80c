#include "rules/watch.h"

#include <algorithm>
#include <cmath>

#include "rules/condition.h"

namespace energy::rules {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

int64_t Nanoseconds(std::chrono::nanoseconds duration) { return duration.count(); }
base::Timestamp ToTime(int64_t ns) { return base::Timestamp(std::chrono::nanoseconds(ns)); }

bool HasWindow(const Condition& condition) {
  return condition.kind == ConditionKind::kAggregate || condition.kind == ConditionKind::kChange;
}

double ValueOf(const Condition& condition, const Window& window) {
  if (condition.kind == ConditionKind::kChange) return window.newest() - window.oldest();
  switch (condition.aggregate) {
    case Aggregate::kMean:
      return window.sum() / static_cast<double>(window.count());
    case Aggregate::kMin:
      return window.min();
    case Aggregate::kMax:
      return window.max();
    case Aggregate::kSum:
      return window.sum();
    case Aggregate::kCount:
      return static_cast<double>(window.count());
    case Aggregate::kSpread:
      return window.max() - window.min();
  }
  return 0;
}

// Where a condition that does (not) hold goes on as it is.
QuietBand SameSide(Operator op, double threshold, bool holds) {
  switch (op) {
    case Operator::kGreater:
      return holds ? QuietBand{std::nextafter(threshold, kInfinity), kInfinity}
                   : QuietBand{-kInfinity, threshold};
    case Operator::kGreaterEqual:
      return holds ? QuietBand{threshold, kInfinity}
                   : QuietBand{-kInfinity, std::nextafter(threshold, -kInfinity)};
    case Operator::kLess:
      return holds ? QuietBand{-kInfinity, std::nextafter(threshold, -kInfinity)}
                   : QuietBand{threshold, kInfinity};
    case Operator::kLessEqual:
      return holds ? QuietBand{-kInfinity, threshold}
                   : QuietBand{std::nextafter(threshold, kInfinity), kInfinity};
    case Operator::kEqual:
    case Operator::kNotEqual:
      return QuietBand::None();
  }
  return QuietBand::None();
}

}  // namespace

Program::Program(std::shared_ptr<const Rule> from) : rule(std::move(from)) {
  steps.push_back({rule->severity, rule->threshold});
  for (const Level& level : rule->levels) steps.push_back({level.severity, level.threshold});
  hold_ns = Nanoseconds(rule->hold);
  clear_hold_ns = Nanoseconds(rule->clear_hold);
  cooldown_ns = Nanoseconds(std::chrono::minutes(rule->cooldown_minutes));
  if (rule->schedule) schedule.emplace(*rule->schedule);
}

void QuietBand::Intersect(const QuietBand& other) {
  low = std::max(low, other.low);
  high = std::min(high, other.high);
}

Watch::Watch(std::shared_ptr<Program> program, int64_t armed_ns)
    : program_(std::move(program)), signals_(rule().condition_count()), armed_ns_(armed_ns) {
  for (size_t i = 0; i < signals_.size(); ++i) {
    const Condition& condition = rule().condition(i);
    if (!HasWindow(condition)) continue;
    signals_[i].window =
        std::make_unique<Window>(condition.window, condition.kind == ConditionKind::kChange);
  }
  step_time_.fill(kNever);
  step_heard_.fill(kNever);
  // Of a rule that watches many devices it is that of some other.
  if (!rule().device_id.empty()) last_raised_ = rule().last_triggered;
}

bool Watch::Compare(const Condition& condition, const Signal& signal) const {
  if (firing() && signal.holds) {
    return KeepsFiring(condition.op, signal.value, condition.threshold, condition.clear_threshold);
  }
  return Holds(condition.op, signal.value, condition.threshold);
}

void Watch::Take(size_t i, Moment at, double value) {
  Signal& signal = signals_[i];
  const Condition& condition = rule().condition(i);
  if (condition.kind == ConditionKind::kNoData) {
    if (firing() && trigger_ == i && signal.holds) {
      episode_.latest_value = episode_.worst_value = value;
    }
    signal.known = true;
    signal.holds = false;
    signal.value = 0;
    return;
  }
  if (signal.window) {
    signal.window->Add(at.time_ns, value);
    signal.value = ValueOf(condition, *signal.window);
  } else {
    signal.value = value;
  }
  signal.known = true;
  signal.holds = Compare(condition, signal);
}

bool Watch::Met() const {
  const auto holds = [](const Signal& signal) { return signal.known && signal.holds; };
  return rule().join == Join::kAll ? std::all_of(signals_.begin(), signals_.end(), holds)
                                   : std::any_of(signals_.begin(), signals_.end(), holds);
}

bool Watch::AtWork(int64_t time_ns) {
  return !program_->schedule || program_->schedule->ActiveAt(time_ns);
}

void Watch::NoteSteps(Moment at) {
  const Signal& first = signals_.front();
  for (size_t k = 0; k < program_->steps.size(); ++k) {
    const bool holds = first.known && first.holds &&
                       (k == 0 || Holds(rule().op, first.value, program_->steps[k].threshold));
    if (!holds) {
      step_time_[k] = step_heard_[k] = kNever;
    } else if (step_time_[k] == kNever) {
      step_time_[k] = at.time_ns;
      step_heard_[k] = at.heard_ns;
    }
  }
}

size_t Watch::ReachedStep(int64_t time_ns, const std::array<int64_t, kMaxSteps>& since) const {
  for (size_t k = program_->steps.size(); k-- > 1;) {
    if (since[k] != kNever && After(since[k], program_->hold_ns) <= time_ns) return k;
  }
  return 0;
}

void Watch::Begin(Moment at) {
  phase_ = Phase::kPending;
  since_ = at;
  trigger_ = 0;
  for (size_t i = 0; i < signals_.size(); ++i) {
    if (!signals_[i].holds) continue;
    trigger_ = i;
    break;
  }
  episode_ = {};
  episode_.worst_value = signals_[trigger_].value;
}

void Watch::Note(int64_t time_ns) {
  const double value = signals_[trigger_].value;
  episode_.last_at = ToTime(time_ns);
  episode_.latest_value = value;
  episode_.worst_value = Worse(rule().condition(trigger_).op, episode_.worst_value, value);
  ++episode_.count;
}

Transition Watch::Describe(Change change, const std::string& device, int64_t time_ns) const {
  Transition transition;
  transition.change = change;
  transition.rule = program_->rule;
  transition.device_id = device;
  transition.severity = program_->steps[step_].severity;
  transition.threshold =
      trigger_ == 0 ? program_->steps[step_].threshold : rule().condition(trigger_).threshold;
  transition.episode = episode_;
  transition.at = ToTime(time_ns);
  transition.condition = trigger_;
  return transition;
}

void Watch::Raise(int64_t time_ns, size_t step, const std::string& device,
                  std::vector<Transition>& out) {
  const base::Timestamp at = ToTime(time_ns);
  phase_ = Phase::kFiring;
  step_ = step;
  episode_.started_at = at;
  episode_.last_at = std::max(episode_.last_at, at);
  episode_.first_value = episode_.latest_value;
  episode_.suppressed =
      last_raised_ && at < *last_raised_ + std::chrono::nanoseconds(program_->cooldown_ns);
  if (!episode_.suppressed) last_raised_ = at;
  out.push_back(Describe(Change::kRaised, device, time_ns));
}

void Watch::Escalate(size_t step, int64_t time_ns, const std::string& device,
                     std::vector<Transition>& out) {
  step_ = step;
  // What was too soon after the last to notify anybody has become another matter.
  if (episode_.suppressed) {
    episode_.suppressed = false;
    last_raised_ = ToTime(time_ns);
  }
  out.push_back(Describe(Change::kEscalated, device, time_ns));
}

void Watch::Clear(int64_t time_ns, const std::string& device, std::vector<Transition>& out) {
  phase_ = Phase::kCalm;
  time_ns = std::max(time_ns, episode_.started_at.time_since_epoch().count());
  out.push_back(Describe(Change::kCleared, device, time_ns));
  step_ = 0;
  touched_ = false;
}

void Watch::Step(Moment at, const std::string& device, std::vector<Transition>& out) {
  at.time_ns = std::max(at.time_ns, last_ns_);
  if (at.time_ns <= ignore_until_ns_ || at.time_ns < replay_from_ns_) return;
  last_ns_ = at.time_ns;
  const bool at_work = AtWork(at.time_ns);
  const bool met = at_work && Met();
  NoteSteps(at);
  if (phase_ == Phase::kCalm) {
    if (!met) return;
    Begin(at);
  }
  if (phase_ == Phase::kPending) {
    if (!met) {
      phase_ = Phase::kCalm;
      return;
    }
    Note(at.time_ns);
    const int64_t due = After(since_.time_ns, program_->hold_ns);
    if (at.time_ns >= due) Raise(due, ReachedStep(at.time_ns, step_time_), device, out);
    return;
  }
  if (met) {
    phase_ = Phase::kFiring;
    Note(at.time_ns);
    touched_ = true;
    const size_t step = ReachedStep(at.time_ns, step_time_);
    if (step > step_) Escalate(step, at.time_ns, device, out);
    return;
  }
  if (!rule().auto_resolve) return;
  if (phase_ == Phase::kFiring) {
    phase_ = Phase::kClearing;
    since_ = at;
  }
  // Silence ends when something is heard, whatever the device's clock says.
  const bool silence = rule().condition(trigger_).kind == ConditionKind::kNoData;
  const int64_t now = silence ? at.heard_ns : at.time_ns;
  const int64_t due = After(silence ? since_.heard_ns : since_.time_ns, program_->clear_hold_ns);
  if (!at_work) {
    Clear(now, device, out);
  } else if (now >= due) {
    Clear(due, device, out);
  }
}

QuietBand Watch::Band(size_t i) const {
  const Signal& signal = signals_[i];
  const Condition& condition = rule().condition(i);
  if (signal.window || phase_ != Phase::kCalm) return QuietBand::None();
  if (condition.kind == ConditionKind::kNoData) {
    return signal.holds ? QuietBand::None() : QuietBand{};
  }
  // Calm although it is met: the schedule, or a person who ended the episode. The next reading
  // tells.
  if (!signal.known || Met()) return QuietBand::None();
  // Of several the values of those that hold are shown once the others do.
  if (signal.holds && signals_.size() > 1) return QuietBand::None();
  return SameSide(condition.op, condition.threshold, signal.holds);
}

void Watch::Report(const std::string& device, std::vector<Transition>& out) {
  if (!touched_) return;
  touched_ = false;
  out.push_back(Describe(Change::kUpdated, device, episode_.last_at.time_since_epoch().count()));
}

}  // namespace energy::rules
