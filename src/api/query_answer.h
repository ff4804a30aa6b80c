#pragma once

#include <memory>

#include "api/envelope.h"
#include "api/input.h"
#include "query/engine.h"
#include "query/format.h"

namespace energy::api {

/// How a client wants rows of telemetry.
struct AnswerForm {
  query::Format format = query::Format::kJsonRows;
  query::TimeFormat time = query::TimeFormat::kRfc3339;
};

/// Reads the parameters `format`, `layout` and `time`, and the Accept header where there is no
/// `format`: CSV, Arrow and Parquet are taken when they are named with a weight above that of JSON;
/// what is not known is answered as JSON.
AnswerForm ReadForm(QueryInput& input, const http::Request& request);

/// The rows in that form; JSON inside the envelope. A small answer is sent whole. Of a large one
/// the rest is read while the client takes it, so that its length needs no memory; should that fail
/// the connection is cut, because by then the status is sent.
///
/// `envelope` outlives the answer. Threads: a worker. Cost: up to the first 256 KiB, or a second.
http::Response Respond(std::unique_ptr<query::Answer> answer, const AnswerForm& form,
                       const Envelope& envelope);

}  // namespace energy::api
