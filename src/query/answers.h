#pragma once

#include <limits>
#include <memory>

#include "query/engine.h"
#include "query/plan.h"
#include "query/window_builder.h"

// Private to the module: the kinds of answers.

namespace energy::query {

/// Rows in one step of a raw answer.
inline constexpr size_t kRowsPerStep = 16'384;

/// Where an answer goes on: "<index of the device or group>:<ns>".
struct Position {
  size_t group = 0;
  int64_t time_ns = std::numeric_limits<int64_t>::min();
};
std::optional<Position> ParsePosition(std::string_view cursor);
std::string PositionText(const Position& position);

inline int64_t Ns(base::Timestamp time) { return time.time_since_epoch().count(); }
/// kInvalidArgument when the range is empty or so long that differences would not fit 64 bits of
/// ns.
base::Status CheckRange(base::Timestamp start, base::Timestamp end, const std::string& end_name);
/// From when on the source has everything, where the range begins before.
std::optional<base::Timestamp> CompleteFrom(const series::Store& store, Source source,
                                            int64_t start_ns);

/// What all answers to a query start from.
struct AnswerParts {
  const series::Store& store;
  const base::Clock& clock;
  Header header;
  std::vector<series::FieldRef> fields;
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  std::optional<size_t> limit;
  Position position;
};

/// The readings of the devices, one after the other.
std::unique_ptr<Answer> MakeRawAnswer(AnswerParts parts, std::vector<std::string> devices);

/// Devices whose readings are taken together.
struct Group {
  std::string key;
  std::vector<std::string> devices;
};

struct WindowParts {
  std::vector<Group> groups;
  TimeGrid grid;
  Plan plan;
  std::vector<Aggregate> aggregates;
  Fill fill = Fill::kNone;
};
/// The windows of the groups, one after the other.
std::unique_ptr<Answer> MakeWindowAnswer(AnswerParts parts, WindowParts windows);

/// An answer whose rows are there already.
std::unique_ptr<Answer> MakeReadyAnswer(Header header, Block rows, Tail tail);

/// Scan with an end: kUnavailable when it takes longer than kMaxStepTime.
base::Status ScanInTime(const series::Store& store, const base::Clock& clock,
                        const series::ScanQuery& query, const series::ScanSink& sink);

base::Status ScanChunksInTime(const series::Store& store, const base::Clock& clock,
                              const series::ScanQuery& query, const series::ChunkSinks& sinks);

/// kTooLarge once percentiles hold more values than 64 MiB of them.
base::Status CheckHeld(const WindowBuilder& builder);

}  // namespace energy::query
