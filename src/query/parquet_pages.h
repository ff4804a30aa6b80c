#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Private to the module.

namespace energy::query {

/// Encodings of Parquet. on the wire: never renumber
enum class ParquetEncoding : uint8_t {
  kPlain = 0,
  kRle = 3,
  kDeltaBinaryPacked = 5,
  kRleDictionary = 8,
};

/// One column of a row group: a page of values, behind one of its dictionary where it has one.
struct ParquetColumn {
  std::string bytes;
  size_t dictionary_bytes = 0;  ///< the page of the dictionary; 0: none
  ParquetEncoding encoding = ParquetEncoding::kPlain;
  size_t rows = 0;
  size_t nulls = 0;
};

/// Several rows with one text.
struct TextRun {
  std::string_view text;
  size_t rows = 0;
};

/// Encode the columns of a row group, at least one row, uncompressed: times as packed differences;
/// values by a dictionary where that is smaller, NaN as null; texts by a dictionary, in runs.
/// Threads: pure. Cost: about 15 ns a value. Source: parquet-format 2.10, Encodings.md.
ParquetColumn EncodeTimes(std::span<const int64_t> times);
ParquetColumn EncodeValues(std::span<const double> values);
ParquetColumn EncodeTexts(std::span<const TextRun> runs);

}  // namespace energy::query
