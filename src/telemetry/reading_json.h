#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "series/store.h"

namespace energy::telemetry {

/// Writes readings as LLD §5.2 shows them: {"device_id":..,"timestamp":..,"<field>":number,...}.
/// Device ids and field names are made of characters that JSON need not escape. Numbers are the
/// shortest text that reads back as the same double.
///
/// `fields[i]` names `values[i]`; a NaN value is left out.
void AppendReadingJson(std::string& out, std::string_view device_id, int64_t time_ns,
                       std::span<const std::string> fields, std::span<const double> values);

}  // namespace energy::telemetry
