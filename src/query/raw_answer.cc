#include <algorithm>
#include <charconv>
#include <utility>

#include "query/answers.h"

namespace energy::query {
namespace {

class RawAnswer final : public Answer {
 public:
  RawAnswer(AnswerParts parts, std::vector<std::string> devices)
      : parts_(std::move(parts)), devices_(std::move(devices)), at_(parts_.position) {
    header_ = std::move(parts_.header);
    at_.time_ns = std::max(at_.time_ns, parts_.start_ns);
  }

  base::Result<bool> Next(Block& block) override {
    block = Block();
    while (at_.group < devices_.size() && !tail_.truncated) {
      const std::string& device = devices_[at_.group];
      ENERGY_RETURN_IF_ERROR(Read(device, block));
      if (block.time_ns.empty()) {
        at_ = {at_.group + 1, parts_.start_ns};
        continue;
      }
      block.key = device;
      at_.time_ns = block.time_ns.back() + 1;
      Limit(block);
      tail_.rows += block.time_ns.size();
      return true;
    }
    return false;
  }

 private:
  // About kRowsPerStep rows from at_ on, none at the end of the device's range.
  base::Status Read(const std::string& device, Block& block) {
    const auto ref = parts_.store.FindDevice(device);
    if (!ref || at_.time_ns >= parts_.end_ns) return {};
    block.columns.resize(parts_.fields.size());
    return ScanInTime(
        parts_.store, parts_.clock,
        {.device = *ref, .start_ns = at_.time_ns, .end_ns = parts_.end_ns, .fields = parts_.fields},
        [&](const series::Series& rows) {
          block.time_ns.insert(block.time_ns.end(), rows.time_ns.begin(), rows.time_ns.end());
          for (size_t c = 0; c < rows.columns.size(); ++c) {
            block.columns[c].insert(block.columns[c].end(), rows.columns[c].begin(),
                                    rows.columns[c].end());
          }
          return block.time_ns.size() < kRowsPerStep;
        });
  }

  void Limit(Block& block) {
    if (!parts_.limit || tail_.rows + block.time_ns.size() <= *parts_.limit) return;
    const size_t left = *parts_.limit - tail_.rows;
    tail_.truncated = true;
    tail_.cursor = PositionText({at_.group, block.time_ns[left]});
    block.time_ns.resize(left);
    for (auto& column : block.columns) column.resize(left);
  }

  AnswerParts parts_;
  const std::vector<std::string> devices_;
  Position at_;
};

class ReadyAnswer final : public Answer {
 public:
  ReadyAnswer(Header header, Block rows, Tail tail) : rows_(std::move(rows)) {
    header_ = std::move(header);
    tail_ = std::move(tail);
    tail_.rows = rows_.time_ns.size();
  }

  base::Result<bool> Next(Block& block) override {
    block = std::exchange(rows_, {});
    return !block.time_ns.empty();
  }

 private:
  Block rows_;
};

}  // namespace

std::optional<Position> ParsePosition(std::string_view cursor) {
  Position position;
  const char* const end = cursor.data() + cursor.size();
  const auto device = std::from_chars(cursor.data(), end, position.group);
  if (device.ec != std::errc() || device.ptr == end || *device.ptr != ':') return std::nullopt;
  const auto time = std::from_chars(device.ptr + 1, end, position.time_ns);
  if (time.ec != std::errc() || time.ptr != end) return std::nullopt;
  return position;
}

std::string PositionText(const Position& position) {
  return std::to_string(position.group) + ":" + std::to_string(position.time_ns);
}

base::Status ScanInTime(const series::Store& store, const base::Clock& clock,
                        const series::ScanQuery& query, const series::ScanSink& sink) {
  return ScanChunksInTime(store, clock, query, {.rows = sink});
}

base::Status ScanChunksInTime(const series::Store& store, const base::Clock& clock,
                              const series::ScanQuery& query, const series::ChunkSinks& sinks) {
  const auto deadline = clock.Steady() + kMaxStepTime;
  bool late = false;
  const auto in_time = [&] { return !(late = clock.Steady() > deadline); };
  ENERGY_RETURN_IF_ERROR(store.ScanChunks(
      query,
      {.takes = sinks.takes,
       .header =
           [&](const series::ChunkSummary& chunk) { return in_time() && sinks.header(chunk); },
       .rows = [&](const series::Series& rows) { return in_time() && sinks.rows(rows); }}));
  if (!late) return {};
  return base::Unavailable("going through the readings took longer than " +
                           std::to_string(kMaxStepTime.count()) +
                           " s: take a shorter range or fewer fields");
}

std::unique_ptr<Answer> MakeRawAnswer(AnswerParts parts, std::vector<std::string> devices) {
  // Without a field there is no reading either; to the store, no field would mean all.
  if (parts.fields.empty()) devices.clear();
  return std::make_unique<RawAnswer>(std::move(parts), std::move(devices));
}

std::unique_ptr<Answer> MakeReadyAnswer(Header header, Block rows, Tail tail) {
  return std::make_unique<ReadyAnswer>(std::move(header), std::move(rows), std::move(tail));
}

}  // namespace energy::query
