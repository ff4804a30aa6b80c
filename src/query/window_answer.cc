#include <algorithm>
#include <utility>

#include "query/answers.h"

namespace energy::query {
namespace {

// Values held for the percentiles of one step: 64 MiB.
constexpr size_t kMaxHeldValues = 4'000'000;

class WindowAnswer final : public Answer {
 public:
  WindowAnswer(AnswerParts parts, WindowParts windows)
      : parts_(std::move(parts)), windows_(std::move(windows)), group_(parts_.position.group) {
    header_ = std::move(parts_.header);
    options_.fields = parts_.fields.size();
    for (const Aggregate aggregate : windows_.aggregates) {
      options_.integrals |=
          aggregate == Aggregate::kIntegral || aggregate == Aggregate::kTimeWeightedMean;
      options_.squares |= aggregate == Aggregate::kStddev;
      if (const auto p = PercentileOf(aggregate)) options_.percentiles.push_back(*p);
    }
  }

  base::Result<bool> Next(Block& block) override {
    block = Block();
    while (group_ < windows_.groups.size() && !tail_.truncated) {
      const Group& group = windows_.groups[group_];
      ENERGY_ASSIGN_OR_RETURN(const WindowRows rows, ComputeGroup(group));
      if (rows.window.empty()) {
        // Windows without a reading are filled where there is something to fill between.
        ++group_;
        continue;
      }
      block = ToBlock(rows, windows_.grid, windows_.aggregates, windows_.fill);
      block.key = group.key;
      Cut(block);
      ++group_;
      tail_.rows += block.time_ns.size();
      if (!block.time_ns.empty()) return true;
    }
    return false;
  }

 private:
  base::Result<WindowRows> ComputeGroup(const Group& group) {
    options_.keep_values = group.devices.size() > 1 && !options_.percentiles.empty();
    if (group.devices.size() == 1) return Compute(group.devices.front());
    WindowRows all;
    for (const std::string& device : group.devices) {
      ENERGY_ASSIGN_OR_RETURN(const WindowRows rows, Compute(device));
      ENERGY_RETURN_IF_ERROR(Merge(all, rows));
    }
    if (options_.keep_values) ComputePercentiles(all, options_.percentiles);
    return all;
  }

  base::Result<WindowRows> Compute(const std::string& device) {
    WindowBuilder builder(windows_.grid, options_);
    if (const auto ref = parts_.store.FindDevice(device)) {
      for (const Piece& piece : windows_.plan.pieces) {
        ENERGY_RETURN_IF_ERROR(Add(*ref, piece, builder));
      }
    }
    return builder.Finish();
  }

  base::Status Add(series::DeviceRef device, const Piece& piece, WindowBuilder& builder) const {
    const series::ScanQuery scan{.device = device,
                                 .start_ns = piece.start_ns,
                                 .end_ns = piece.end_ns,
                                 .fields = parts_.fields};
    switch (piece.from) {
      case Piece::From::kReadings: {
        base::Status held;
        ENERGY_RETURN_IF_ERROR(
            ScanInTime(parts_.store, parts_.clock, scan, [&](const series::Series& rows) {
              builder.AddReadings(rows.time_ns, rows.columns);
              held = CheckHeld(builder);
              return held.ok();
            }));
        return held;
      }
      case Piece::From::kHeaders:
        return AddChunks(scan, builder);
      case Piece::From::kSummary: {
        ENERGY_ASSIGN_OR_RETURN(const series::Summary summary, parts_.store.Summarize(scan));
        for (size_t f = 0; f < summary.summaries.size(); ++f) {
          builder.AddSummary(f, piece.start_ns, summary.summaries[f]);
        }
        return {};
      }
      case Piece::From::kHourly:
        return AddRollups(device, piece, series::Resolution::kHourly, builder);
      case Piece::From::kDaily:
        return AddRollups(device, piece, series::Resolution::kDaily, builder);
    }
    return {};
  }

  base::Status AddChunks(const series::ScanQuery& scan, WindowBuilder& builder) const {
    const TimeGrid& grid = windows_.grid;
    size_t window = 0;
    return ScanChunksInTime(parts_.store, parts_.clock, scan,
                            {.takes =
                                 [&](int64_t first_ns, int64_t last_ns) {
                                   window = grid.Find(first_ns, window);
                                   return last_ns < grid.edges[window + 1];
                                 },
                             .header =
                                 [&](const series::ChunkSummary& chunk) {
                                   for (size_t f = 0; f < chunk.fields.size(); ++f) {
                                     builder.AddSummary(f, chunk.first_ns, chunk.fields[f]);
                                   }
                                   return true;
                                 },
                             .rows =
                                 [&](const series::Series& rows) {
                                   builder.AddReadings(rows.time_ns, rows.columns);
                                   return true;
                                 }});
  }

  base::Status AddRollups(series::DeviceRef device, const Piece& piece,
                          series::Resolution resolution, WindowBuilder& builder) const {
    ENERGY_ASSIGN_OR_RETURN(const series::Rollups rollups,
                            parts_.store.ReadRollups({.device = device,
                                                      .start_ns = piece.start_ns,
                                                      .end_ns = piece.end_ns,
                                                      .fields = parts_.fields,
                                                      .resolution = resolution}));
    for (size_t bucket = 0; bucket < rollups.start_ns.size(); ++bucket) {
      for (size_t f = 0; f < rollups.columns.size(); ++f) {
        builder.AddSummary(f, rollups.start_ns[bucket], rollups.columns[f][bucket]);
      }
    }
    return {};
  }

  // Keeps the rows from the position on, as many as the limit lets through.
  void Cut(Block& block) {
    size_t from = 0;
    if (group_ == parts_.position.group) {
      from = static_cast<size_t>(
          std::lower_bound(block.time_ns.begin(), block.time_ns.end(), parts_.position.time_ns) -
          block.time_ns.begin());
    }
    size_t to = block.time_ns.size();
    if (parts_.limit && to - from > *parts_.limit - tail_.rows) {
      to = from + (*parts_.limit - tail_.rows);
      tail_.truncated = true;
      tail_.cursor = PositionText({group_, block.time_ns[to]});
    }
    const auto cut = [&](auto& values) {
      values.resize(to);
      values.erase(values.begin(), values.begin() + static_cast<ptrdiff_t>(from));
    };
    cut(block.time_ns);
    for (auto& column : block.columns) cut(column);
  }

  AnswerParts parts_;
  const WindowParts windows_;
  BuilderOptions options_;
  size_t group_;
};

}  // namespace

base::Status CheckHeld(const WindowBuilder& builder) {
  if (builder.held_values() <= kMaxHeldValues) return {};
  return base::TooLarge("percentiles of this range need more than " +
                        std::to_string(kMaxHeldValues) +
                        " values in memory: take a shorter range, shorter windows or fewer fields");
}

std::unique_ptr<Answer> MakeWindowAnswer(AnswerParts parts, WindowParts windows) {
  if (parts.fields.empty()) windows.groups.clear();  // see MakeRawAnswer
  return std::make_unique<WindowAnswer>(std::move(parts), std::move(windows));
}

}  // namespace energy::query
