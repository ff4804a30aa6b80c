#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rules/watch.h"
#include "series/store.h"

namespace energy::rules {

/// All rules of one device, laid out by field: for each field the conditions on it, and the band of
/// values for which none of them changes. Most readings cost one comparison a field, however many
/// rules watch it.
///
/// A reading not newer than the last one of its field is passed over: late and repeated readings
/// neither raise nor clear. Threads: one at a time. Allocates only where something changes.
class DeviceRules {
 public:
  explicit DeviceRules(std::string device_id) : device_id_(std::move(device_id)) {}

  const std::string& device_id() const { return device_id_; }

  /// `fields`: of the rule's conditions, in order.
  void Add(Watch watch, const std::vector<series::FieldRef>& fields);
  /// Takes over which readings `before` has seen.
  void Inherit(const DeviceRules& before);
  /// Timers count from now at the earliest.
  void BeginLive(int64_t now_ns);
  /// From now on even readings that change nothing are looked at, so that the last values of all
  /// conditions are known. Slow.
  void LookAtAll() { look_at_all_ = true; }
  /// After the last Add.
  void Finish(int64_t now_ns);

  /// One reading. Timers that are due by `at.heard_ns` come first.
  void Row(Moment at, std::span<const series::FieldRef> fields, std::span<const double> values,
           std::vector<Transition>& out);
  /// Readings in order of time, in columns, as if each arrived at its time.
  void Replay(const series::Series& block, std::vector<Transition>& out);
  /// What is due by `now_ns` by the clock of arrival.
  void Advance(int64_t now_ns, std::vector<Transition>& out);
  /// When Advance has to be called next at the latest; kNever.
  int64_t next_deadline_ns() const { return next_deadline_ns_; }

  /// Reports the episodes that went on since the last call.
  void Report(std::vector<Transition>& out);
  bool has_report() const { return !touched_.empty(); }

  std::vector<Watch>& watches() { return watches_; }
  Watch* Find(std::string_view rule_id);
  /// After a change of a watch from outside.
  void Refresh(const Watch& watch, int64_t now_ns);

  /// Conditions that the readings so far were held against.
  uint64_t TakeEvaluations();

 private:
  struct User {
    uint32_t watch;
    uint32_t condition;
  };
  struct Slot {
    series::FieldRef field = 0;
    QuietBand band;  // of all users
    int64_t newest_ns = INT64_MIN;
    int64_t heard_ns = INT64_MIN;
    std::vector<User> users;
    std::vector<double> low;  // bands of the users
    std::vector<double> high;
  };
  struct Timer {
    int64_t seen_ns = 0;  // up to here, by the clock of arrival, everything due has happened
    int64_t deadline_ns = kNever;
  };

  Slot* FindSlot(series::FieldRef field);
  bool Take(Slot& slot, Moment at, double value);
  void StepQueued(Moment at, std::vector<Transition>& out);
  void UpdateBands(uint32_t watch);
  void UpdateDeadline(uint32_t watch, int64_t seen_ns);
  bool QuietChunk(const series::Series& block, size_t begin, size_t end);
  int64_t HeardOf(uint32_t watch, size_t condition) const {
    return slots_[slots_of_[watch][condition].slot].heard_ns;
  }

  struct Place {
    uint32_t slot;
    uint32_t user;
  };

  std::string device_id_;
  std::vector<Slot> slots_;
  std::vector<Watch> watches_;
  std::vector<std::vector<Place>> slots_of_;  // [watch][condition]
  std::vector<Timer> timers_;                 // [watch]
  std::vector<uint32_t> queued_;              // watches that wait for their Step
  std::vector<uint32_t> touched_;             // watches that may have something to report
  std::vector<Slot*> columns_;                // of the block under way
  std::vector<series::FieldRef> row_fields_;
  std::vector<double> row_values_;
  int64_t next_deadline_ns_ = kNever;
  uint64_t evaluations_ = 0;
  bool look_at_all_ = false;
};

}  // namespace energy::rules
