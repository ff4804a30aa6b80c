#pragma once

#include "alerts/actions.h"
#include "alerts/alert_repository.h"
#include "api/input.h"

namespace energy::api {

/// Which alerts a request is about; `user_id` is who `me` stands for. Alerts that are shelved are
/// left out unless it says otherwise.
alerts::AlertFilter ReadAlertFilter(QueryInput& input, const std::string& user_id);

/// The same from the member `filter` of a body, an object of the same names.
alerts::AlertFilter ReadAlertFilter(BodyInput& input, const std::string& user_id);

/// The members that the body of `action` has.
alerts::ActionRequest ReadAlertAction(BodyInput& input, alerts::Action action);

/// The member `action`, and those of all actions: what the action needs must be there.
alerts::ActionRequest ReadAnyAlertAction(BodyInput& input);

}  // namespace energy::api
