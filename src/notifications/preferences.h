#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "notifications/local_time.h"
#include "notifications/model.h"
#include "sql/database.h"

namespace energy::notifications {

/// How a user wants to be told (decision 18), as far as a rule, a severity or an escalation names
/// the user.
struct Preferences {
  std::string user_id;
  std::optional<std::string> email;    ///< nothing: the one of the account
  std::optional<std::string> phone;    ///< of WhatsApp
  std::optional<std::string> chat_id;  ///< of Telegram
  std::vector<std::string> channels{"email"};
  std::string language = "en";
  std::string time_zone = "UTC";
  /// While they last, what is less severe than `quiet_breakthrough` waits until their end.
  std::optional<QuietHours> quiet;
  Severity quiet_breakthrough = Severity::kCritical;
  base::Timestamp updated_at;  ///< 1970: never, these are the defaults
};

base::Json ToJson(const Preferences& preferences);

/// What a change says; an absent member stays as it is.
struct PreferencesPatch {
  std::optional<std::optional<std::string>> email = {};
  std::optional<std::optional<std::string>> phone = {};
  std::optional<std::optional<std::string>> chat_id = {};
  std::optional<std::vector<std::string>> channels = {};
  std::optional<std::string> language = {};
  std::optional<std::string> time_zone = {};
  std::optional<std::optional<std::string>> quiet_start =
      {};  ///< "22:00"; either nothing: no quiet hours
  std::optional<std::optional<std::string>> quiet_end = {};
  std::optional<Severity> quiet_breakthrough = {};
};

/// A user as recipient: the account's address beside the preferences.
struct Person {
  Preferences preferences;
  std::string account_email;

  /// Where the channel reaches the user; nothing when it was not chosen or has no address. Users
  /// have no webhooks.
  std::optional<std::string> AddressOn(ChannelId channel) const;
};

/// The table `user_notifications`. Threads: safe anywhere; calls without a connection block on SQL.
class PreferencesService {
 public:
  PreferencesService(sql::Database& database, const base::Clock& clock)
      : database_(database), clock_(clock) {}

  /// Errors: kNotFound when there is no such user.
  base::Result<Preferences> Get(const std::string& user_id);
  /// Errors: kNotFound, kInvalidArgument with fields. Recorded in the audit log.
  base::Result<Preferences> Update(const std::string& user_id, const PreferencesPatch& patch);

  /// The active user of that account e-mail. Nothing when there is none.
  static base::Result<std::optional<Person>> FindPerson(sql::Connection& connection,
                                                        std::string_view email);
  /// The same by id.
  static base::Result<std::optional<Person>> FindPersonById(sql::Connection& connection,
                                                            const std::string& user_id);

 private:
  sql::Database& database_;
  const base::Clock& clock_;
};

}  // namespace energy::notifications
