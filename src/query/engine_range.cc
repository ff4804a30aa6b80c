#include <algorithm>

#include "query/answers.h"
#include "query/downsample.h"
#include "query/engine.h"

namespace energy::query {
namespace {

// Readings by the reporting interval from which on a chart is made of rollups: eleven days at 5 s.
constexpr int64_t kLongChartReadings = 200'000;

// Two rows for each window: its least values at its start, its greatest in its middle.
Block ExtremesToRows(const Block& extremes, const TimeGrid& grid) {
  Block rows{.key = extremes.key, .time_ns = {}, .columns = {}};
  size_t window = 0;
  for (const int64_t start : extremes.time_ns) {
    window = grid.Find(start, window);
    rows.time_ns.push_back(start);
    rows.time_ns.push_back(start + (grid.edges[window + 1] - start) / 2);
  }
  for (size_t c = 0; c + 1 < extremes.columns.size(); c += 2) {
    std::vector<double>& column = rows.columns.emplace_back();
    for (size_t row = 0; row < extremes.time_ns.size(); ++row) {
      column.push_back(extremes.columns[c][row]);
      column.push_back(extremes.columns[c + 1][row]);
    }
  }
  return rows;
}

}  // namespace

base::Result<std::unique_ptr<Answer>> Engine::Range(const RangeRequest& request) const {
  if (!HasDevice(request.device_id)) return base::NotFound("no device '" + request.device_id + "'");
  ENERGY_RETURN_IF_ERROR(CheckRange(request.start, request.end, "end"));
  ENERGY_ASSIGN_OR_RETURN(std::vector<series::FieldRef> fields, FieldsOf(request.fields));
  Header header;
  header.device_id = request.device_id;
  header.complete_from = CompleteFrom(store_, header.source, Ns(request.start));
  if (!request.limit) return WholeRange(request, std::move(header), std::move(fields));
  if (request.max_points && IsLongChart(request)) {
    return LongChart(request, std::move(header), std::move(fields));
  }

  series::Series rows;
  if (const auto ref = store_.FindDevice(request.device_id)) {
    ENERGY_ASSIGN_OR_RETURN(rows, store_.Read({.device = *ref,
                                               .start_ns = Ns(request.start),
                                               .end_ns = Ns(request.end),
                                               .fields = std::move(fields),
                                               .limit = *request.limit,
                                               .newest_first = true}));
  }
  Tail tail;
  tail.truncated = rows.truncated;
  if (request.max_points && rows.time_ns.size() > *request.max_points) {
    rows = Downsample(rows, *request.max_points);
    tail.downsampled = true;
  }
  header.columns = ColumnsOf(request.device_id, rows.fields);
  return MakeReadyAnswer(std::move(header),
                         {request.device_id, std::move(rows.time_ns), std::move(rows.columns)},
                         std::move(tail));
}

bool Engine::IsLongChart(const RangeRequest& request) const {
  const auto device = registry_.Find(request.device_id);
  const auto hours = std::chrono::ceil<std::chrono::hours>(request.end - request.start).count();
  // Two points an hour must be as fine as the chart can show.
  return device && (request.end - request.start) / device->interval > kLongChartReadings &&
         static_cast<size_t>(hours) * 2 >= *request.max_points / 2;
}

base::Result<std::unique_ptr<Answer>> Engine::LongChart(
    const RangeRequest& request, Header header, std::vector<series::FieldRef> fields) const {
  if (fields.empty()) {
    ENERGY_ASSIGN_OR_RETURN(fields,
                            AllFields({request.device_id}, Ns(request.start), Ns(request.end)));
  }
  header.columns = ColumnsOf(request.device_id, fields);
  const auto hours = std::chrono::ceil<std::chrono::hours>(request.end - request.start).count();
  const auto pairs = static_cast<int64_t>(std::max<size_t>(*request.max_points / 2, 3)) - 2;
  const Window window{.count = (hours + pairs - 1) / pairs, .unit = Window::Unit::kHour};
  WindowParts windows{.groups = {{request.device_id, {request.device_id}}},
                      .grid = {},
                      .plan = {},
                      .aggregates = {Aggregate::kMin, Aggregate::kMax}};
  ENERGY_ASSIGN_OR_RETURN(windows.grid, MakeTimeGrid(request.start, request.end, window, "UTC"));
  windows.plan = MakePlan(windows.grid, windows.aggregates, HintsOf(windows.groups));
  header.source = windows.plan.source;
  header.complete_from = CompleteFrom(store_, windows.plan.limited_by, Ns(request.start));
  const TimeGrid grid = windows.grid;
  AnswerParts parts{.store = store_,
                    .clock = clock_,
                    .header = {},
                    .fields = std::move(fields),
                    .start_ns = Ns(request.start),
                    .end_ns = Ns(request.end),
                    .limit = {},
                    .position = {}};
  Block extremes;
  ENERGY_RETURN_IF_ERROR(
      MakeWindowAnswer(std::move(parts), std::move(windows))->Next(extremes).status());
  Tail tail;
  tail.downsampled = true;
  return MakeReadyAnswer(std::move(header), ExtremesToRows(extremes, grid), std::move(tail));
}

base::Result<std::unique_ptr<Answer>> Engine::WholeRange(
    const RangeRequest& request, Header header, std::vector<series::FieldRef> fields) const {
  if (fields.empty()) {
    ENERGY_ASSIGN_OR_RETURN(fields,
                            AllFields({request.device_id}, Ns(request.start), Ns(request.end)));
  }
  header.columns = ColumnsOf(request.device_id, fields);
  AnswerParts parts{.store = store_,
                    .clock = clock_,
                    .header = std::move(header),
                    .fields = std::move(fields),
                    .start_ns = Ns(request.start),
                    .end_ns = Ns(request.end),
                    .limit = {},
                    .position = {}};
  return MakeRawAnswer(std::move(parts), {request.device_id});
}

}  // namespace energy::query
