#include "telemetry/dead_letter_repository.h"

#include "base/base64.h"

namespace energy::telemetry {

base::Status DeadLetterRepository::Add(const std::vector<DeadLetter>& letters) {
  std::vector<sql::Params> rows;
  rows.reserve(letters.size());
  for (const DeadLetter& letter : letters) {
    const bool text = sql::IsStorableText(letter.payload);
    std::optional<std::string> device;
    if (!letter.device_id.empty()) device = letter.device_id;
    rows.push_back({{"id", base::NewUuid(random_, clock_)},
                    {"device_id", device},
                    {"topic", letter.topic},
                    {"payload", text ? letter.payload : base::EncodeBase64(letter.payload)},
                    {"encoding", text ? "text" : "base64"},
                    {"reason", ReasonName(letter.reason)},
                    {"detail", letter.detail},
                    {"received_at", letter.received_at}});
  }
  return database_.Transaction([&](sql::Connection& connection) -> base::Status {
    return connection
        .ExecuteMany(
            "INSERT INTO dead_letters "
            "(id, device_id, topic, payload, payload_encoding, reason, detail, received_at) "
            "VALUES (:id, :device_id, :topic, :payload, :encoding, :reason, :detail, :received_at)",
            rows)
        .status();
  });
}

base::Result<sql::Listing<StoredDeadLetter>> DeadLetterRepository::List(
    const DeadLetterFilter& filter, sql::Page page) {
  sql::ListQuery query(
      "id, device_id, topic, payload, payload_encoding, reason, detail, received_at", 8,
      "dead_letters", "id");
  query.Equals("device_id", filter.device_id)
      .Equals("reason", filter.reason)
      .Between("received_at", filter.start, filter.end);
  ENERGY_RETURN_IF_ERROR(
      query.Sort(filter.sort,
                 {{"received_at", "received_at"}, {"reason", "reason"}, {"device_id", "device_id"}},
                 "-received_at"));
  return database_.Read([&](sql::Connection& connection) {
    return query.Fetch<StoredDeadLetter>(connection, page, [](const sql::Row& row) {
      const std::string payload = row.Text(3);
      return StoredDeadLetter{
          row.Text(0), row.OptText(1),
          row.Text(2), row.Text(4) == "base64" ? base::DecodeBase64(payload).value_or("") : payload,
          row.Text(5), row.Text(6),
          row.Time(7)};
    });
  });
}

}  // namespace energy::telemetry
