#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/model.h"
#include "base/status.h"

namespace energy::alerts {

/// What a person can do about an alert.
enum class Action { kAcknowledge, kResolve, kReopen, kShelve, kUnshelve, kAssign, kComment };

/// The words of the API and, after "alert.", of the audit log: never rename.
std::string_view ActionName(Action action);
std::optional<Action> ParseAction(std::string_view name);
/// The same in the alert's history: "acknowledged".
std::string_view DoneName(Action action);
/// All names, for messages.
std::string ActionNames();

inline constexpr std::chrono::minutes kLongestShelving = std::chrono::days(30);

/// The names of the statuses in which it may be possible.
std::vector<std::string> StatusesOf(Action action);

struct ActionRequest {
  Action action = Action::kComment;
  std::optional<std::string> comment;
  std::chrono::minutes shelve_for{0};   ///< of kShelve: 1 min to kLongestShelving
  std::optional<std::string> assignee;  ///< of kAssign: user id; nothing: to nobody
};

/// Ok when the state of `alert` admits `action`; the one table of what is possible when is there.
/// Errors: kConflict saying what the alert is and what the action takes.
base::Status CheckAction(Action action, const Alert& alert);

/// Changes `alert` as `request` says, for `user_id` at `now`. Does not check.
void ApplyAction(const ActionRequest& request, const std::string& user_id, base::Timestamp now,
                 Alert& alert);

}  // namespace energy::alerts
