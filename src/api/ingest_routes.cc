#include "api/ingest_access.h"
#include "api/ingest_answers.h"
#include "api/resources.h"
#include "http/late_answer.h"

namespace energy::api {
namespace {

using http::Method;
using http::Request;
using http::Response;
using telemetry::Refusals;

constexpr size_t kWriteLimit = 32 << 20;
// What is kept of one refused text: the answer tells its sender, who has the whole.
constexpr size_t kLetterBytes = 1 << 20;
// How long a request waits for room in the pipeline before it is told to come back.
constexpr std::chrono::seconds kPatience{5};

// What one write needs until it is answered.
struct Write {
  IngestRouteParts parts;
  const Envelope& envelope;
  Request request;
  WriteAccess access;
  bool influx;  // errors in InfluxDB's form
  std::shared_ptr<http::LateAnswer> answer;

  void Unavailable(const base::Status& status) const {
    Response response = influx ? InfluxError(status) : envelope.Error(status);
    response.SetHeader("Retry-After", "1");
    answer->Complete(std::move(response));
  }
};
using WritePtr = std::shared_ptr<Write>;

// Hands the lane's readings over; `response` goes out once they are durable.
void FlushAndAnswer(const telemetry::LanePool::Lease& lane, const WritePtr& write,
                    Response response) {
  lane->Flush([write, response = std::move(response)](const base::Status& status) {
    if (!status.ok()) return write->Unavailable(status);
    write->answer->Complete(response);
  });
}

// POST /api/data/telemetry/{id}
void TakeReadings(const WritePtr& write) {
  const std::string id(write->request.Param("id"));
  Refusals refusals;
  const auto lane = write->parts.lanes.Take();
  const size_t accepted = lane->Read(id, write->request.body, /*device_id_required=*/false,
                                     write->parts.clock.Now(), refusals);
  telemetry::CutTexts(refusals, kLetterBytes);
  lane->Keep(refusals, "devices/" + id + "/telemetry");
  FlushAndAnswer(lane, write, AnswerReadings(accepted, refusals, write->envelope));
}

// POST /api/v2/write and /write
void TakeLines(const WritePtr& write, telemetry::Precision precision) {
  Refusals refusals;
  const auto lane = write->parts.lanes.Take();
  const auto outcome = lane->ReadLines(
      write->request.body, precision, write->parts.clock.Now(),
      [&](std::string_view device) { return write->access.MayWrite(device); }, refusals);
  if (outcome.forbidden_line != 0) {
    lane->Discard();
    write->answer->Complete(AnswerForbiddenLine(outcome));
    return;
  }
  telemetry::CutTexts(refusals, kLetterBytes);
  lane->Keep(refusals, telemetry::LinesTopic(precision));
  FlushAndAnswer(lane, write, AnswerLines(outcome.accepted, refusals));
}

// Runs `take` now or, on a worker, once the pipeline has room; the answer comes later.
Response Admit(const WritePtr& write, std::function<void(const WritePtr&)> take) {
  write->answer = std::make_shared<http::LateAnswer>();
  Response response;
  response.later = write->answer;
  if (!write->parts.lanes.saturated()) {
    take(write);
    return response;
  }
  write->parts.lanes.WhenReady(kPatience, [write, take](const base::Status& status) {
    if (status.ok() && write->parts.workers.Submit([write, take] { take(write); })) return;
    write->Unavailable(status.ok() ? base::Unavailable("too many requests are waiting") : status);
  });
  return response;
}

// What a write needs of its request; the rest stays, for the access log.
Request TakeContent(Request& request) {
  Request content;
  content.params = request.params;
  content.body = std::move(request.body);
  return content;
}

base::Status CheckRate(const Request& request, const IngestRouteParts& parts) {
  return parts.limiter.Take(RateClass::kIngest, {}, request.remote_address).status;
}

Response PostReadings(Request& request, const IngestRouteParts& parts, const Envelope& envelope) {
  if (const base::Status status = CheckRate(request, parts); !status.ok()) {
    return envelope.Error(status);
  }
  auto access = AuthorizeWrite(request, parts.auth, parts.mqtt_access);
  if (!access.ok()) return envelope.Error(access.status());
  if (!access->MayWrite(request.Param("id"))) {
    return envelope.Error(base::PermissionDenied("These credentials may not write this device."));
  }
  return Admit(
      std::make_shared<Write>(Write{
          parts, envelope, TakeContent(request), std::move(access).value(), /*influx=*/false, {}}),
      TakeReadings);
}

Response PostLines(Request& request, const IngestRouteParts& parts, const Envelope& envelope) {
  if (const base::Status status = CheckRate(request, parts); !status.ok()) {
    return InfluxError(status);
  }
  auto access = AuthorizeWrite(request, parts.auth, parts.mqtt_access);
  if (!access.ok()) return InfluxError(access.status());
  const auto precision =
      telemetry::ParsePrecision(request.Query("precision").value_or(std::string_view()));
  if (!precision) {
    return InfluxError(base::InvalidField("precision", "must be one of ns, us, ms, s"));
  }
  return Admit(
      std::make_shared<Write>(Write{
          parts, envelope, TakeContent(request), std::move(access).value(), /*influx=*/true, {}}),
      [precision](const WritePtr& admitted) { TakeLines(admitted, *precision); });
}

Response Ping(const std::string& version) {
  Response response;
  response.status = 204;
  response.SetHeader("X-Influxdb-Build", "energy-platform");
  response.SetHeader("X-Influxdb-Version", "energy-platform-" + version);
  return response;
}

}  // namespace

void AddIngestRoutes(http::Router& router, IngestRouteParts parts, const Envelope& envelope) {
  router.Add(
      Method::kPost, "/api/data/telemetry/{id}",
      [parts, &envelope](Request& request) { return PostReadings(request, parts, envelope); },
      parts.run, kWriteLimit);
  for (const char* path : {"/api/v2/write", "/write"}) {
    router.Add(
        Method::kPost, path,
        [parts, &envelope](Request& request) { return PostLines(request, parts, envelope); },
        parts.run, kWriteLimit);
  }
  router.Add(
      Method::kGet, "/ping", [version = parts.version](Request&) { return Ping(version); },
      http::Run::kInline);
}

}  // namespace energy::api
