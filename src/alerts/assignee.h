#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "sql/database.h"

namespace energy::alerts {

/// Somebody whom an alert can be given to: an active engineer or admin.
struct Assignee {
  std::string id;
  std::string full_name;
};

base::Json ToJson(const Assignee& assignee);

/// By name, at most 500.
base::Result<std::vector<Assignee>> Assignees(sql::Connection& connection);

/// Errors: kInvalidArgument of the field "assignee" unless `user_id` is one.
base::Status CheckAssignee(sql::Connection& connection, const std::string& user_id);

}  // namespace energy::alerts
