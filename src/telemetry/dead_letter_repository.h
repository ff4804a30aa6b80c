#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "sql/database.h"
#include "sql/list_query.h"
#include "telemetry/model.h"

namespace energy::telemetry {

/// A dead letter as it is kept.
struct StoredDeadLetter {
  std::string id;
  std::optional<std::string> device_id;
  std::string topic;
  std::string payload;  ///< the bytes as they came, which need not be text
  std::string reason;
  std::string detail;
  base::Timestamp received_at;
};

struct DeadLetterFilter {
  std::vector<std::string> ids;  ///< UUIDs; empty: all
  std::optional<std::string> device_id;
  std::optional<std::string> reason;
  std::optional<base::Timestamp> start;
  std::optional<base::Timestamp> end;  ///< exclusive
  std::string sort;                    ///< received_at, reason or device_id, with '-' to descend
};

/// Dead letters in SQL. Threads: safe anywhere; calls block.
class DeadLetterRepository {
 public:
  DeadLetterRepository(sql::Database& database, base::Random& random, const base::Clock& clock)
      : database_(database), random_(random), clock_(clock) {}

  /// What Add takes: rows with their ids.
  std::vector<sql::Params> ToRows(const std::vector<DeadLetter>& letters) const;
  /// All or none, in one transaction; durable when ok. The same rows may be added again when it is
  /// not known whether they arrived.
  base::Status Add(const std::vector<sql::Params>& rows);
  base::Result<sql::Listing<StoredDeadLetter>> List(const DeadLetterFilter& filter, sql::Page page);
  /// Errors: kNotFound.
  base::Result<StoredDeadLetter> Get(std::string_view id);
  /// At most `limit` (500) that match, the oldest first, behind `after` in that order. The filter's
  /// `sort` is not used.
  base::Result<std::vector<StoredDeadLetter>> Next(const DeadLetterFilter& filter,
                                                   const std::optional<StoredDeadLetter>& after,
                                                   int limit);
  /// How many letters of each device came since `since`; without the unnamed.
  base::Result<std::map<std::string, uint64_t>> CountByDevice(base::Timestamp since);
  /// Removes all that match; answers how many.
  base::Result<int64_t> Purge(const DeadLetterFilter& filter);
  /// Errors: kNotFound.
  base::Status Delete(std::string_view id);
  /// What a replay led to, in one transaction: the first go, the others get the payload, reason and
  /// detail given here.
  base::Status Settle(const std::vector<std::string>& done,
                      const std::vector<StoredDeadLetter>& kept);

 private:
  base::Status SettleIn(sql::Connection& connection, const std::vector<std::string>& done,
                        const std::vector<StoredDeadLetter>& kept);

  sql::Database& database_;
  base::Random& random_;
  const base::Clock& clock_;
};

}  // namespace energy::telemetry
