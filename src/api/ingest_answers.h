#pragma once

#include "api/envelope.h"
#include "telemetry/line_parser.h"
#include "telemetry/refusals.h"

namespace energy::api {

/// The answer to readings in JSON: one result a reading, in order. 200 when any was accepted; else
/// the error of the first one.
http::Response AnswerReadings(size_t accepted, const telemetry::Refusals& refusals,
                              const Envelope& envelope);

/// The answer to line protocol, as InfluxDB has it: 204, or 400 for a partial write with the first
/// refused lines in the message.
http::Response AnswerLines(size_t accepted, const telemetry::Refusals& refusals);
http::Response AnswerForbiddenLine(const telemetry::LineParser::Outcome& outcome);

/// {"code","message"} of InfluxDB 2.x and {"error"} of 1.x in one object.
http::Response InfluxError(const base::Status& status);
/// The same for what the protocol layer refuses, such as 413.
http::Response InfluxError(int status, std::string_view message);

/// True where line protocol is written, so that errors have InfluxDB's form.
bool IsLineWritePath(std::string_view path);

}  // namespace energy::api
