#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/format.h"

// Private to the module.

namespace energy::query {

class JsonRowWriter final : public Writer {
 public:
  explicit JsonRowWriter(TimeFormat format) : times_(format) {}
  void Begin(const Header& header, std::string& out) override;
  base::Status Rows(const Header& header, Block block, std::string& out) override;
  bool End(const Header& header, const Tail& tail, std::string& out) override;

 private:
  TimeWriter times_;
  std::vector<std::string> keys_;  // `,"power":`
  bool first_ = true;
};

class JsonColumnWriter final : public Writer {
 public:
  explicit JsonColumnWriter(TimeFormat format) : times_(format) {}
  void Begin(const Header& header, std::string& out) override;
  base::Status Rows(const Header& header, Block block, std::string& out) override;
  bool End(const Header& header, const Tail& tail, std::string& out) override;
  bool holds_rows() const override { return true; }

 private:
  bool Write(const Header& header, size_t values, std::string& out);
  void Open(const Header& header, std::string& out);
  void AppendValues(size_t count, std::string& out);

  TimeWriter times_;
  std::optional<Block> held_;  // of one device
  // What of it is written: values of this column and all of those before it; 0 is the times.
  size_t column_ = 0;
  size_t row_ = 0;
  bool first_ = true;
};

}  // namespace energy::query
