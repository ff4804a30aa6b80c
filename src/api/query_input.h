#pragma once

#include "api/input.h"
#include "base/clock.h"
#include "query/engine.h"

namespace energy::api {

/// How far back queries and statistics look where no start is given.
inline constexpr std::chrono::hours kDefaultQueryRange{24};

/// Reads a structured query (`TelemetryQuery` of the API); what is wrong with it is in `input`, or
/// said by Engine::Run. Threads: any.
query::Query ReadQuery(BodyInput& input, const query::Engine& queries, base::Timestamp now);

}  // namespace energy::api
