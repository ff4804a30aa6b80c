#include "api/alert_input.h"

#include "base/random.h"
#include "base/text.h"

namespace energy::api {
namespace {

constexpr size_t kMaxComment = 2000;

enum class Shelved { kHide, kInclude, kOnly };

std::optional<Shelved> ParseShelved(std::string_view name) {
  if (name == "hide") return Shelved::kHide;
  if (name == "include") return Shelved::kInclude;
  if (name == "only") return Shelved::kOnly;
  return std::nullopt;
}

bool Fits(BodyInput& input, const std::string& comment) {
  if (base::CharacterCount(comment) <= kMaxComment) return true;
  input.Fail("comment", "takes at most 2000 characters");
  return false;
}

void ReadOptionalComment(BodyInput& input, alerts::ActionRequest& request) {
  const auto comment = input.NullableText("comment").value_or(std::nullopt);
  if (comment && !comment->empty() && Fits(input, *comment)) request.comment = comment;
}

void ReadComment(BodyInput& input, alerts::ActionRequest& request) {
  const auto comment = input.Text("comment");
  if (!comment) return;
  if (comment->empty()) {
    input.Fail("comment", "must not be empty");
  } else if (Fits(input, *comment)) {
    request.comment = comment;
  }
}

void ReadMinutes(BodyInput& input, alerts::ActionRequest& request) {
  const int64_t most = alerts::kLongestShelving.count();
  const auto minutes = input.Integer("minutes");
  if (!minutes) return;
  if (*minutes < 1 || *minutes > most) {
    input.Fail("minutes", "must be from 1 to " + std::to_string(most) + " (30 days)");
  } else {
    request.shelve_for = std::chrono::minutes(*minutes);
  }
}

void ReadAssignee(BodyInput& input, alerts::ActionRequest& request) {
  request.assignee = input.NullableText("assignee").value_or(std::nullopt);
  if (request.assignee && !base::IsUuid(*request.assignee)) {
    input.Fail("assignee", "must be the id of a user, or null for nobody");
  }
}

void CheckMembers(BodyInput& input, alerts::Action action) {
  const auto needs = [&](const char* name, const char* what) {
    if (!input.Has(name)) input.Fail(name, what);
  };
  if (action == alerts::Action::kShelve) needs("minutes", "is missing: for how long, such as 60");
  if (action == alerts::Action::kAssign) {
    needs("assignee", "is missing: the id of a user, or null for nobody");
  }
  if (action == alerts::Action::kComment) needs("comment", "is missing");
}

// A filter in a body as the parameters of a query: a list is separated by commas there.
http::Request AsQuery(BodyInput& input, const base::Json& filter) {
  http::Request request;
  for (const auto& [name, value] : filter.items()) {
    std::string text;
    bool fits = true;
    for (const base::Json& item : value.is_array() ? value : base::Json::array({value})) {
      fits = fits && item.is_string() &&
             (!value.is_array() || !item.get_ref<const std::string&>().empty());
      if (fits) text += (text.empty() ? "" : ",") + item.get<std::string>();
    }
    if (!fits) input.Fail("filter." + name.substr(0, 64), "must be text or a list of texts");
    request.query.emplace_back(name, std::move(text));
  }
  return request;
}

}  // namespace

alerts::AlertFilter ReadAlertFilter(QueryInput& input, const std::string& user_id) {
  alerts::AlertFilter filter;
  filter.statuses = input.EnumList("status", alerts::ParseAlertStatus,
                                   "open, acknowledged, resolved, suppressed");
  filter.severities =
      input.EnumList("severity", rules::ParseSeverity, "low, medium, high, critical");
  filter.device_id = input.Text("device_id");
  filter.rule_id = input.Text("rule_id");
  filter.assigned_to = input.Text("assigned_to");
  if (filter.assigned_to == "me") {
    filter.assigned_to = user_id;
  } else if (filter.assigned_to == "none") {
    filter.assigned_to.reset();
    filter.unassigned = true;
  } else if (filter.assigned_to && !base::IsUuid(*filter.assigned_to)) {
    input.Fail("assigned_to", "must be the id of a user, me or none");
  }
  const Shelved shelved =
      input.Enum("shelved", ParseShelved, "hide, include, only").value_or(Shelved::kHide);
  if (shelved != Shelved::kInclude) filter.shelved = shelved == Shelved::kOnly;
  filter.start = input.Time("start");
  filter.end = input.Time("end");
  filter.search = input.Text("search").value_or("");
  return filter;
}

alerts::AlertFilter ReadAlertFilter(BodyInput& input, const std::string& user_id) {
  const auto object = input.Object("filter");
  if (!object) return {};
  const http::Request request = AsQuery(input, *object);
  QueryInput query(request);
  alerts::AlertFilter filter = ReadAlertFilter(query, user_id);
  const base::Status status = query.Check();
  for (const base::FieldError& error : status.fields()) {
    input.Fail("filter." + error.field, error.message);
  }
  return filter;
}

alerts::ActionRequest ReadAlertAction(BodyInput& input, alerts::Action action) {
  alerts::ActionRequest request;
  request.action = action;
  if (action == alerts::Action::kComment) {
    ReadComment(input, request);
  } else {
    ReadOptionalComment(input, request);
  }
  if (action == alerts::Action::kShelve) ReadMinutes(input, request);
  if (action == alerts::Action::kAssign) ReadAssignee(input, request);
  CheckMembers(input, action);
  return request;
}

alerts::ActionRequest ReadAnyAlertAction(BodyInput& input) {
  alerts::ActionRequest request;
  const auto action = input.Enum("action", alerts::ParseAction, alerts::ActionNames());
  if (!input.Has("action")) input.Fail("action", "is missing: one of " + alerts::ActionNames());
  ReadComment(input, request);
  ReadMinutes(input, request);
  ReadAssignee(input, request);
  if (action) {
    request.action = *action;
    CheckMembers(input, *action);
  }
  return request;
}

}  // namespace energy::api
