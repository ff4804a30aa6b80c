#include "rules/device_rules.h"

#include <algorithm>
#include <cmath>

namespace energy::rules {
namespace {

// Rows that are looked at together in a replay.
constexpr size_t kChunk = 256;
// Timers of one watch in one go: beyond that a gap is so long that the rest waits for the next
// call.
constexpr int kMaxTimers = 10'000;
constexpr int64_t kLater = 1'000'000'000;

// Whether any value lies outside [low, high]; what is not there does not. Without branches, so that
// the compiler makes it a comparison of several at a time.
bool AnyOutside(const double* values, size_t count, double low, double high) {
  unsigned outside = 0;
  for (size_t i = 0; i < count; ++i) {
    outside |= static_cast<unsigned>(values[i] < low) | static_cast<unsigned>(values[i] > high);
  }
  return outside != 0;
}

}  // namespace

DeviceRules::Slot* DeviceRules::FindSlot(series::FieldRef field) {
  for (Slot& slot : slots_) {
    if (slot.field == field) return &slot;
  }
  return nullptr;
}

void DeviceRules::Add(Watch watch, const std::vector<series::FieldRef>& fields) {
  const auto index = static_cast<uint32_t>(watches_.size());
  watches_.push_back(std::move(watch));
  timers_.push_back({});
  std::vector<Place>& places = slots_of_.emplace_back();
  for (uint32_t i = 0; i < fields.size(); ++i) {
    Slot* slot = FindSlot(fields[i]);
    if (slot == nullptr) {
      slot = &slots_.emplace_back();
      slot->field = fields[i];
    }
    places.push_back(
        {static_cast<uint32_t>(slot - slots_.data()), static_cast<uint32_t>(slot->users.size())});
    slot->users.push_back({index, i});
    slot->low.push_back(QuietBand::None().low);
    slot->high.push_back(QuietBand::None().high);
    slot->band = QuietBand::None();
  }
}

void DeviceRules::Inherit(const DeviceRules& before) {
  for (Slot& slot : slots_) {
    for (const Slot& old : before.slots_) {
      if (old.field != slot.field) continue;
      slot.newest_ns = old.newest_ns;
      slot.heard_ns = old.heard_ns;
    }
  }
}

void DeviceRules::Finish(int64_t now_ns) {
  for (uint32_t i = 0; i < watches_.size(); ++i) {
    UpdateBands(i);
    UpdateDeadline(i, now_ns);
  }
}

void DeviceRules::BeginLive(int64_t now_ns) {
  next_deadline_ns_ = kNever;
  for (uint32_t i = 0; i < watches_.size(); ++i) {
    watches_[i].BeginLive(now_ns);
    UpdateDeadline(i, now_ns);
  }
}

void DeviceRules::UpdateBands(uint32_t watch) {
  const std::vector<Place>& places = slots_of_[watch];
  for (size_t i = 0; i < places.size(); ++i) {
    Slot& slot = slots_[places[i].slot];
    const QuietBand band = watches_[watch].Band(i);
    double& low = slot.low[places[i].user];
    double& high = slot.high[places[i].user];
    if (low == band.low && high == band.high) continue;
    low = band.low;
    high = band.high;
    slot.band = {};
    for (size_t u = 0; u < slot.low.size(); ++u) {
      slot.band.Intersect({slot.low[u], slot.high[u]});
    }
  }
}

void DeviceRules::UpdateDeadline(uint32_t watch, int64_t seen_ns) {
  Timer& timer = timers_[watch];
  timer.seen_ns = seen_ns;
  timer.deadline_ns =
      watches_[watch].Deadline(seen_ns, [&](size_t i) { return HeardOf(watch, i); });
  next_deadline_ns_ = std::min(next_deadline_ns_, timer.deadline_ns);
}

void DeviceRules::Refresh(const Watch& watch, int64_t now_ns) {
  const auto index = static_cast<uint32_t>(&watch - watches_.data());
  UpdateBands(index);
  UpdateDeadline(index, now_ns);
}

Watch* DeviceRules::Find(std::string_view rule_id) {
  for (Watch& watch : watches_) {
    if (watch.rule().id == rule_id) return &watch;
  }
  return nullptr;
}

// Whether somebody has to look at it.
bool DeviceRules::Take(Slot& slot, Moment at, double value) {
  if (at.time_ns <= slot.newest_ns || std::isnan(value)) return false;
  evaluations_ += slot.users.size();
  const int64_t heard_before = slot.heard_ns;
  slot.newest_ns = at.time_ns;
  slot.heard_ns = std::max(slot.heard_ns, at.heard_ns);
  if (slot.band.Has(value) && !look_at_all_) return false;
  for (size_t u = 0; u < slot.users.size(); ++u) {
    if (value >= slot.low[u] && value <= slot.high[u] && !look_at_all_) continue;
    const User user = slot.users[u];
    Watch& watch = watches_[user.watch];
    const bool silence = watch.rule().condition(user.condition).kind == ConditionKind::kNoData;
    watch.Take(user.condition, at, silence ? watch.Silence(heard_before, at.heard_ns) : value);
    if (watch.queued) continue;
    watch.queued = true;
    queued_.push_back(user.watch);
  }
  return true;
}

void DeviceRules::StepQueued(Moment at, std::vector<Transition>& out) {
  for (const uint32_t index : queued_) {
    Watch& watch = watches_[index];
    watch.queued = false;
    watch.Step(at, device_id_, out);
    if (watch.firing() && !watch.listed) {
      watch.listed = true;
      touched_.push_back(index);
    }
    UpdateBands(index);
    UpdateDeadline(index, at.heard_ns);
  }
  queued_.clear();
}

void DeviceRules::Row(Moment at, std::span<const series::FieldRef> fields,
                      std::span<const double> values, std::vector<Transition>& out) {
  if (at.heard_ns >= next_deadline_ns_) Advance(at.heard_ns, out);
  for (size_t i = 0; i < fields.size(); ++i) {
    if (Slot* slot = FindSlot(fields[i])) Take(*slot, at, values[i]);
  }
  if (!queued_.empty()) StepQueued(at, out);
}

void DeviceRules::Advance(int64_t now_ns, std::vector<Transition>& out) {
  if (now_ns < next_deadline_ns_) return;
  next_deadline_ns_ = kNever;
  for (uint32_t index = 0; index < watches_.size(); ++index) {
    Watch& watch = watches_[index];
    const auto heard = [&](size_t i) { return HeardOf(index, i); };
    Timer& timer = timers_[index];
    if (timer.deadline_ns > now_ns) {
      next_deadline_ns_ = std::min(next_deadline_ns_, timer.deadline_ns);
      continue;
    }
    UpdateDeadline(index, timer.seen_ns);
    for (int i = 0; i < kMaxTimers && timer.deadline_ns <= now_ns; ++i) {
      const int64_t due = timer.deadline_ns;
      watch.OnTimer(due, heard, device_id_, out);
      UpdateDeadline(index, std::max(due, timer.seen_ns));
    }
    // What is still due then has nothing to do at present.
    if (timer.deadline_ns <= now_ns) timer.deadline_ns = now_ns + kLater;
    UpdateBands(index);
  }
  next_deadline_ns_ = kNever;
  for (const Timer& timer : timers_) {
    next_deadline_ns_ = std::min(next_deadline_ns_, timer.deadline_ns);
  }
}

bool DeviceRules::QuietChunk(const series::Series& block, size_t begin, size_t end) {
  if (look_at_all_ || block.time_ns[end - 1] >= next_deadline_ns_) return false;
  for (size_t c = 0; c < columns_.size(); ++c) {
    const Slot* slot = columns_[c];
    if (slot == nullptr) continue;
    if (block.time_ns[begin] <= slot->newest_ns) return false;
    const double* values = block.columns[c].data() + begin;
    if (AnyOutside(values, end - begin, slot->band.low, slot->band.high)) return false;
  }
  for (size_t c = 0; c < columns_.size(); ++c) {
    Slot* slot = columns_[c];
    if (slot == nullptr) continue;
    size_t last = end;
    while (last > begin && std::isnan(block.columns[c][last - 1])) --last;
    if (last == begin) continue;
    slot->newest_ns = block.time_ns[last - 1];
    slot->heard_ns = std::max(slot->heard_ns, slot->newest_ns);
    evaluations_ += slot->users.size() * (end - begin);
  }
  return true;
}

void DeviceRules::Replay(const series::Series& block, std::vector<Transition>& out) {
  columns_.clear();
  for (const series::FieldRef field : block.fields) columns_.push_back(FindSlot(field));
  const size_t rows = block.time_ns.size();
  for (size_t begin = 0; begin < rows; begin += kChunk) {
    const size_t end = std::min(rows, begin + kChunk);
    if (QuietChunk(block, begin, end)) continue;
    for (size_t row = begin; row < end; ++row) {
      const int64_t time = block.time_ns[row];
      if (time >= next_deadline_ns_) Advance(time, out);
      for (size_t c = 0; c < columns_.size(); ++c) {
        if (columns_[c] != nullptr) Take(*columns_[c], {time, time}, block.columns[c][row]);
      }
      if (!queued_.empty()) StepQueued({time, time}, out);
    }
  }
}

void DeviceRules::Report(std::vector<Transition>& out) {
  for (const uint32_t index : touched_) {
    watches_[index].listed = false;
    watches_[index].Report(device_id_, out);
  }
  touched_.clear();
}

uint64_t DeviceRules::TakeEvaluations() { return std::exchange(evaluations_, 0); }

}  // namespace energy::rules
