#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/service.h"
#include "base/status.h"
#include "series/summary.h"

namespace energy::series {

/// Dense handle of a device name in one store, stable across restarts. on disk: never renumber
using DeviceRef = uint32_t;
/// Dense handle of a field name in one store, stable across restarts. on disk: never renumber
using FieldRef = uint16_t;

/// Readings are kept within these bounds (1680 to 2260); Append ignores others.
inline constexpr int64_t kOldestTime = -9'151'488'000'000'000'000;
inline constexpr int64_t kNewestTime = 9'151'488'000'000'000'000;  ///< exclusive

/// One reading of a Batch: its values are `count` entries of fields/values from `first` on.
struct Row {
  int64_t time_ns;  ///< nanoseconds since 1970-01-01T00:00:00Z
  DeviceRef device;
  uint32_t first;
  uint16_t count;
};

/// Readings on their way into the store, columnar, so that a batch costs three allocations and not
/// three per reading. Clear keeps the memory: reuse one Batch.
struct Batch {
  std::vector<Row> rows;
  std::vector<FieldRef> fields;
  std::vector<double> values;  ///< as long as `fields`; NaN means "not there"

  void Clear();
  /// Memory its content takes.
  size_t bytes() const;
  /// Adds one reading. `fields` and `values` are equally long, at most 65,535.
  void Add(DeviceRef device, int64_t time_ns, std::span<const FieldRef> fields_of_row,
           std::span<const double> values_of_row);
};

/// Answer to a range read: columns of equal length, ascending in time, no time twice.
struct Series {
  std::vector<int64_t> time_ns;
  std::vector<FieldRef> fields;              ///< as asked; ascending when all were asked for
  std::vector<std::vector<double>> columns;  ///< one per entry of `fields`; missing value = NaN
  bool truncated = false;                    ///< the range holds more than `limit` readings
};

struct RangeQuery {
  DeviceRef device = 0;
  int64_t start_ns = 0;
  int64_t end_ns = 0;            ///< exclusive
  std::vector<FieldRef> fields;  ///< empty = all
  size_t limit = 100'000;        ///< at least 1
  bool newest_first = false;     ///< when truncating, keep the newest; the order stays ascending
};

/// Which readings of a device to go through.
struct ScanQuery {
  DeviceRef device = 0;
  int64_t start_ns = 0;
  int64_t end_ns = 0;                 ///< exclusive
  std::vector<FieldRef> fields = {};  ///< empty = all
  bool every_reading = false;         ///< also those that have none of the asked fields
};

/// Takes one block of a scan, which is valid during the call; false ends the scan.
using ScanSink = std::function<bool(const Series& block)>;

/// What the header of one chunk says of its readings.
struct ChunkSummary {
  int64_t first_ns = 0;
  int64_t last_ns = 0;
  /// As asked, `count` 0 where there is none. Without integrals; `first_ns` and `last_ns` are the
  /// chunk's, which are the field's own where every reading has it.
  std::vector<FieldSummary> fields;
};

/// Takes a scan that leaves chunks closed whose header is enough.
struct ChunkSinks {
  /// Whether the header will do for a chunk whose readings span these times. Empty: for none.
  std::function<bool(int64_t first_ns, int64_t last_ns)> takes = {};
  /// Valid during the call; false ends the scan.
  std::function<bool(const ChunkSummary& chunk)> header = {};
  ScanSink rows;
};

/// Buckets of UTC.
enum class Resolution : uint8_t { kHourly, kDaily };

constexpr int64_t BucketNanoseconds(Resolution resolution) {
  constexpr int64_t kHour = 3'600'000'000'000;
  return resolution == Resolution::kHourly ? kHour : 24 * kHour;
}

struct RollupQuery {
  DeviceRef device = 0;
  int64_t start_ns = 0;               ///< start of a bucket
  int64_t end_ns = 0;                 ///< exclusive; start of a bucket
  std::vector<FieldRef> fields = {};  ///< empty = all
  Resolution resolution = Resolution::kHourly;
};

/// Buckets that hold a reading of an asked field, ascending.
struct Rollups {
  std::vector<int64_t> start_ns;
  std::vector<FieldRef> fields;                    ///< as asked; ascending when all were asked for
  std::vector<std::vector<FieldSummary>> columns;  ///< [field][bucket]
};

/// One summary per field of a whole range.
struct Summary {
  std::vector<FieldRef> fields;  ///< as asked; ascending when all were asked for
  std::vector<FieldSummary> summaries;
  uint64_t rollup_buckets = 0;  ///< how many buckets it was folded from
  uint64_t raw_readings = 0;    ///< how many readings it was added up from
};

/// The oldest times that are kept: what lies before is gone or is on its way out. The smallest
/// time where everything is kept.
struct RetentionState {
  int64_t raw_from_ns = std::numeric_limits<int64_t>::min();
  int64_t hourly_from_ns = std::numeric_limits<int64_t>::min();
  int64_t daily_from_ns = std::numeric_limits<int64_t>::min();
};

/// The reading with the greatest time of a device.
struct Latest {
  int64_t time_ns = 0;
  std::vector<FieldRef> fields;
  std::vector<double> values;
};

/// What the start found in the log.
struct ReplayReport {
  uint64_t records = 0;   ///< group commits read back
  uint64_t readings = 0;  ///< readings in them
  std::chrono::milliseconds took{0};
  /// Bytes at the end of the write-ahead log that were cut off as damaged. Readings in a record
  /// that a crash left half written were never acknowledged.
  uint64_t damaged_tail_bytes_or_records = 0;
};

struct StoreStats {
  uint64_t head_bytes = 0;  ///< memory of the readings that are not sealed yet
  uint64_t head_readings = 0;
  uint64_t log_bytes = 0;                ///< log records that are not sealed yet
  uint64_t chunk_bytes = 0;              ///< sealed readings on disk
  uint64_t readings_appended_total = 0;  ///< since the store was opened
  uint64_t chunks_sealed_total = 0;      ///< since the store was opened
  bool rollups_complete = true;          ///< false while those of an older store are being built
  /// Files, chunks and rollups found damaged and set aside since the store was opened.
  uint64_t damaged_total = 0;
  std::string damage;  ///< what was found last; empty when nothing was
  bool writable = true;
  std::string error;  ///< why not writable; empty otherwise
};

/// The telemetry store: readings by device and time. The identity of a reading is (device, time);
/// writing the same identity again overwrites the fields it carries and keeps the others.
/// Source: LLD §3.2; decisions 10, 11 and 26.
///
/// Threads: Append and Probe from one thread at a time; everything else from any thread.
class Store : public base::Service {
 public:
  /// The handle of a name, creating it if it is new; the name is durable before this returns.
  /// Cheap when known (a shared lock and a hash lookup); one fsync when new.
  /// Errors: kInvalidArgument for a name that is empty or over 255 bytes, kTooLarge when all
  /// handles are taken, kUnavailable when the store cannot write.
  virtual base::Result<DeviceRef> OpenDevice(std::string_view name) = 0;
  virtual base::Result<FieldRef> OpenField(std::string_view name) = 0;
  /// Creates what is new among many names, with one fsync for thousands of them: OpenDevice then
  /// knows them. Passes over names that OpenDevice refuses. Errors: kUnavailable when the store
  /// cannot write; some may have been created then.
  virtual base::Status CreateDevices(std::span<const std::string_view> names) = 0;

