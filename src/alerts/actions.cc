#include "alerts/actions.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace energy::alerts {
namespace {

using enum Action;

constexpr uint8_t Bit(AlertStatus status) {
  return static_cast<uint8_t>(1U << static_cast<unsigned>(status));
}
constexpr uint8_t kOpen = Bit(AlertStatus::kOpen);
constexpr uint8_t kActive = kOpen | Bit(AlertStatus::kAcknowledged);
constexpr uint8_t kEnded = Bit(AlertStatus::kResolved);
constexpr uint8_t kSuppressed = Bit(AlertStatus::kSuppressed);
constexpr uint8_t kAny = kActive | kEnded | kSuppressed;

struct Row {
  Action action;
  std::string_view name;
  std::string_view done;
  uint8_t from;  // the statuses it is possible in
  std::string_view takes;
};

// The life cycle: what is possible when. What it leads to says ApplyAction.
constexpr auto kTable = std::to_array<Row>({
    {kAcknowledge, "acknowledge", "acknowledged", kOpen, "only an open one can be acknowledged"},
    {kResolve, "resolve", "resolved", kActive | kSuppressed,
     "only one that goes on can be resolved"},
    {kReopen, "reopen", "reopened", kEnded, "only a resolved one can be reopened"},
    {kShelve, "shelve", "shelved", kActive, "only an open or acknowledged one can be shelved"},
    {kUnshelve, "unshelve", "unshelved", kActive, "only a shelved one can be unshelved"},
    {kAssign, "assign", "assigned", kActive, "only an open or acknowledged one can be assigned"},
    {kComment, "comment", "commented", kAny, ""},
});

const Row& RowOf(Action action) { return kTable.at(static_cast<size_t>(action)); }

void End(const std::string& user_id, base::Timestamp now, Alert& alert) {
  if (alert.status != AlertStatus::kSuppressed) alert.status = AlertStatus::kResolved;
  alert.resolved_by = user_id;
  alert.resolved_at = now;
  alert.shelved_until.reset();
  alert.held_open = false;
}

// Somebody has to look at it anew. It does not end by itself until the condition has held again:
// at present it may not hold, which is no news.
void Reopen(Alert& alert) {
  alert.status = AlertStatus::kOpen;
  alert.resolved_by.reset();
  alert.resolved_at.reset();
  alert.acknowledged_by.reset();
  alert.acknowledged_at.reset();
  alert.held_open = true;
}

}  // namespace

std::string_view ActionName(Action action) { return RowOf(action).name; }

std::string_view DoneName(Action action) { return RowOf(action).done; }

std::optional<Action> ParseAction(std::string_view name) {
  for (const Row& row : kTable) {
    if (row.name == name) return row.action;
  }
  return std::nullopt;
}

std::string ActionNames() {
  std::string names;
  for (const Row& row : kTable) names += (names.empty() ? "" : ", ") + std::string(row.name);
  return names;
}

std::vector<std::string> StatusesOf(Action action) {
  std::vector<std::string> names;
  for (const AlertStatus status : {AlertStatus::kOpen, AlertStatus::kAcknowledged,
                                   AlertStatus::kResolved, AlertStatus::kSuppressed}) {
    if ((RowOf(action).from & Bit(status)) != 0) names.emplace_back(AlertStatusName(status));
  }
  return names;
}

base::Status CheckAction(Action action, const Alert& alert) {
  const Row& row = RowOf(action);
  const auto refuse = [&](std::string_view state) {
    return base::Conflict("the alert is " + std::string(state) + ": " + std::string(row.takes));
  };
  if ((row.from & Bit(alert.status)) == 0) return refuse(AlertStatusName(alert.status));
  if (action == kResolve && alert.resolved_at) return refuse("over");
  if (action == kUnshelve && !alert.shelved_until) return refuse("not shelved");
  return {};
}

void ApplyAction(const ActionRequest& request, const std::string& user_id, base::Timestamp now,
                 Alert& alert) {
  if (request.comment) alert.comment = request.comment;
  switch (request.action) {
    case kAcknowledge:
      alert.status = AlertStatus::kAcknowledged;
      alert.acknowledged_by = user_id;
      alert.acknowledged_at = now;
      break;
    case kResolve:
      End(user_id, now, alert);
      break;
    case kReopen:
      Reopen(alert);
      break;
    case kShelve:
      alert.shelved_until =
          now + std::clamp(request.shelve_for, std::chrono::minutes(1), kLongestShelving);
      break;
    case kUnshelve:
      alert.shelved_until.reset();
      break;
    case kAssign:
      alert.assigned_to = request.assignee;
      break;
    case kComment:
      break;
  }
}

}  // namespace energy::alerts
