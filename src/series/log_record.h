#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "series/store.h"

namespace energy::series {

/// Encodes a batch as one record of the log; docs/formats/log.md. Replaces the content of `out`.
/// The batch is well formed (see CheckBatch). Threads: pure. Cost: about 15 ns a reading.
void EncodeLogRecord(const Batch& batch, std::string& out);

/// Adds the readings of a record to `batch`.
/// Errors: kInternal for bytes that are no record, saying what is wrong; `batch` may then hold a
/// part of it. Any input is safe. Threads: pure.
base::Status DecodeLogRecord(std::string_view record, Batch& batch);

/// Rows lie within the value lists and name handles below these bounds.
/// Errors: kInvalidArgument naming the row.
base::Status CheckBatch(const Batch& batch, size_t devices, size_t fields);

}  // namespace energy::series
