#pragma once

#include <string>

#include "query/format.h"

// Private to the module.

namespace energy::query {

/// The IPC streaming format of Apache Arrow (Arrow Columnar Format 1.x, metadata V5): the schema,
/// a record batch for each block, the end mark. Little-endian, as every machine this is built for.
class ArrowWriter final : public Writer {
 public:
  void Begin(const Header& header, std::string& out) override;
  base::Status Rows(const Header& header, Block block, std::string& out) override;
  bool End(const Header& header, const Tail& tail, std::string& out) override;
};

}  // namespace energy::query
