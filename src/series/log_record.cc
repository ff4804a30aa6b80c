#include "series/log_record.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "series/bytes.h"

namespace energy::series {
namespace {

constexpr uint8_t kVersion = 1;

base::Status Damaged(std::string_view what) {
  return base::Internal("log record damaged: " + std::string(what));
}

std::span<const FieldRef> FieldsOf(const Batch& batch, const Row& row) {
  return std::span(batch.fields).subspan(row.first, row.count);
}

size_t LargestRecord(const Batch& batch) {
  constexpr size_t kRowBytes = 3 * kMaxVarintBytes;
  constexpr size_t kFieldBytes = 3;
  return 1 + kMaxVarintBytes + batch.rows.size() * kRowBytes +
         batch.fields.size() * (kFieldBytes + sizeof(double));
}

// The time difference wraps where it leaves int64; decoding wraps back.
int64_t Difference(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

// Takes the field list of a row into `fields`, which holds the list of the row before.
bool TakeFields(std::string_view& in, std::vector<FieldRef>& fields) {
  uint64_t count = 0;
  if (!TakeVarint(in, count) || count > std::numeric_limits<uint16_t>::max()) return false;
  if (count == 0) return !fields.empty();  // the same list again
  if (count > in.size()) return false;
  fields.clear();
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t field = 0;
    if (!TakeVarint(in, field) || field > std::numeric_limits<FieldRef>::max()) return false;
    fields.push_back(static_cast<FieldRef>(field));
  }
  return true;
}

}  // namespace

void EncodeLogRecord(const Batch& batch, std::string& out) {
  out.resize(LargestRecord(batch));
  char* to = out.data();
  *to++ = static_cast<char>(kVersion);
  char* const rows_at = to;
  uint64_t rows = 0;
  for (const Row& row : batch.rows) rows += row.count != 0 ? 1 : 0;
  to = WriteVarint(rows_at, rows);

  int64_t previous_time = 0;
  std::span<const FieldRef> previous;
  for (const Row& row : batch.rows) {
    if (row.count == 0) continue;
    to = WriteVarint(to, row.device);
    to = WriteVarint(to, ZigZag(Difference(row.time_ns, previous_time)));
    previous_time = row.time_ns;
    const auto fields = FieldsOf(batch, row);
    if (std::equal(fields.begin(), fields.end(), previous.begin(), previous.end())) {
      *to++ = 0;
    } else {
      to = WriteVarint(to, fields.size());
      for (const FieldRef field : fields) to = WriteVarint(to, field);
      previous = fields;
    }
    std::memcpy(to, batch.values.data() + row.first, row.count * sizeof(double));
    to += row.count * sizeof(double);
  }
  out.resize(static_cast<size_t>(to - out.data()));
}

base::Status DecodeLogRecord(std::string_view record, Batch& batch) {
  if (record.empty()) return Damaged("empty");
  if (LoadLe<uint8_t>(record.data()) != kVersion) return Damaged("unknown version");
  record.remove_prefix(1);
  uint64_t rows = 0;
  if (!TakeVarint(record, rows)) return Damaged("row count");
  int64_t time = 0;
  std::vector<FieldRef> fields;
  std::vector<double> values;
  for (uint64_t r = 0; r < rows; ++r) {
    uint64_t device = 0;
    uint64_t step = 0;
    if (!TakeVarint(record, device) || device > std::numeric_limits<DeviceRef>::max()) {
      return Damaged("device");
    }
    if (!TakeVarint(record, step)) return Damaged("time");
    if (!TakeFields(record, fields)) return Damaged("field list");
    const size_t bytes = fields.size() * sizeof(double);
    if (record.size() < bytes) return Damaged("values cut short");
    values.resize(fields.size());
    std::memcpy(values.data(), record.data(), bytes);
    record.remove_prefix(bytes);
    time =
        static_cast<int64_t>(static_cast<uint64_t>(time) + static_cast<uint64_t>(UnZigZag(step)));
    batch.Add(static_cast<DeviceRef>(device), time, fields, values);
  }
  if (!record.empty()) return Damaged("bytes after the last row");
  return {};
}

base::Status CheckBatch(const Batch& batch, size_t devices, size_t fields) {
  if (batch.fields.size() != batch.values.size()) {
    return base::InvalidField("values", "must be as long as fields");
  }
  if (batch.fields.size() > std::numeric_limits<uint32_t>::max()) {
    return base::InvalidField("values", "are too many for one batch: split it");
  }
  for (const Row& row : batch.rows) {
    if (size_t{row.first} + row.count > batch.fields.size()) {
      return base::InvalidField("rows", "reach past the end of values");
    }
    if (row.device >= devices) {
      return base::InvalidField("rows", "name the unknown device handle " +
                                            std::to_string(row.device) + ": call OpenDevice first");
    }
  }
  const auto largest = std::max_element(batch.fields.begin(), batch.fields.end());
  if (largest != batch.fields.end() && *largest >= fields) {
    return base::InvalidField("fields", "name the unknown field handle " +
                                            std::to_string(*largest) + ": call OpenField first");
  }
  return {};
}

}  // namespace energy::series
