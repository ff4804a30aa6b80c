#include "api/query_answer.h"

#include <charconv>
#include <utility>

#include "base/text.h"

namespace energy::api {
namespace {

using query::Format;

constexpr size_t kPieceBytes = 256 << 10;
constexpr std::chrono::milliseconds kPieceTime(100);
constexpr std::chrono::milliseconds kFirstPieceTime(1000);

std::optional<Format> ParseFormat(std::string_view name) {
  if (name == "json") return Format::kJsonRows;
  if (name == "csv") return Format::kCsv;
  if (name == "arrow") return Format::kArrow;
  if (name == "parquet") return Format::kParquet;
  return std::nullopt;
}

// The weight of a media range (RFC 9110 §12.4.2).
double Weight(std::string_view parameters) {
  const size_t q = parameters.find("q=");
  if (q == std::string_view::npos) return 1;
  double weight = 1;
  std::from_chars(parameters.data() + q + 2, parameters.data() + parameters.size(), weight);
  return weight;
}

Format AcceptedFormat(std::string_view accept) {
  Format best = Format::kJsonRows;
  double best_weight = 0;
  while (!accept.empty()) {
    const size_t end = std::min(accept.find(','), accept.size());
    const std::string_view range = accept.substr(0, end);
    accept.remove_prefix(std::min(end + 1, accept.size()));
    const size_t semicolon = std::min(range.find(';'), range.size());
    const std::string_view type = base::Trim(range.substr(0, semicolon));
    std::optional<Format> format;
    if (http::EqualsIgnoreCase(type, "application/json")) format = Format::kJsonRows;
    if (http::EqualsIgnoreCase(type, "text/csv")) format = Format::kCsv;
    if (http::EqualsIgnoreCase(type, "application/vnd.apache.arrow.stream")) {
      format = Format::kArrow;
    }
    if (http::EqualsIgnoreCase(type, "application/vnd.apache.parquet")) format = Format::kParquet;
    const double weight = Weight(range.substr(semicolon));
    if (!format || weight <= best_weight) continue;
    best = *format;
    best_weight = weight;
  }
  return best;
}

// An answer on its way out.
class AnswerStream {
 public:
  AnswerStream(std::unique_ptr<query::Answer> answer, const AnswerForm& form,
               const Envelope& envelope)
      : answer_(std::move(answer)),
        writer_(query::MakeWriter(form.format, form.time)),
        envelope_(envelope),
        is_json_(form.format == Format::kJsonRows || form.format == Format::kJsonColumns) {}

  bool holds_rows() const { return writer_->holds_rows(); }

  // Appends about kPieceBytes, less when `time` is up; without `time` reads all rows first. False
  // at the end.
  base::Result<bool> Fill(std::string& piece, std::optional<std::chrono::milliseconds> time) {
    const auto until = envelope_.clock().Steady() + time.value_or(kFirstPieceTime);
    if (!std::exchange(begun_, true)) {
      if (is_json_) piece += Envelope::Opening();
      writer_->Begin(answer_->header(), piece);
    }
    while (more_rows_) {
      query::Block block;
      ENERGY_ASSIGN_OR_RETURN(more_rows_, answer_->Next(block));
      if (!more_rows_) break;
      ENERGY_RETURN_IF_ERROR(writer_->Rows(answer_->header(), std::move(block), piece));
      const bool enough = piece.size() >= kPieceBytes || envelope_.clock().Steady() >= until;
      if (time && enough) return true;
    }
    if (writer_->End(answer_->header(), answer_->tail(), piece)) return true;
    if (is_json_) piece += envelope_.Closing();
    return false;
  }

 private:
  const std::unique_ptr<query::Answer> answer_;
  const std::unique_ptr<query::Writer> writer_;
  const Envelope& envelope_;
  const bool is_json_;
  bool begun_ = false;
  bool more_rows_ = true;
};

}  // namespace

AnswerForm ReadForm(QueryInput& input, const http::Request& request) {
  AnswerForm form;
  const auto layout = input.Enum(
      "layout",
      [](std::string_view name) -> std::optional<Format> {
        if (name == "rows") return Format::kJsonRows;
        if (name == "columns") return Format::kJsonColumns;
        return std::nullopt;
      },
      "rows, columns");
  const auto format = input.Enum("format", ParseFormat, "json, csv, arrow, parquet");
  form.time = input.Enum("time", query::ParseTimeFormat, "rfc3339, s, ms, ns")
                  .value_or(query::TimeFormat::kRfc3339);
  form.format = format ? *format : AcceptedFormat(request.Header("Accept"));
  if (form.format == Format::kJsonRows && layout) form.format = *layout;
  return form;
}

http::Response Respond(std::unique_ptr<query::Answer> answer, const AnswerForm& form,
                       const Envelope& envelope) {
  const query::Source source = answer->header().source;
  const auto stream = std::make_shared<AnswerStream>(std::move(answer), form, envelope);
  http::Response response;
  response.SetHeader("Content-Type", query::MediaType(form.format));
  response.SetHeader("Cache-Control", "no-store");
  response.SetHeader("Vary", "Accept");
  // JSON says so itself; the others have no place for it that every reader shows.
  response.SetHeader("X-Source", std::string(query::SourceName(source)));
  const auto more = stream->Fill(
      response.body, stream->holds_rows() ? std::nullopt : std::optional(kFirstPieceTime));
  if (!more.ok()) return envelope.Error(more.status());
  if (*more) {
    response.more = [stream](std::string& piece) { return stream->Fill(piece, kPieceTime); };
  }
  return response;
}

}  // namespace energy::api
