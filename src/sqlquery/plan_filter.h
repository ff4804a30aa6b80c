#pragma once

#include <cstddef>
#include <string_view>

#include "sqlquery/table.h"

namespace energy::sqlquery {

/// What a statement needs of the table whose scan function has the name `function` (in capitals):
/// the hull of the conditions on `device_id` and `time` that stand directly above its scans in the
/// plan. DuckDB's own optimizer has brought them there, through joins, views and subqueries, so a
/// condition found holds for every row that matters; what is not understood counts as no condition.
///
/// `plan`: the text of EXPLAIN (FORMAT json). `scans`: how often the statement names the table; a
/// plan that shows fewer of them gives no condition.
ScanFilter FilterFromPlan(std::string_view plan, std::string_view function, size_t scans);

/// False when `sql` could give a column a name that reads like a condition in the plan's text: then
/// its plan must not be read. Such names need quotes around parentheses, or escapes.
bool PlanIsReadable(std::string_view sql);

}  // namespace energy::sqlquery
