#include "series/store.h"

#include <algorithm>

namespace energy::series {

void Batch::Clear() {
  rows.clear();
  fields.clear();
  values.clear();
}

size_t Batch::bytes() const {
  return rows.size() * sizeof(Row) + fields.size() * sizeof(FieldRef) +
         values.size() * sizeof(double);
}

void Batch::Add(DeviceRef device, int64_t time_ns, std::span<const FieldRef> fields_of_row,
                std::span<const double> values_of_row) {
  const size_t count = std::min(fields_of_row.size(), values_of_row.size());
  rows.push_back(Row{.time_ns = time_ns,
                     .device = device,
                     .first = static_cast<uint32_t>(fields.size()),
                     .count = static_cast<uint16_t>(count)});
  fields.insert(fields.end(), fields_of_row.begin(),
                fields_of_row.begin() + static_cast<ptrdiff_t>(count));
  values.insert(values.end(), values_of_row.begin(),
                values_of_row.begin() + static_cast<ptrdiff_t>(count));
}

}  // namespace energy::series
