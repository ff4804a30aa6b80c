#pragma once

#include <string>
#include <vector>

#include "query/format.h"
#include "query/parquet_pages.h"

// Private to the module.

namespace energy::query {

/// An Apache Parquet file (parquet-format 2.10), written front to back: row groups, then what is
/// in them. Its memory is that of one row group (kMaxGroupCells values), and about 100 bytes for
/// each column of each row group, which the end of the file lists.
class ParquetWriter final : public Writer {
 public:
  void Begin(const Header& header, std::string& out) override;
  base::Status Rows(const Header& header, Block block, std::string& out) override;
  bool End(const Header& header, const Tail& tail, std::string& out) override;

 private:
  // Of a row group that is written.
  struct ColumnPlace {
    size_t bytes = 0;
    size_t dictionary_bytes = 0;
    ParquetEncoding encoding = ParquetEncoding::kPlain;
    size_t nulls = 0;
  };
  struct RowGroup {
    size_t offset = 0;  // in the file
    size_t rows = 0;
    int64_t first_ns = 0;  // least and greatest time
    int64_t last_ns = 0;
    std::vector<ColumnPlace> columns;
  };

  void Flush(const Header& header, std::string& out);
  void Put(const ParquetColumn& column, RowGroup& group, std::string& out);
  std::string Metadata(const Header& header) const;

  std::vector<Block> held_;  // of the row group to come
  size_t held_rows_ = 0;
  std::vector<RowGroup> groups_;
  size_t offset_ = 0;  // bytes written
  size_t rows_ = 0;
};

}  // namespace energy::query
