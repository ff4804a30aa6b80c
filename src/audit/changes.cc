#include "audit/changes.h"

namespace energy::audit {

base::Result<int64_t> LastEntry(sql::Connection& connection) {
  ENERGY_ASSIGN_OR_RETURN(const std::vector<sql::Row> head,
                          connection.Query("SELECT sequence FROM audit_head WHERE id = 1", {}, 1));
  if (head.size() != 1) return base::Internal("the audit log has lost its head");
  return head.front().Int(0);
}

base::Result<std::vector<std::string>> ChangedSince(sql::Connection& connection, int64_t entry,
                                                    std::string_view resource_type) {
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      connection.Query("SELECT DISTINCT resource_id FROM audit_log"
                       " WHERE sequence > :entry AND resource_type = :type ORDER BY resource_id",
                       {{"entry", entry}, {"type", resource_type}}, 1));
  std::vector<std::string> ids;
  ids.reserve(rows.size());
  for (const sql::Row& row : rows) ids.push_back(row.Text(0));
  return ids;
}

}  // namespace energy::audit
