#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rules/model.h"
#include "rules/schedule.h"
#include "rules/transition.h"
#include "rules/window.h"

namespace energy::rules {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

/// a + b for times, at most kNever.
inline int64_t After(int64_t a, int64_t b) { return a > kNever - b ? kNever : a + b; }

/// The two clocks of what happens to a device's rules. In a replay they are the same.
struct Moment {
  int64_t time_ns;  ///< of the reading: what windows, durations and episodes count by
  int64_t
      heard_ns;  ///< when it arrived here: what timers count by, since they run without readings
};

/// A rule made ready for evaluation; shared by the devices that it watches. Threads: one at a time,
/// because of the clock of its schedule.
struct Program {
  explicit Program(std::shared_ptr<const Rule> from);

  struct Step {
    Severity severity;
    double threshold;
  };

  std::shared_ptr<const Rule> rule;
  std::vector<Step> steps;  ///< severities of the first condition, ascending
  int64_t hold_ns = 0;
  int64_t clear_hold_ns = 0;
  int64_t cooldown_ns = 0;
  std::optional<ScheduleClock> schedule;
};

/// The values for which nothing changes: a reading within [low, high] need not be looked at.
struct QuietBand {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  static QuietBand None() { return {1, 0}; }
  bool Has(double value) const { return value >= low && value <= high; }
  void Intersect(const QuietBand& other);
};

/// One rule on one device: how far it is between calm and an episode. Everything follows from the
/// readings, in the order of their time, and from the moments at which timers are due.
class Watch {
 public:
  /// Silence counts from `armed_ns` on.
  Watch(std::shared_ptr<Program> program, int64_t armed_ns);

  const Rule& rule() const { return *program_->rule; }
  const std::shared_ptr<Program>& program() const { return program_; }
  /// What a condition was found to be; for who asks why.
  struct Finding {
    bool known;  ///< it has seen a reading
    bool holds;
    double value;
  };
  Finding finding(size_t i) const {
    return {signals_[i].known, signals_[i].known && signals_[i].holds, signals_[i].value};
  }
  bool pending() const { return phase_ == Phase::kPending; }
  bool firing() const { return phase_ == Phase::kFiring || phase_ == Phase::kClearing; }
  const Episode& episode() const { return episode_; }

  /// A reading for condition `i`; `value` is what the condition looks at: of kNoData the seconds
  /// since the reading before. Step follows when all fields of the reading are in.
  void Take(size_t i, Moment at, double value);
  void Step(Moment at, const std::string& device, std::vector<Transition>& out);

  /// When, by the clock of arrival, something happens without a reading; kNever. `heard_ns`: when
  /// the last reading of condition `i` arrived.
  template <class Heard>
  int64_t Deadline(int64_t now_ns, Heard heard_ns) {
    int64_t deadline = PhaseDeadline(now_ns);
    for (size_t i = 0; i < signals_.size(); ++i) {
      deadline = std::min(deadline, SilenceDeadline(i, heard_ns(i)));
    }
    return deadline;
  }
  /// What is due at `due_ns`.
  template <class Heard>
  void OnTimer(int64_t due_ns, Heard heard_ns, const std::string& device,
               std::vector<Transition>& out) {
    for (size_t i = 0; i < signals_.size(); ++i) TakeSilence(i, due_ns, heard_ns(i));
    StepTimer(due_ns, device, out);
  }

  /// Values of condition `i`'s field that change nothing.
  QuietBand Band(size_t i) const;

  /// Puts a changed rule in the place of the present one. An episode goes on if the new rule still
  /// holds on the last values; otherwise it ends here.
  void Replace(std::shared_ptr<Program> program, const std::string& device,
               std::vector<Transition>& out);
  /// Ends the episode because the rule or the device is gone.
  void End(const std::string& device, std::vector<Transition>& out);

  /// `condition`: the one whose values the episode shows.
  void Restore(const Episode& episode, Severity severity, size_t condition);
  /// Seconds of silence at `now_ns`, when something was last heard at `heard_ns`.
  double Silence(int64_t heard_ns, int64_t now_ns) const {
    return static_cast<double>(now_ns - std::max(heard_ns, armed_ns_)) / 1e9;
  }
  void SetEvaluatedUntil(int64_t until_ns);
  /// Until BeginLive readings from before `from_ns` fill windows only.
  void SetReplayFrom(int64_t from_ns) { replay_from_ns_ = from_ns; }
  void SetLastRaised(base::Timestamp at) { last_raised_ = at; }
  std::optional<base::Timestamp> last_raised() const { return last_raised_; }
  void Forget();
  /// Timers count from now at the earliest: nobody listened before.
  void BeginLive(int64_t now_ns);

  /// At the end of a batch: reports an episode that went on.
  void Report(const std::string& device, std::vector<Transition>& out);

  bool queued = false;  ///< for who evaluates: waits for its Step
  bool listed = false;  ///< for who evaluates: waits for its Report

 private:
  enum class Phase { kCalm, kPending, kFiring, kClearing };
  struct Signal {
    bool known = false;
    bool holds = false;
    double value = 0;
    std::unique_ptr<Window> window;
  };
  static constexpr size_t kMaxSteps = 4;

  bool Compare(const Condition& condition, const Signal& signal) const;
  bool Met() const;
  bool AtWork(int64_t time_ns);
  int64_t PhaseDeadline(int64_t now_ns);
  int64_t SilenceDeadline(size_t i, int64_t heard_ns) const;
  void TakeSilence(size_t i, int64_t due_ns, int64_t heard_ns);
  void StepTimer(int64_t due_ns, const std::string& device, std::vector<Transition>& out);
  void NoteSteps(Moment at);
  size_t ReachedStep(int64_t time_ns, const std::array<int64_t, kMaxSteps>& since) const;
  void Begin(Moment at);
  void Note(int64_t time_ns);
  void Raise(int64_t time_ns, size_t step, const std::string& device, std::vector<Transition>& out);
  void Escalate(size_t step, int64_t time_ns, const std::string& device,
                std::vector<Transition>& out);
  void Clear(int64_t time_ns, const std::string& device, std::vector<Transition>& out);
  Transition Describe(Change change, const std::string& device, int64_t time_ns) const;

  std::shared_ptr<Program> program_;
  std::vector<Signal> signals_;
  Phase phase_ = Phase::kCalm;
  Moment since_{0, 0};                          // of the phase kPending or kClearing
  std::array<int64_t, kMaxSteps> step_time_{};  // since when each step holds, kNever: it does not
  std::array<int64_t, kMaxSteps> step_heard_{};
  size_t step_ = 0;     // reached by the episode
  size_t trigger_ = 0;  // the condition whose values the episode shows
  int64_t last_ns_ = INT64_MIN;
  int64_t ignore_until_ns_ = INT64_MIN;
  int64_t replay_from_ns_ = INT64_MIN;
  int64_t armed_ns_;
  std::optional<base::Timestamp> last_raised_;
  bool touched_ = false;
  Episode episode_;
};

}  // namespace energy::rules
