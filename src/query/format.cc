#include "query/format.h"

#include "query/arrow_writer.h"
#include "query/csv_writer.h"
#include "query/json_writer.h"
#include "query/parquet_writer.h"

namespace energy::query {

std::string_view MediaType(Format format) {
  switch (format) {
    case Format::kCsv:
      return "text/csv; charset=utf-8; header=present";
    case Format::kArrow:
      return "application/vnd.apache.arrow.stream";
    case Format::kParquet:
      return "application/vnd.apache.parquet";
    default:
      return "application/json; charset=utf-8";
  }
}

std::unique_ptr<Writer> MakeWriter(Format format, TimeFormat time_format) {
  switch (format) {
    case Format::kJsonColumns:
      return std::make_unique<JsonColumnWriter>(time_format);
    case Format::kCsv:
      return std::make_unique<CsvWriter>(time_format);
    case Format::kArrow:
      return std::make_unique<ArrowWriter>();
    case Format::kParquet:
      return std::make_unique<ParquetWriter>();
    case Format::kJsonRows:
      break;
  }
  return std::make_unique<JsonRowWriter>(time_format);
}

}  // namespace energy::query
