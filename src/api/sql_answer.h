#pragma once

#include "api/envelope.h"
#include "base/worker_pool.h"
#include "http/message.h"
#include "sqlquery/service.h"

namespace energy::api {

struct SqlParts {
  sqlquery::SqlService& service;
  /// Its threads wait for queries, so that those of the other routes need not.
  base::WorkerPool& workers;
};

/// The answer to a statement (decision 8), later: in the form that `query` says. The query ends
/// when its client leaves.
///
/// `parts` and `envelope` outlive the answer. Threads: any, does not wait.
http::Response AnswerSql(sqlquery::Request query, const SqlParts& parts, const Envelope& envelope);

}  // namespace energy::api
