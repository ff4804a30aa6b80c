#pragma once

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

  /// All or none, in one transaction; durable when ok.
  base::Status Add(const std::vector<DeadLetter>& letters);
  base::Result<sql::Listing<StoredDeadLetter>> List(const DeadLetterFilter& filter, sql::Page page);

 private:
  sql::Database& database_;
  base::Random& random_;
  const base::Clock& clock_;
};

}  // namespace energy::telemetry
