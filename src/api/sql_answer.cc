#include "api/sql_answer.h"

#include "http/late_answer.h"

namespace energy::api {
namespace {

using http::Response;
using sqlquery::ResultFormat;

constexpr size_t kMostSqlBytes = 100'000;
constexpr std::string_view kParquet = "application/vnd.apache.parquet";

std::string DataJson(const sqlquery::Answer& answer) {
  base::Json columns = base::Json::array();
  for (const sqlquery::ResultColumn& column : answer.columns) {
    columns.push_back({{"name", column.name}, {"type", column.type}});
  }
  std::string data = R"({"columns":)" + columns.dump();
  data += R"(,"rows":)";
  data += answer.body;
  data += R"(,"row_count":)" + std::to_string(answer.row_count);
  data += R"(,"truncated":)" + std::string(answer.truncated ? "true" : "false");
  data += R"(,"duration_ms":)" + std::to_string(answer.duration.count() / 1000) + "}";
  return data;
}

// What JSON says beside the rows the other formats say in headers.
Response Show(sqlquery::Answer answer, ResultFormat format, const Envelope& envelope) {
  if (format == ResultFormat::kJson) return envelope.OkText(DataJson(answer));
  Response response;
  response.body = std::move(answer.body);
  response.SetHeader("Content-Type",
                     format == ResultFormat::kCsv ? "text/csv; charset=utf-8" : kParquet);
  response.SetHeader("Cache-Control", "no-store");
  response.SetHeader("X-Row-Count", std::to_string(answer.row_count));
  response.SetHeader("X-Truncated", answer.truncated ? "true" : "false");
  return response;
}

}  // namespace

Response AnswerSql(sqlquery::Request query, const SqlParts& parts, const Envelope& envelope) {
  if (query.sql.size() > kMostSqlBytes) {
    return envelope.Error(
        base::InvalidField("sql", "must have at most " + std::to_string(kMostSqlBytes) + " bytes"));
  }
  Response response;
  response.later = std::make_shared<http::LateAnswer>();
  const bool taken = parts.workers.Submit(
      [&service = parts.service, &envelope, query = std::move(query), later = response.later] {
        auto answer = service.Query(query, [&] { return later->abandoned(); });
        later->Complete(answer.ok() ? Show(std::move(answer).value(), query.format, envelope)
                                    : envelope.Error(answer.status()));
      });
  return taken ? response : envelope.Error(sqlquery::TooManyQueries());
}

}  // namespace energy::api
