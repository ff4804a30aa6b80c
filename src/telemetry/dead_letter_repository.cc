#include "telemetry/dead_letter_repository.h"

#include "audit/audit.h"
#include "base/base64.h"
#include "base/json_values.h"

namespace energy::telemetry {
namespace {

// Details quote input, which may be cut within a character or be no text at all.
std::string Storable(std::string text) {
  if (sql::IsStorableText(text)) return text;
  for (char& c : text) {
    if (static_cast<unsigned char>(c) >= 0x80 || c == '\0') c = '?';
  }
  return text;
}

constexpr const char* kColumns =
    "id, device_id, topic, payload, payload_encoding, reason, detail, received_at";
constexpr size_t kColumnCount = 8;

StoredDeadLetter ToLetter(const sql::Row& row) {
  const std::string payload = row.Text(3);
  return StoredDeadLetter{
      row.Text(0), row.OptText(1),
      row.Text(2), row.Text(4) == "base64" ? base::DecodeBase64(payload).value_or("") : payload,
      row.Text(5), row.Text(6),
      row.Time(7)};
}

sql::ListQuery Select(const DeadLetterFilter& filter) {
  sql::ListQuery query(kColumns, kColumnCount, "dead_letters", "id");
  query.In("id", filter.ids)
      .Equals("device_id", filter.device_id)
      .Equals("reason", filter.reason)
      .Between("received_at", filter.start, filter.end);
  return query;
}

void SetPayload(const std::string& payload, sql::Params& params) {
  const bool text = sql::IsStorableText(payload);
  params.push_back({"payload", text ? payload : base::EncodeBase64(payload)});
  params.push_back({"encoding", text ? "text" : "base64"});
}

}  // namespace

std::vector<sql::Params> DeadLetterRepository::ToRows(
    const std::vector<DeadLetter>& letters) const {
  std::vector<sql::Params> rows;
  rows.reserve(letters.size());
  for (const DeadLetter& letter : letters) {
    const bool text = sql::IsStorableText(letter.payload);
    std::optional<std::string> device;
    if (!letter.device_id.empty()) device = Storable(letter.device_id.substr(0, 255));
    rows.push_back({{"id", base::NewUuid(random_, clock_)},
                    {"device_id", device},
                    {"topic", letter.topic},
                    {"payload", text ? letter.payload : base::EncodeBase64(letter.payload)},
                    {"encoding", text ? "text" : "base64"},
                    {"reason", ReasonName(letter.reason)},
                    {"detail", Storable(letter.detail)},
                    {"received_at", letter.received_at}});
  }
  return rows;
}

base::Status DeadLetterRepository::Add(const std::vector<sql::Params>& rows) {
  return database_.Transaction([&](sql::Connection& connection) -> base::Status {
    return connection
        .ExecuteMany(
            "INSERT INTO dead_letters "
            "(id, device_id, topic, payload, payload_encoding, reason, detail, received_at) "
            "VALUES (:id, :device_id, :topic, :payload, :encoding, :reason, :detail, :received_at) "
            "ON CONFLICT (id) DO NOTHING",
            rows)
        .status();
  });
}

base::Result<sql::Listing<StoredDeadLetter>> DeadLetterRepository::List(
    const DeadLetterFilter& filter, sql::Page page) {
  sql::ListQuery query = Select(filter);
  ENERGY_RETURN_IF_ERROR(
      query.Sort(filter.sort,
                 {{"received_at", "received_at"}, {"reason", "reason"}, {"device_id", "device_id"}},
                 "-received_at"));
  return database_.Read([&](sql::Connection& connection) {
    return query.Fetch<StoredDeadLetter>(connection, page, ToLetter);
  });
}

base::Result<StoredDeadLetter> DeadLetterRepository::Get(std::string_view id) {
  const base::Status unknown = base::NotFound("There is no such dead letter.");
  if (!sql::IsStorableText(id)) return unknown;
  ENERGY_ASSIGN_OR_RETURN(const auto rows, database_.Read([&](sql::Connection& connection) {
    return connection.Query(std::string("SELECT ") + kColumns + " FROM dead_letters WHERE id = :id",
                            {{"id", id}}, kColumnCount);
  }));
  if (rows.empty()) return unknown;
  return ToLetter(rows.front());
}

base::Result<std::vector<StoredDeadLetter>> DeadLetterRepository::Next(
    const DeadLetterFilter& filter, const std::optional<StoredDeadLetter>& after, int limit) {
  sql::ListQuery query = Select(filter);
  if (after) {
    query.Where("(received_at > :after_time OR (received_at = :same_time AND id > :after_id))",
                {{"after_time", after->received_at},
                 {"same_time", after->received_at},
                 {"after_id", after->id}});
  }
  ENERGY_RETURN_IF_ERROR(query.Sort("", {{"received_at", "received_at"}}, "received_at"));
  ENERGY_ASSIGN_OR_RETURN(auto listing, database_.Read([&](sql::Connection& connection) {
    return query.Fetch<StoredDeadLetter>(connection, {1, limit}, ToLetter);
  }));
  return std::move(listing.items);
}

base::Result<std::map<std::string, uint64_t>> DeadLetterRepository::CountByDevice(
    base::Timestamp since) {
  ENERGY_ASSIGN_OR_RETURN(const auto rows, database_.Read([&](sql::Connection& connection) {
    return connection.Query(
        "SELECT device_id, COUNT(*) FROM dead_letters"
        " WHERE received_at >= :since AND device_id IS NOT NULL GROUP BY device_id",
        {{"since", since}}, 2);
  }));
  std::map<std::string, uint64_t> counts;
  for (const sql::Row& row : rows) counts[row.Text(0)] = static_cast<uint64_t>(row.Int(1));
  return counts;
}

base::Result<int64_t> DeadLetterRepository::Purge(const DeadLetterFilter& filter) {
  std::string where = " WHERE 1 = 1";
  sql::Params params;
  const auto add = [&](const char* condition, const char* name, const auto& value) {
    if (!value) return;
    where += std::string(" AND ") + condition + " :" + name;
    params.push_back({name, *value});
  };
  std::string ids;
  for (size_t i = 0; i < filter.ids.size(); ++i) {
    const std::string name = "id" + std::to_string(i);
    ids += (ids.empty() ? ":" : ", :") + name;
    params.push_back({name, filter.ids[i]});
  }
  if (!ids.empty()) where += " AND id IN (" + ids + ")";
  add("device_id =", "device", filter.device_id);
  add("reason =", "reason", filter.reason);
  add("received_at >=", "start", filter.start);
  add("received_at <", "end", filter.end);
  return database_.Transaction([&](sql::Connection& connection) -> base::Result<int64_t> {
    ENERGY_ASSIGN_OR_RETURN(const int64_t purged,
                            connection.Execute("DELETE FROM dead_letters" + where, params));
    const base::Json before{{"ids", filter.ids},
                            {"device_id", base::OrNull(filter.device_id)},
                            {"reason", base::OrNull(filter.reason)},
                            {"start", base::TimeOrNull(filter.start)},
                            {"end", base::TimeOrNull(filter.end)}};
    ENERGY_RETURN_IF_ERROR(audit::Record(
        connection, clock_,
        {"dead_letter.purge", "dead_letter", "", before, base::Json{{"purged", purged}}}));
    return purged;
  });
}

base::Status DeadLetterRepository::Delete(std::string_view id) {
  ENERGY_ASSIGN_OR_RETURN(const StoredDeadLetter letter, Get(id));
  const base::Json before{
      {"topic", letter.topic}, {"reason", letter.reason}, {"detail", letter.detail}};
  return database_.Transaction([&](sql::Connection& connection) -> base::Status {
    ENERGY_RETURN_IF_ERROR(SettleIn(connection, {letter.id}, {}));
    return audit::Record(connection, clock_,
                         {"dead_letter.delete", "dead_letter", letter.id, before, nullptr});
  });
}

base::Status DeadLetterRepository::Settle(const std::vector<std::string>& done,
                                          const std::vector<StoredDeadLetter>& kept) {
  return database_.Transaction([&](sql::Connection& connection) -> base::Status {
    ENERGY_RETURN_IF_ERROR(SettleIn(connection, done, kept));
    return audit::Record(connection, clock_,
                         {"dead_letter.replay",
                          "dead_letter",
                          "",
                          nullptr,
                          {{"replayed", done.size()}, {"refused", kept.size()}}});
  });
}

base::Status DeadLetterRepository::SettleIn(sql::Connection& connection,
                                            const std::vector<std::string>& done,
                                            const std::vector<StoredDeadLetter>& kept) {
  std::vector<sql::Params> gone;
  gone.reserve(done.size());
  for (const std::string& id : done) gone.push_back({{"id", id}});
  std::vector<sql::Params> changed;
  for (const StoredDeadLetter& letter : kept) {
    changed.push_back(
        {{"id", letter.id}, {"reason", letter.reason}, {"detail", Storable(letter.detail)}});
    SetPayload(letter.payload, changed.back());
  }
  if (!gone.empty()) {
    ENERGY_RETURN_IF_ERROR(
        connection.ExecuteMany("DELETE FROM dead_letters WHERE id = :id", gone).status());
  }
  if (changed.empty()) return {};
  return connection
      .ExecuteMany(
          "UPDATE dead_letters SET payload = :payload, payload_encoding = :encoding, "
          "reason = :reason, detail = :detail WHERE id = :id",
          changed)
      .status();
}

}  // namespace energy::telemetry
