#include "notifications/preferences.h"

#include <algorithm>

#include "audit/audit.h"
#include "auth/model.h"
#include "base/json_values.h"
#include "base/random.h"
#include "notifications/recipient.h"
#include "sql/dialect.h"

namespace energy::notifications {
namespace {

constexpr std::string_view kSelect =
    "SELECT u.id, u.email, n.email, n.phone, n.chat_id, n.channels, n.language, n.time_zone, "
    "n.quiet_start, n.quiet_end, n.quiet_breakthrough, n.updated_at "
    "FROM users u LEFT JOIN user_notifications n ON n.user_id = u.id WHERE ";
constexpr size_t kColumnCount = 12;

Person FromRow(const sql::Row& row) {
  Person person;
  person.account_email = row.Text(1);
  Preferences& p = person.preferences;
  p.user_id = row.Text(0);
  if (row.IsNull(11)) return person;
  p.email = row.OptText(2);
  p.phone = row.OptText(3);
  p.chat_id = row.OptText(4);
  p.channels = sql::ParseArray(row.Text(5));
  p.language = row.Text(6);
  p.time_zone = row.Text(7);
  if (!row.IsNull(8) && !row.IsNull(9)) {
    p.quiet = QuietHours{static_cast<int>(row.Int(8)), static_cast<int>(row.Int(9))};
  }
  p.quiet_breakthrough = ParseSeverity(row.Text(10)).value_or(Severity::kCritical);
  p.updated_at = row.Time(11);
  return person;
}

base::Result<Person> Load(sql::Connection& connection, const std::string& user_id) {
  if (!base::IsUuid(user_id)) return base::NotFound("no user '" + user_id + "'");
  ENERGY_ASSIGN_OR_RETURN(const auto rows, connection.Query(std::string(kSelect) + "u.id = :id",
                                                            {{"id", user_id}}, kColumnCount));
  if (rows.empty()) return base::NotFound("no user '" + user_id + "'");
  return FromRow(rows.front());
}

base::Result<std::optional<Person>> FindActive(sql::Connection& connection,
                                               std::string_view condition, const std::string& key) {
  ENERGY_ASSIGN_OR_RETURN(
      const auto rows,
      connection.Query(std::string(kSelect) + std::string(condition) + " AND u.is_active = true",
                       {{"key", key}}, kColumnCount));
  if (rows.empty()) return std::optional<Person>();
  return std::optional(FromRow(rows.front()));
}

using Errors = std::vector<base::FieldError>;

void SetAddress(const std::optional<std::optional<std::string>>& change, ChannelId channel,
                const std::string& field, std::optional<std::string>& address, Errors& errors) {
  if (!change) return;
  address = *change;
  if (!address) return;
  const base::Status status = CheckAddress(channel, *address);
  if (!status.ok()) errors.push_back({field, status.message()});
}

void SetQuiet(const PreferencesPatch& patch, Preferences& preferences, Errors& errors) {
  if (!patch.quiet_start && !patch.quiet_end) return;
  const auto given = [&](const std::optional<std::optional<std::string>>& change,
                         int QuietHours::*part) -> std::optional<std::string> {
    if (change) return *change;
    if (!preferences.quiet) return std::nullopt;
    return MinuteOfDayText((*preferences.quiet).*part);
  };
  const auto removes = [](const std::optional<std::optional<std::string>>& change) {
    return change && !*change;
  };
  if (removes(patch.quiet_start) || removes(patch.quiet_end)) {
    preferences.quiet.reset();
    return;
  }
  const auto start = given(patch.quiet_start, &QuietHours::start);
  const auto end = given(patch.quiet_end, &QuietHours::end);
  if (!start || !end) {
    errors.push_back({start ? "quiet_end" : "quiet_start", "is missing: quiet hours take both"});
    return;
  }
  const auto from = ParseMinuteOfDay(*start);
  const auto to = ParseMinuteOfDay(*end);
  if (!from.ok()) errors.push_back({"quiet_start", from.status().message()});
  if (!to.ok()) errors.push_back({"quiet_end", to.status().message()});
  if (!from.ok() || !to.ok()) return;
  if (*from == *to) errors.push_back({"quiet_end", "must differ from quiet_start"});
  preferences.quiet = QuietHours{*from, *to};
}

void SetChannels(const PreferencesPatch& patch, Preferences& preferences, Errors& errors) {
  if (patch.channels) {
    preferences.channels.clear();
    for (const std::string& name : *patch.channels) {
      const auto channel = ParseChannel(name);
      if (!channel || channel == ChannelId::kWebhook) {
        errors.push_back({"channels", "takes email, whatsapp and telegram"});
        return;
      }
      auto& channels = preferences.channels;
      if (std::find(channels.begin(), channels.end(), name) == channels.end()) {
        channels.push_back(name);
      }
    }
  }
  const auto has = [&](const char* name) {
    return std::find(preferences.channels.begin(), preferences.channels.end(), name) !=
           preferences.channels.end();
  };
  if (has("whatsapp") && !preferences.phone) {
    errors.push_back({"phone", "is missing: channels names whatsapp"});
  }
  if (has("telegram") && !preferences.chat_id) {
    errors.push_back({"chat_id", "is missing: channels names telegram"});
  }
}

base::Status Apply(const PreferencesPatch& patch, Preferences& preferences) {
  Errors errors;
  SetAddress(patch.email, ChannelId::kEmail, "email", preferences.email, errors);
  SetAddress(patch.phone, ChannelId::kWhatsApp, "phone", preferences.phone, errors);
  SetAddress(patch.chat_id, ChannelId::kTelegram, "chat_id", preferences.chat_id, errors);
  SetChannels(patch, preferences, errors);
  if (patch.language) preferences.language = *patch.language;
  if (!ParseLanguage(preferences.language)) errors.push_back({"language", "must be en or de"});
  if (patch.time_zone) preferences.time_zone = *patch.time_zone;
  if (!IsTimeZone(preferences.time_zone)) {
    errors.push_back(
        {"time_zone", "must be a name of the IANA time zone database, such as Europe/Berlin"});
  }
  SetQuiet(patch, preferences, errors);
  if (patch.quiet_breakthrough) preferences.quiet_breakthrough = *patch.quiet_breakthrough;
  if (errors.empty()) return {};
  return base::InvalidArgument("the notification settings are not valid", std::move(errors));
}

base::Status Store(sql::Connection& connection, const Preferences& p) {
  std::optional<int> start;
  std::optional<int> end;
  if (p.quiet) {
    start = p.quiet->start;
    end = p.quiet->end;
  }
  return connection
      .Execute(
          "INSERT INTO user_notifications (user_id, email, phone, chat_id, channels, language, "
          "time_zone, quiet_start, quiet_end, quiet_breakthrough, updated_at) VALUES (:user_id, "
          ":email, :phone, :chat_id, :channels, :language, :time_zone, :quiet_start, :quiet_end, "
          ":quiet_breakthrough, :updated_at) ON CONFLICT (user_id) DO UPDATE SET "
          "email = excluded.email, phone = excluded.phone, chat_id = excluded.chat_id, "
          "channels = excluded.channels, language = excluded.language, "
          "time_zone = excluded.time_zone, quiet_start = excluded.quiet_start, "
          "quiet_end = excluded.quiet_end, quiet_breakthrough = excluded.quiet_breakthrough, "
          "updated_at = excluded.updated_at",
          {{"user_id", p.user_id},
           {"email", p.email},
           {"phone", p.phone},
           {"chat_id", p.chat_id},
           {"channels", sql::ArrayValue(connection.dialect(), p.channels)},
           {"language", p.language},
           {"time_zone", p.time_zone},
           {"quiet_start", start},
           {"quiet_end", end},
           {"quiet_breakthrough", SeverityName(p.quiet_breakthrough)},
           {"updated_at", p.updated_at}})
      .status();
}

}  // namespace

base::Json ToJson(const Preferences& p) {
  const auto minute = [](const std::optional<QuietHours>& quiet, int QuietHours::*part) {
    return quiet ? base::Json(MinuteOfDayText((*quiet).*part)) : base::Json(nullptr);
  };
  return {{"email", base::OrNull(p.email)},
          {"phone", base::OrNull(p.phone)},
          {"chat_id", base::OrNull(p.chat_id)},
          {"channels", p.channels},
          {"language", p.language},
          {"time_zone", p.time_zone},
          {"quiet_start", minute(p.quiet, &QuietHours::start)},
          {"quiet_end", minute(p.quiet, &QuietHours::end)},
          {"quiet_breakthrough", SeverityName(p.quiet_breakthrough)}};
}

std::optional<std::string> Person::AddressOn(ChannelId channel) const {
  const auto& chosen = preferences.channels;
  if (std::find(chosen.begin(), chosen.end(), ChannelName(channel)) == chosen.end()) {
    return std::nullopt;
  }
  switch (channel) {
    case ChannelId::kEmail:
      return preferences.email ? preferences.email : account_email;
    case ChannelId::kWhatsApp:
      return preferences.phone;
    case ChannelId::kTelegram:
      return preferences.chat_id;
    case ChannelId::kWebhook:
      return std::nullopt;
  }
  return std::nullopt;
}

base::Result<Preferences> PreferencesService::Get(const std::string& user_id) {
  return database_.Read([&](sql::Connection& connection) -> base::Result<Preferences> {
    ENERGY_ASSIGN_OR_RETURN(Person person, Load(connection, user_id));
    return std::move(person.preferences);
  });
}

base::Result<Preferences> PreferencesService::Update(const std::string& user_id,
                                                     const PreferencesPatch& patch) {
  return database_.Transaction([&](sql::Connection& connection) -> base::Result<Preferences> {
    ENERGY_ASSIGN_OR_RETURN(const Person person, Load(connection, user_id));
    Preferences changed = person.preferences;
    ENERGY_RETURN_IF_ERROR(Apply(patch, changed));
    changed.updated_at = clock_.Now();
    ENERGY_RETURN_IF_ERROR(Store(connection, changed));
    ENERGY_RETURN_IF_ERROR(audit::Record(
        connection, clock_,
        {"user.notifications", "user", user_id, ToJson(person.preferences), ToJson(changed)}));
    return changed;
  });
}

base::Result<std::optional<Person>> PreferencesService::FindPerson(sql::Connection& connection,
                                                                   std::string_view email) {
  return FindActive(connection, "u.email = :key", auth::NormalizeEmail(email));
}

base::Result<std::optional<Person>> PreferencesService::FindPersonById(sql::Connection& connection,
                                                                       const std::string& user_id) {
  return FindActive(connection, "u.id = :key", user_id);
}

}  // namespace energy::notifications
