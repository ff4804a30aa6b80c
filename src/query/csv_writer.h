#pragma once

#include <string>

#include "query/format.h"

// Private to the module.

namespace energy::query {

class CsvWriter final : public Writer {
 public:
  explicit CsvWriter(TimeFormat format) : times_(format) {}
  void Begin(const Header& header, std::string& out) override;
  base::Status Rows(const Header& header, Block block, std::string& out) override;
  bool End(const Header& header, const Tail& tail, std::string& out) override;

 private:
  TimeWriter times_;
};

}  // namespace energy::query
