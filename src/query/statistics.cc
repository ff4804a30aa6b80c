#include "query/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "query/answers.h"

namespace energy::query {
namespace {

// Adds up the time in which readings arrived.
class UpTime {
 public:
  UpTime(int64_t start_ns, int64_t end_ns, int64_t longest_ns)
      : at_(start_ns), end_(end_ns), longest_(longest_ns), up_until_(start_ns) {}

  /// A reading before the start, whose time reaches into the range.
  void Before(int64_t time_ns) { up_until_ = std::min(time_ns + longest_, end_); }
  void Add(int64_t time_ns) {
    Until(time_ns);
    up_until_ = std::min(time_ns + longest_, end_);
    at_ = time_ns;
  }
  int64_t Finish() {
    Until(end_);
    return up_;
  }

 private:
  void Until(int64_t time_ns) { up_ += std::max<int64_t>(std::min(up_until_, time_ns) - at_, 0); }

  int64_t at_;
  const int64_t end_;
  const int64_t longest_;
  int64_t up_until_;
  int64_t up_ = 0;
};

FieldStatistics ToStatistics(const Cell& cell) {
  const series::FieldSummary& all = cell.summary;
  const auto count = static_cast<double>(all.count);
  FieldStatistics field;
  field.count = all.count;
  field.min = all.min;
  field.max = all.max;
  field.mean = all.sum / count;
  field.stddev =
      all.count > 1 ? std::sqrt(cell.m2 / (count - 1)) : std::numeric_limits<double>::quiet_NaN();
  field.first = all.first;
  field.last = all.last;
  return field;
}

}  // namespace

base::Result<Presence> MeasurePresence(const series::Store& store, const base::Clock& clock,
                                       const devices::RegisteredDevice& device, int64_t start_ns,
                                       int64_t end_ns) {
  Presence out;
  const int64_t interval_ns = std::chrono::nanoseconds(device.interval).count();
  const int64_t known_ns = std::clamp(clock.Now().time_since_epoch().count(), start_ns, end_ns);
  out.expected = static_cast<uint64_t>((known_ns - start_ns) / interval_ns);
  UpTime up(start_ns, known_ns, kUpIntervals * interval_ns);
  const auto ref = store.FindDevice(device.id);
  if (ref && !store.FieldName(0).empty()) {
    ENERGY_RETURN_IF_ERROR(ScanInTime(store, clock,
                                      {.device = *ref,
                                       .start_ns = start_ns,
                                       .end_ns = end_ns,
                                       .fields = {0},
                                       .every_reading = true},
                                      [&](const series::Series& rows) {
                                        out.readings += rows.time_ns.size();
                                        for (const int64_t time_ns : rows.time_ns) up.Add(time_ns);
                                        return true;
                                      }));
  }
  if (out.expected == 0) return out;
  const double arrived = static_cast<double>(out.readings) / static_cast<double>(out.expected);
  out.missing_rate = std::max(1 - arrived, 0.0);
  out.uptime = static_cast<double>(up.Finish()) / static_cast<double>(known_ns - start_ns);
  return out;
}

base::Result<Statistics> ComputeStatistics(const series::Store& store, const base::Clock& clock,
                                           const devices::RegisteredDevice& device,
                                           const std::vector<series::FieldRef>& fields,
                                           int64_t start_ns, int64_t end_ns) {
  Statistics out;
  out.device_id = device.id;
  out.interval = device.interval;
  const int64_t interval_ns = std::chrono::nanoseconds(device.interval).count();
  // What is still to come cannot be missing.
  const int64_t known_ns = std::clamp(clock.Now().time_since_epoch().count(), start_ns, end_ns);
  const int64_t longest_ns = kUpIntervals * interval_ns;
  out.expected = static_cast<uint64_t>((known_ns - start_ns) / interval_ns);

  const TimeGrid grid{.edges = {start_ns, end_ns}};
  WindowBuilder builder(
      grid, {.fields = fields.size(), .squares = true, .percentiles = {0.5, 0.9, 0.95, 0.99}});
  UpTime up(start_ns, known_ns, longest_ns);
  if (const auto ref = store.FindDevice(device.id); ref && !fields.empty()) {
    ENERGY_ASSIGN_OR_RETURN(const series::Series before,
                            store.Read({.device = *ref,
                                        .start_ns = start_ns - longest_ns,
                                        .end_ns = start_ns,
                                        .fields = fields,
                                        .limit = 1,
                                        .newest_first = true}));
    if (!before.time_ns.empty()) up.Before(before.time_ns.back());
    base::Status held;
    ENERGY_RETURN_IF_ERROR(ScanInTime(
        store, clock,
        {.device = *ref,
         .start_ns = start_ns,
         .end_ns = end_ns,
         .fields = fields,
         .every_reading = true},
        [&](const series::Series& rows) {
          out.readings += rows.time_ns.size();
          for (const int64_t time_ns : rows.time_ns) up.Add(time_ns);
          if (!out.first_at)
            out.first_at = base::Timestamp(std::chrono::nanoseconds(rows.time_ns.front()));
          out.last_at = base::Timestamp(std::chrono::nanoseconds(rows.time_ns.back()));
          builder.AddReadings(rows.time_ns, rows.columns);
          held = CheckHeld(builder);
          return held.ok();
        }));
    ENERGY_RETURN_IF_ERROR(held);
  }
  if (out.expected > 0) {
    const double arrived = static_cast<double>(out.readings) / static_cast<double>(out.expected);
    out.missing_rate = std::max(1 - arrived, 0.0);
    out.uptime = static_cast<double>(up.Finish()) / static_cast<double>(known_ns - start_ns);
  }
  const WindowRows rows = builder.Finish();
  for (size_t f = 0; !rows.window.empty() && f < fields.size(); ++f) {
    if (rows.cells[f].front().summary.count == 0) continue;
    FieldStatistics& field = out.fields.emplace_back(ToStatistics(rows.cells[f].front()));
    field.field = store.FieldName(fields[f]);
    double* const percentiles[] = {&field.p50, &field.p90, &field.p95, &field.p99};
    for (size_t p = 0; p < 4; ++p) *percentiles[p] = rows.percentiles[f * 4 + p].front();
    if (!device.profile) continue;
    for (const devices::ProfileField& known : device.profile->fields) {
      if (known.name == field.field) field.unit = known.unit;
    }
  }
  return out;
}

}  // namespace energy::query
