#include "rules/backtest.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "rules/device_rules.h"

namespace energy::rules {
namespace {

constexpr int64_t kMinuteNs = 60'000'000'000;
constexpr int64_t kDayNs = 1440 * kMinuteNs;

int64_t ToNs(base::Timestamp time) { return time.time_since_epoch().count(); }
double Minutes(int64_t ns) { return static_cast<double>(ns) / static_cast<double>(kMinuteNs); }

// What a row of the table of variants changes.
std::vector<BacktestVariant> VariantsOf(const Rule& rule) {
  std::vector<BacktestVariant> variants{{rule.clear_threshold, rule.hold, true, 0, 0, 0}};
  std::set<std::optional<double>> clears{rule.clear_threshold};
  const bool rises = rule.op == Operator::kGreater || rule.op == Operator::kGreaterEqual;
  const bool falls = rule.op == Operator::kLess || rule.op == Operator::kLessEqual;
  if (rule.kind != ConditionKind::kNoData && (rises || falls)) {
    clears.insert(std::nullopt);
    for (const double share : {0.02, 0.05}) {
      const double distance = std::abs(rule.threshold) * share;
      if (distance > 0) clears.insert(rule.threshold + (rises ? -distance : distance));
    }
  }
  std::set<std::chrono::seconds> holds{rule.hold};
  for (const int seconds : {0, 60, 300, 900}) holds.insert(std::chrono::seconds(seconds));
  for (const auto& clear : clears) {
    for (const auto hold : holds) {
      if (clear == rule.clear_threshold && hold == rule.hold) continue;
      variants.push_back({clear, hold, false, 0, 0, 0});
    }
  }
  return variants;
}

// Follows the transitions of all variants; rule ids are their numbers.
class Collector {
 public:
  Collector(const BacktestQuery& query, Backtest& result)
      : start_ns_(ToNs(query.start)), result_(result), open_(result.variants.size(), kNever) {
    const int64_t first = start_ns_ / kDayNs;
    const int64_t last = (ToNs(query.end) - 1) / kDayNs;
    result.minutes_by_day.assign(static_cast<size_t>(last - first + 1), 0);
  }

  void Take(const Transition& transition) {
    const size_t index = std::stoul(transition.rule->id);
    switch (transition.change) {
      case Change::kRaised:
        Begin(index, transition);
        break;
      case Change::kUpdated:
        break;
      case Change::kEscalated:
        if (index == 0) current_.severity = transition.severity;
        break;
      case Change::kCleared:
        End(index, ToNs(transition.at), transition.episode, ToNs(transition.at));
        break;
    }
  }
  // At the end of the range.
  void Close(size_t index, const Episode& episode, int64_t end_ns) {
    End(index, end_ns, episode, std::nullopt);
  }

 private:
  void Begin(size_t index, const Transition& transition) {
    BacktestVariant& variant = result_.variants[index];
    ++variant.episodes;
    if (transition.episode.suppressed) ++variant.suppressed;
    open_[index] = ToNs(transition.episode.started_at);
    if (index == 0) current_.severity = transition.severity;
  }
  void End(size_t index, int64_t end_ns, const Episode& episode, std::optional<int64_t> cleared) {
    const int64_t from = open_[index];
    result_.variants[index].alert_minutes += Minutes(end_ns - from);
    open_[index] = kNever;
    if (index != 0) return;
    for (int64_t at = from; at < end_ns;) {
      const int64_t next = std::min(end_ns, (at / kDayNs + 1) * kDayNs);
      const auto day = static_cast<size_t>(at / kDayNs - start_ns_ / kDayNs);
      if (day < result_.minutes_by_day.size()) result_.minutes_by_day[day] += Minutes(next - at);
      at = next;
    }
    if (result_.episodes.size() >= kMaxBacktestEpisodes) {
      result_.truncated = true;
      return;
    }
    current_.episode = episode;
    current_.end.reset();
    if (cleared) current_.end = base::Timestamp(std::chrono::nanoseconds(*cleared));
    result_.episodes.push_back(current_);
  }

  const int64_t start_ns_;
  Backtest& result_;
  std::vector<int64_t> open_;  // when the episode of each variant began
  BacktestEpisode current_;    // of the first variant
};

base::Status CheckRange(const BacktestQuery& query) {
  if (query.end <= query.start) return base::InvalidField("end", "must be after start");
  if (query.start < base::Timestamp{}) return base::InvalidField("start", "must be after 1970");
  if (query.end - query.start > kMaxBacktestDays) {
    return base::InvalidField("start", "lies more than 366 days before end: take a shorter range");
  }
  return {};
}

// All variants as rules of one device. The fields that have to be read.
std::vector<series::FieldRef> Prepare(const series::Store& store, const BacktestQuery& query,
                                      const Backtest& result, DeviceRules& rules) {
  std::vector<series::FieldRef> read;
  std::vector<series::FieldRef> of_conditions;
  for (size_t i = 0; i < query.rule.condition_count(); ++i) {
    const auto field = store.FindField(query.rule.condition(i).property);
    // One that no reading has gets a handle of its own.
    of_conditions.push_back(field.value_or(static_cast<series::FieldRef>(UINT16_MAX - i)));
    if (field && std::find(read.begin(), read.end(), *field) == read.end()) read.push_back(*field);
  }
  for (size_t i = 0; i < result.variants.size(); ++i) {
    auto rule = std::make_shared<Rule>(query.rule);
    rule->id = std::to_string(i);
    rule->clear_threshold = result.variants[i].clear_threshold;
    rule->hold = result.variants[i].hold;
    rule->last_triggered.reset();
    rules.Add(Watch(std::make_shared<Program>(rule), ToNs(query.start)), of_conditions);
  }
  rules.Finish(ToNs(query.start));
  return read;
}

}  // namespace

base::Result<Backtest> RunBacktest(const series::Store& store, const BacktestQuery& query,
                                   const std::function<bool()>& cancelled) {
  ENERGY_RETURN_IF_ERROR(CheckRange(query));
  Backtest result;
  result.variants = VariantsOf(query.rule);
  DeviceRules rules(query.device_id);
  const std::vector<series::FieldRef> fields = Prepare(store, query, result, rules);

  Collector collector(query, result);
  std::vector<Transition> transitions;
  const auto take = [&] {
    for (const Transition& transition : transitions) collector.Take(transition);
    transitions.clear();
  };
  bool stopped = false;
  const auto look = [&](const series::Series& block) {
    result.readings += block.time_ns.size();
    rules.Replay(block, transitions);
    take();
    stopped = cancelled();
    return !stopped;
  };
  const int64_t end_ns = ToNs(query.end);
  if (const auto device = store.FindDevice(query.device_id); device && !fields.empty()) {
    ENERGY_RETURN_IF_ERROR(store.Scan(
        {.device = *device, .start_ns = ToNs(query.start), .end_ns = end_ns, .fields = fields},
        look));
  }
  if (stopped) return base::Unavailable("the backtest was stopped: take a shorter range");
  rules.Advance(end_ns, transitions);
  take();
  for (size_t i = 0; i < rules.watches().size(); ++i) {
    const Watch& watch = rules.watches()[i];
    if (watch.firing()) collector.Close(i, watch.episode(), end_ns);
  }
  return result;
}

}  // namespace energy::rules
