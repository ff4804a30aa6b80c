#include "sqlquery/service.h"

#include <map>

#include "sqlquery/messages.h"

namespace energy::sqlquery {
namespace {

// A statement that takes longer is no question of a moment: the rest of the machine goes first.
constexpr std::chrono::milliseconds kPatience{500};

base::Status LeftAlone() { return base::Unavailable("the client has left"); }
base::Status Stopping() { return base::Unavailable("the server is stopping"); }
// The server's side of one query: answers the helper's questions until it has the result.
class Conversation {
 public:
  Conversation(SqlHelper& helper, const Tables& tables, uint64_t result_bytes)
      : helper_(helper), tables_(tables), result_bytes_(result_bytes) {}

  base::Result<Answer> Run(const StartMessage& start) {
    base::Status status = Send(MessageType::kStart, Encode(start));
    while (status.ok() && !done_) {
      auto message = helper_.channel().Receive();
      status = message.ok() ? Handle(*message) : message.status();
    }
    if (!status.ok()) return status;
    if (start.request.format == ResultFormat::kParquet) {
      ENERGY_ASSIGN_OR_RETURN(answer_.body, helper_.ReadFile(result_bytes_));
    }
    return std::move(answer_);
  }

  /// The helper itself said why there is no result.
  bool explained() const { return explained_; }

 private:
  base::Status Send(MessageType type, std::string_view content) {
    return helper_.channel().Send(static_cast<uint8_t>(type), content);
  }

  base::Status Handle(const Channel::Message& message) {
    switch (static_cast<MessageType>(message.type)) {
      case MessageType::kOpenScan:
        return OpenScan(message.content);
      case MessageType::kNextBlock:
        return NextBlock(message.content);
      case MessageType::kColumns: {
        ENERGY_ASSIGN_OR_RETURN(answer_.columns, DecodeColumns(message.content));
        return {};
      }
      case MessageType::kBody:
        if (answer_.body.size() + message.content.size() > result_bytes_) {
          return base::Internal("the SQL helper sent more than it may");
        }
        answer_.body += message.content;
        return {};
      case MessageType::kDone: {
        ENERGY_ASSIGN_OR_RETURN(const DoneMessage done, DecodeDone(message.content));
        answer_.row_count = done.rows;
        answer_.truncated = done.truncated;
        done_ = true;
        return {};
      }
      case MessageType::kFailed:
        explained_ = true;
        return DecodeStatus(message.content);
      default:
        return base::Internal("the SQL helper sent a message of an unknown type");
    }
  }

  base::Status OpenScan(std::string_view content) {
    ENERGY_ASSIGN_OR_RETURN(OpenScanMessage open, DecodeOpenScan(content));
    if (open.table >= tables_.size() || scans_.count(open.scan) != 0) {
      return base::Internal("the SQL helper opened a scan that there cannot be");
    }
    if (open.scan >= kMostScans) {
      return base::TooLarge(
          "the statement reads tables more than " + std::to_string(kMostScans) +
          " times: put what it reads again and again into a WITH AS MATERIALIZED");
    }
    Table& table = *tables_[open.table];
    // What DuckDB asks for beyond the columns is a number of the row, which counts nothing here.
    for (uint16_t& column : open.columns) {
      if (column >= table.spec().columns.size()) column = 0;
    }
    scans_[open.scan] =
        table.Open(std::move(open.columns), std::move(open.filter), helper_.RoomOf(open.scan));
    return {};
  }

  base::Status NextBlock(std::string_view content) {
    ENERGY_ASSIGN_OR_RETURN(const uint32_t scan, DecodeNumber(content));
    const auto found = scans_.find(scan);
    if (found == scans_.end())
      return base::Internal("the SQL helper reads a scan it has not opened");
    auto block = found->second->Next(helper_.channel().check());
    // A helper asks ahead and may be done, and gone, before it has the block: what it said last
    // tells, and a channel that is closed does so when it is read.
    (void)(block.ok()
               ? Send(MessageType::kBlock, Encode(BlockMessage{scan, std::move(*block)}))
               : Send(MessageType::kScanFailed, Encode(ScanFailedMessage{scan, block.status()})));
    return {};
  }

