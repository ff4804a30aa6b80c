#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "devices/registry.h"
#include "query/model.h"
#include "query/statistics.h"
#include "series/store.h"

namespace energy::query {

struct Group;
struct PlanHints;

/// The rows of an answer, block by block. Each step reads what it needs and holds nothing of the
/// store in between, so that an answer may be left half read for as long as one likes.
///
/// Threads: one call at a time. What it was made from outlives it.
class Answer {
 public:
  virtual ~Answer() = default;

  const Header& header() const { return header_; }
  /// Sets `block` to the next rows, in the order of devices and then time. False after the last,
  /// when the block is empty. Errors: those of the store; kTooLarge when percentiles need too much
  /// memory; kUnavailable when a step takes longer than kMaxStepTime.
  virtual base::Result<bool> Next(Block& block) = 0;
  /// Whole once Next was false.
  const Tail& tail() const { return tail_; }

 protected:
  Header header_;
  Tail tail_;
};

/// The longest that going through readings for one step may take.
inline constexpr std::chrono::seconds kMaxStepTime{30};

/// Readings of one device as charts and lists show them: the newest of a range.
struct RangeRequest {
  std::string device_id;
  base::Timestamp start;
  base::Timestamp end;                   ///< exclusive
  std::vector<std::string> fields;       ///< empty = all
  std::optional<size_t> limit = 20'000;  ///< the newest so many; none: all, read step by step
  /// Thin them for a chart, see Downsample. A range with very many readings is drawn from hourly
  /// rollups, whatever the limit: the least and the greatest value of each window.
  std::optional<size_t> max_points;
};

struct LatestReading {
  std::string device_id;
  int64_t time_ns = 0;
  std::vector<std::string> fields;
  std::vector<double> values;
};

/// Answers queries over the telemetry from the cheapest source that can.
///
/// Threads: safe anywhere; blocks on the store.
class Engine {
 public:
  Engine(const series::Store& store, const devices::Registry& registry, const base::Clock& clock)
      : store_(store), registry_(registry), clock_(clock) {}

  bool HasDevice(std::string_view id) const { return registry_.Find(id) != nullptr; }

  /// Errors: kInvalidArgument naming what is wrong: `devices`, `device_type`, `tags`,
  /// `start_time`, `end_time`, `fields`, `window`, `time_zone`, `group_by`, `fill`, `cursor`.
  base::Result<std::unique_ptr<Answer>> Run(const Query& query) const;

  /// Errors: kNotFound for an unknown device; kInvalidArgument for `end`, `fields`. A device that
  /// has not sent anything answers with no rows.
  base::Result<std::unique_ptr<Answer>> Range(const RangeRequest& request) const;

  /// Errors: as Range.
  base::Result<Statistics> Describe(const StatisticsRequest& request) const;

  /// The newest reading, or nothing.
  std::optional<LatestReading> Latest(std::string_view device_id) const;
  /// Ids of the devices of a type, ascending.
  std::vector<std::string> DevicesOfType(std::string_view type) const;
  /// Units of a device's fields, by its profile; empty where there is none.
  std::vector<std::string> UnitsOf(std::string_view device_id,
                                   const std::vector<std::string>& fields) const;

 private:
  struct Resolved;
  base::Result<Resolved> Resolve(const Query& query) const;
  base::Result<std::vector<series::FieldRef>> FieldsOf(const std::vector<std::string>& names) const;
  base::Result<std::vector<series::FieldRef>> AllFields(const std::vector<std::string>& devices,
                                                        int64_t start_ns, int64_t end_ns) const;

  PlanHints HintsOf(const std::vector<Group>& groups) const;
  std::vector<Column> ColumnsOf(std::string_view device_id,
                                const std::vector<series::FieldRef>& fields) const;
  base::Result<std::unique_ptr<Answer>> WholeRange(const RangeRequest& request, Header header,
                                                   std::vector<series::FieldRef> fields) const;
  bool IsLongChart(const RangeRequest& request) const;
  base::Result<std::unique_ptr<Answer>> LongChart(const RangeRequest& request, Header header,
                                                  std::vector<series::FieldRef> fields) const;

  const series::Store& store_;
  const devices::Registry& registry_;
  const base::Clock& clock_;
};

}  // namespace energy::query