  /// Never creates.
  virtual std::optional<DeviceRef> FindDevice(std::string_view name) const = 0;
  virtual std::optional<FieldRef> FindField(std::string_view name) const = 0;
  /// Empty for a handle that was never given out, or whose device was deleted.
  virtual std::string DeviceName(DeviceRef device) const = 0;
  virtual std::string FieldName(FieldRef field) const = 0;

  /// Stores a batch: durable (fsynced) and visible to reads when it returns ok. One fsync per call;
  /// the caller groups. A reading without any value (all NaN) is dropped. Blocks while sealing has
  /// to make room, but not without bound.
  /// Errors: kInvalidArgument when the batch is malformed or names an unknown handle (nothing is
  /// stored); kUnavailable when nothing can be written right now, see Probe. A batch that failed
  /// with kUnavailable may still turn up after a crash: it is safe to send it again.
  virtual base::Status Append(const Batch& batch) = 0;

  /// Readings with start <= time < end. A reading that has none of the asked fields is left out.
  /// Consistent: what was acknowledged before the call is there, once.
  /// Errors: kInvalidArgument for limit 0; kNotFound for an unknown device.
  virtual base::Result<Series> Read(const RangeQuery& query) const = 0;

  /// The readings of a range in blocks of at most a few thousand, ascending, no time twice. Every
  /// block has the fields asked for; when all were asked for, those that it has, ascending. A
  /// reading that has none of the asked fields is left out unless the query says otherwise.
  /// Consistent like Read. Needs memory for
  /// a few blocks and for what the range holds of the readings that are not sealed yet.
  /// Errors: kNotFound for an unknown device.
  virtual base::Status Scan(const ScanQuery& query, const ScanSink& sink) const = 0;

  /// As Scan, but of chunks that lie in the range, that no unsealed reading touches and that
  /// `sinks` takes by the header, only that; all in ascending order. Fields must be named.
  virtual base::Status ScanChunks(const ScanQuery& query, const ChunkSinks& sinks) const = 0;

  /// The buckets of a range, always equal, bit for bit, to a recomputation from all its readings:
  /// an hour adds its readings in time order (FieldSummary::Add), a day appends its hours
  /// (FieldSummary::Append). Decodes readings only of buckets that unsealed ones touch.
  /// Errors: kInvalidArgument for a range that is not whole buckets; kNotFound for an unknown
  /// device.
  virtual base::Result<Rollups> ReadRollups(const RollupQuery& query) const = 0;

  /// One summary per field over a range: its whole hours appended, with the readings at both edges
  /// added. Errors: kNotFound for an unknown device.
  virtual base::Result<Summary> Summarize(const ScanQuery& query) const = 0;

  /// Cheap. Append ignores readings before raw_from_ns.
  virtual RetentionState retention() const = 0;

  /// Gives up all readings and rollups of a device, and its handle: what names the handle from then
  /// on is unknown, batches on their way with it are ignored, and the name starts empty under a new
  /// handle. Durable when it returns ok: a crash leaves the device whole or gone. Compaction gives
  /// the space back afterwards. A name that is not there is ok. Waits for a running seal.
  /// Errors: kUnavailable when the store cannot write; nothing is deleted then.
  virtual base::Status DeleteDevice(std::string_view name) = 0;

  /// Nothing when the device has no reading. Cheap.
  virtual std::optional<Latest> LatestOf(DeviceRef device) const = 0;

  virtual StoreStats Stats() const = 0;

  /// Makes a store writable again after a failed write (disk full, say) and proves it with a small
  /// synced write. After an error Append refuses until this has succeeded.
  /// Errors: kUnavailable while the cause persists.
  virtual base::Status Probe() = 0;
};

}  // namespace energy::series