  SqlHelper& helper_;
  const Tables& tables_;
  const uint64_t result_bytes_;
  std::map<uint32_t, std::unique_ptr<Scan>> scans_;
  Answer answer_;
  bool done_ = false;
  bool explained_ = false;
};

std::vector<TableSpec> SpecsOf(const Tables& tables) {
  std::vector<TableSpec> specs;
  for (const auto& table : tables) specs.push_back(table->spec());
  return specs;
}

}  // namespace

base::Status TooManyQueries() {
  return {base::Code::kRateLimited,
          "too many SQL queries are running: try again in a few seconds",
          {{"retry_after_s", "2"}}};
}

// The right to run, given back at the end.
class SqlService::Turn {
 public:
  explicit Turn(SqlService& service) : service_(service) {}
  ~Turn() {
    {
      const std::lock_guard lock(service_.mutex_);
      --service_.running_;
    }
    service_.turn_.notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  SqlService& service_;
};

SqlService::SqlService(Options options, MakeTables make_tables, const base::Clock& clock,
                       const base::Logger& logger, base::Metrics& metrics)
    : options_(std::move(options)),
      make_tables_(std::move(make_tables)),
      clock_(clock),
      logger_(logger),
      seconds_(metrics.Histogram("sql_query_seconds", "How long ad-hoc SQL queries took.",
                                 base::LatencySecondsBounds())),
      failures_(
          metrics.Counter("sql_query_failures_total", "Ad-hoc SQL queries that gave no result.")),
      template_(options_.helper) {}

SqlService::~SqlService() { Stop(); }

base::Status SqlService::Start() {
  stopping_ = false;
  return {};
}

void SqlService::Stop() {
  stopping_ = true;
  turn_.notify_all();
  template_.Stop();
}

base::Status SqlService::WaitForTurn(const Cancelled& cancelled) {
  const auto deadline = clock_.Steady() + options_.wait;
  if (stopping_) return Stopping();
  std::unique_lock lock(mutex_);
  if (running_ >= options_.concurrent && waiting_ >= options_.waiting) return TooManyQueries();
  ++waiting_;
  base::Status status;
  while (running_ >= options_.concurrent && status.ok()) {
    turn_.wait_for(lock, kCheckInterval);
    if (stopping_) status = Stopping();
    if (clock_.Steady() >= deadline) status = TooManyQueries();
    if (cancelled && cancelled()) status = LeftAlone();
  }
  --waiting_;
  if (status.ok()) ++running_;
  return status;
}

base::Result<Answer> SqlService::Query(const Request& request, const Cancelled& cancelled) {
  ENERGY_RETURN_IF_ERROR(WaitForTurn(cancelled));
  const Turn turn(*this);
  ENERGY_ASSIGN_OR_RETURN(const Tables tables, make_tables_());
  return Run(request, tables, cancelled);
}

base::Result<Answer> SqlService::Run(const Request& request, const Tables& tables,
                                     const Cancelled& cancelled) {
  const Limits& limits = options_.limits;
  const auto begin = clock_.Steady();
  base::Status stopped;  // why we ended it, if we did
  const auto check = [&] {
    if (stopping_) {
      stopped = Stopping();
    } else if (cancelled && cancelled()) {
      stopped = LeftAlone();
    } else if (clock_.Steady() - begin >= limits.time) {
      stopped = base::TooLarge("the query took longer than " +
                               std::to_string(limits.time.count() / 1000) +
                               " s: narrow its time range, or name its devices");
    }
    return stopped;
  };
  ENERGY_ASSIGN_OR_RETURN(const std::unique_ptr<SqlHelper> helper, template_.Copy(check));
  bool yields = false;
  helper->channel().SetCheck([&] {
    if (!yields && clock_.Steady() - begin >= kPatience) {
      yields = true;
      helper->YieldToOthers();
    }
    return check();
  });
  Conversation conversation(*helper, tables, limits.result_bytes);
  auto answer = conversation.Run({.request = request, .limits = limits, .tables = SpecsOf(tables)});
  const auto duration = clock_.Steady() - begin;
  seconds_.Observe(std::chrono::duration<double>(duration).count());
  if (!answer.ok()) {
    failures_.Increment();
    if (!stopped.ok()) return stopped;
    // The channel says no more than that it is closed.
    const bool ended =
        !conversation.explained() && answer.status().code() == base::Code::kUnavailable;
    return ended ? helper->WhyItEnded() : answer.status();
  }
  answer->duration = std::chrono::duration_cast<std::chrono::microseconds>(duration);
  return answer;
}

}  // namespace energy::sqlquery
