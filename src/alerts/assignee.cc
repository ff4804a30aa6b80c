#include "alerts/assignee.h"

#include "base/random.h"

namespace energy::alerts {
namespace {

constexpr const char* kWho = "FROM users WHERE is_active = true AND role IN ('admin', 'engineer')";

}  // namespace

base::Json ToJson(const Assignee& assignee) {
  return {{"id", assignee.id}, {"full_name", assignee.full_name}};
}

base::Result<std::vector<Assignee>> Assignees(sql::Connection& connection) {
  ENERGY_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                          connection.Query("SELECT id, full_name " + std::string(kWho) +
                                               " ORDER BY full_name, id LIMIT 500",
                                           {}, 2));
  std::vector<Assignee> assignees;
  assignees.reserve(rows.size());
  for (const sql::Row& row : rows) assignees.push_back({row.Text(0), row.Text(1)});
  return assignees;
}

base::Status CheckAssignee(sql::Connection& connection, const std::string& user_id) {
  const base::Status refused = base::InvalidField(
      "assignee", "must be the id of an active engineer or admin (GET /api/alerts/assignees)");
  if (!base::IsUuid(user_id)) return refused;
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      connection.Query("SELECT id " + std::string(kWho) + " AND id = :id", {{"id", user_id}}, 1));
  return rows.empty() ? refused : base::Status();
}

}  // namespace energy::alerts
