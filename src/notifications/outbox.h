#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "notifications/channel.h"
#include "notifications/preferences.h"
#include "notifications/recipient.h"
#include "notifications/repository.h"
#include "notifications/rule_routing.h"

namespace energy::notifications {

struct OutboxOptions {
  /// Whom alerts of a severity tell where the rule says nothing else.
  std::map<Severity, std::vector<Recipient>> defaults;
  bool resolved = true;  ///< who was told of an alert is told of its end
  /// Whom and when to tell that nobody has acknowledged; 0: never.
  std::chrono::minutes escalation{0};
  std::vector<Recipient> escalation_recipients;
  /// How often what is of low severity is told, together; 0: at once, like the rest.
  std::chrono::minutes digest{60};
  /// How many alerts of a device, and of all, are told one by one in a minute; 0: any number.
  int64_t flood_per_device = 5;
  int64_t flood_site = 30;
  /// Of those who are no users.
  std::string language = "en";
  std::string time_zone = "UTC";
};

/// Turns what happens to alerts into rows of `notification_logs`, in the transaction of the alert
/// (decision 19): who is told, on which channel, in which language, and when. Without any channel
/// it does nothing. A recipient on a channel that is not set up gets a row that has failed, so that
/// it is seen.
///
/// Threads: safe anywhere. Cost: two reads and an insert for each recipient.
class Outbox {
 public:
  /// `channels` may be filled until the first call.
  Outbox(OutboxOptions options, const Channels& channels, const base::Clock& clock,
         base::Random& random)
      : options_(std::move(options)), channels_(channels), clock_(clock), random_(random) {}

  /// The name and the location of the device are filled in when they are not given. Writing the
  /// same event again changes nothing. Errors: those of SQL alone, so that no mistake
  /// in somebody's settings keeps an alert from being stored.
  base::Status Write(sql::Connection& connection, AlertEvent event);

 private:
  struct Target {
    ChannelId channel = ChannelId::kEmail;
    std::string address;
    std::string language;
    std::string time_zone;
    std::optional<Preferences> user;
  };
  using Targets = std::vector<Target>;

  base::Status AddTargets(sql::Connection& connection, const std::vector<Recipient>& recipients,
                          const std::vector<ChannelId>& wanted, Targets& targets) const;
  base::Status AddRoutedTargets(sql::Connection& connection, const AlertEvent& event,
                                const RuleRouting& routing, Targets& targets) const;
  base::Status AddToldTargets(sql::Connection& connection, const std::string& alert_id,
                              Targets& targets) const;
  base::Result<std::optional<std::string>> FloodBundle(sql::Connection& connection,
                                                       const AlertEvent& event) const;
  base::Status InsertAll(sql::Connection& connection, const AlertEvent& event,
                         const Targets& targets) const;
  base::Status InsertReminders(sql::Connection& connection, const AlertEvent& event,
                               const RuleRouting& routing) const;
  Notification RowFor(const AlertEvent& event, const Target& target) const;
  void Schedule(const AlertEvent& event, const Target& target,
                const std::optional<std::string>& flood, Notification& row) const;

  const OutboxOptions options_;
  const Channels& channels_;
  const base::Clock& clock_;
  base::Random& random_;
  NotificationRepository repository_;
};

}  // namespace energy::notifications
