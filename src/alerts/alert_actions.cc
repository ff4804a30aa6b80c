#include <algorithm>

#include "alerts/alert_json.h"
#include "alerts/alert_service.h"
#include "audit/audit.h"

namespace energy::alerts {

AlertService::Tracked* AlertService::FindTrackedLocked(const Alert& alert) {
  const auto found = current_.find({alert.rule_id, alert.device_id});
  return found != current_.end() && found->second.alert.id == alert.id ? &found->second : nullptr;
}

base::Result<AlertService::Outcome> AlertService::ActInTransaction(sql::Connection& connection,
                                                                   const std::string& id,
                                                                   const ActionRequest& request,
                                                                   const std::string& user_id) {
  ENERGY_ASSIGN_OR_RETURN(const Alert before, repository_.Get(connection, id));
  ENERGY_RETURN_IF_ERROR(CheckAction(request.action, before));
  const base::Timestamp now = clock_.Now();
  Outcome outcome{before, before, {}};
  ApplyAction(request, user_id, now, outcome.after);
  if (request.action == Action::kReopen) {
    ENERGY_ASSIGN_OR_RETURN(const std::optional<std::string> other,
                            repository_.OtherActive(connection, before));
    if (other) {
      return base::Conflict("the rule has another alert of this device that is not resolved: " +
                            *other);
    }
    // The condition holds at present: it goes on with that episode.
    if (current_.contains({before.rule_id, before.device_id})) outcome.after.held_open = false;
  }
  outcome.event = NewEvent(&outcome.before, outcome.after, DoneName(request.action), now);
  outcome.event.actor_id = user_id;
  if (const auto actor = audit::CurrentActor()) outcome.event.actor = actor->name;
  outcome.event.comment = request.comment;
  ENERGY_RETURN_IF_ERROR(repository_.Update(connection, outcome.after));
  ENERGY_RETURN_IF_ERROR(Record(connection, outcome.after, outcome.event));
  const std::string action = "alert." + std::string(ActionName(request.action));
  ENERGY_RETURN_IF_ERROR(
      audit::Record(connection, clock_,
                    {action, "alert", before.id, ToJson(outcome.before), ToJson(outcome.after)}));
  return outcome;
}

void AlertService::AdoptLocked(Action action, const Outcome& outcome) {
  const rules::EpisodeKey key{outcome.after.rule_id, outcome.after.device_id};
  Tracked* const tracked = FindTrackedLocked(outcome.after);
  if (action == Action::kResolve) {
    if (tracked == nullptr) return;
    engine_.Forget(key, tracked->episode_began);
    current_.erase(key);
  } else if (action == Action::kReopen) {
    Tracked reopened{outcome.after, true, false};
    reopened.carried_count = outcome.after.reading_count;
    reopened.carried_worst = outcome.after.worst_value;
    if (const auto found = current_.find(key); found != current_.end()) {
      // The suppressed episode since then is part of this one from now on.
      reopened.episode_began = found->second.episode_began;
      ResolveByItself(found->second, outcome.event.at);
      ended_.push_back(std::move(found->second));
    }
    current_.insert_or_assign(key, std::move(reopened));
  } else if (tracked != nullptr) {
    tracked->alert = outcome.after;
  }
}

base::Result<std::vector<base::Result<Alert>>> AlertService::ActOnAll(
    const std::vector<std::string>& ids, const ActionRequest& request, const std::string& user_id) {
  std::lock_guard lock(mutex_);
  FlushLocked();
  // What is only in memory would be overwritten.
  if (failing_) return base::Unavailable("alerts cannot be written at present: try again");
  std::vector<base::Result<Outcome>> outcomes;
  const base::Status done = database_.Transaction([&](sql::Connection& connection) -> base::Status {
    if (request.action == Action::kAssign && request.assignee) {
      ENERGY_RETURN_IF_ERROR(CheckAssignee(connection, *request.assignee));
    }
    for (const std::string& id : ids) {
      outcomes.push_back(ActInTransaction(connection, id, request, user_id));
      const base::Code code = outcomes.back().status().code();
      const bool of_the_alert =
          code == base::Code::kOk || code == base::Code::kNotFound || code == base::Code::kConflict;
      if (!of_the_alert) return outcomes.back().status();
    }
    return {};
  });
  if (!done.ok()) return done;
  std::vector<base::Result<Alert>> answers;
  answers.reserve(outcomes.size());
  for (base::Result<Outcome>& outcome : outcomes) {
    if (!outcome.ok()) {
      answers.emplace_back(outcome.status());
      continue;
    }
    Mark(outcome->after);
    AdoptLocked(request.action, *outcome);
    if (observer_) observer_(outcome->after, outcome->event);
    answers.emplace_back(std::move(outcome->after));
  }
  // A reopened alert ends the suppressed episode that it takes over.
  if (!ended_.empty()) FlushLocked();
  UpdateGaugesLocked();
  return answers;
}

base::Result<Alert> AlertService::Act(const std::string& id, const ActionRequest& request,
                                      const std::string& user_id) {
  ENERGY_ASSIGN_OR_RETURN(std::vector<base::Result<Alert>> answers,
                          ActOnAll({id}, request, user_id));
  return std::move(answers.front());
}

}  // namespace energy::alerts
