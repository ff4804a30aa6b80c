#include "sqlquery/helper.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <new>

#include "sqlquery/descriptors.h"
#include "sqlquery/duck.h"
#include "sqlquery/messages.h"
#include "sqlquery/result_writer.h"
#include "sqlquery/sandbox.h"
#include "sqlquery/statement_text.h"
#include "sqlquery/table_function.h"

namespace energy::sqlquery {
namespace {

// One query, from its message to the last row.
class Query {
 public:
  Query(Channel& channel, const Window& window, duckdb_connection connection, StartMessage start)
      : channel_(channel),
        connection_(connection),
        start_(std::move(start)),
        tables_(channel, window, start_.tables) {}

  base::Status Run() {
    ENERGY_RETURN_IF_ERROR(CheckBegin(start_.request.sql));
    ENERGY_RETURN_IF_ERROR(Prepare());
    const bool parquet = start_.request.format == ResultFormat::kParquet;
    if (parquet) {
      ENERGY_ASSIGN_OR_RETURN(file_duck_, OpenDuck(/*files=*/true));
    }
    ENERGY_RETURN_IF_ERROR(LimitResources(start_.limits, parquet ? start_.limits.result_bytes : 0));
    ENERGY_RETURN_IF_ERROR(CloseDoors(/*may_open=*/parquet));
    ENERGY_RETURN_IF_ERROR(Plan());
    return Write();
  }

 private:
  // The instance as this query sees it; nothing here comes from the user but the time zone.
  base::Status Prepare() {
    // The engine keeps to less than the process may have, so that it can say so.
    const uint64_t memory = start_.limits.memory_bytes / 4 * 3;
    ENERGY_RETURN_IF_ERROR(tables_.Register(connection_));
    ENERGY_RETURN_IF_ERROR(
        Execute(connection_, "SET memory_limit = '" + std::to_string(memory) + "B'"));
    if (const base::Status zone =
            Execute(connection_, "SET TimeZone = " + Quoted(start_.request.time_zone));
        !zone.ok()) {
      return base::InvalidField("time_zone", "must be an IANA name such as Europe/Zurich");
    }
    ENERGY_RETURN_IF_ERROR(Execute(connection_, "SET errors_as_json = true"));
    return Execute(connection_, "SET lock_configuration = true");
  }

  // In one transaction, so that now() is the same for the plan that is read and for the one that
  // runs.
  base::Status Plan() {
    const std::string& sql = start_.request.sql;
    ENERGY_RETURN_IF_ERROR(Execute(connection_, "BEGIN TRANSACTION"));
    DuckStatements statements;
    const idx_t count = duckdb_extract_statements(connection_, sql.c_str(), statements.out());
    if (count == 0) {
      return UserError(sql, duckdb_extract_statements_error(statements.get()));
    }
    if (count != 1) return OnlySelect();
    if (duckdb_prepare_extracted_statement(connection_, statements.get(), 0, prepared_.out()) !=
        DuckDBSuccess) {
      return UserError(sql, duckdb_prepare_error(prepared_.get()));
    }
    if (duckdb_prepared_statement_type(prepared_.get()) != DUCKDB_STATEMENT_TYPE_SELECT) {
      return OnlySelect();
    }
    if (duckdb_nparams(prepared_.get()) != 0) {
      return base::InvalidField("sql", "has parameters: write their values into the statement");
    }
    tables_.LearnFilters(connection_, sql);
    return {};
  }

  base::Status Write() {
    const ResultTarget target{channel_, start_.limits, start_.request};
    if (start_.request.format == ResultFormat::kParquet) {
      return WriteParquet(target, prepared_.get(), file_duck_.connection.get());
    }
    return WriteText(target, prepared_.get());
  }

  Channel& channel_;
  const duckdb_connection connection_;
  const StartMessage start_;
  RemoteTables tables_;
  DuckInstance file_duck_;
  DuckPrepared prepared_;
};

// A statement like those to come, so that the pages of the engine's code are there when one comes.
base::Status WarmUp(const DuckInstance& duck) {
  const duckdb_connection connection = duck.connection.get();
  ENERGY_RETURN_IF_ERROR(Execute(connection, "SET TimeZone = 'UTC'"));
  for (const std::string before : {"EXPLAIN (FORMAT json) ", ""}) {
    ENERGY_RETURN_IF_ERROR(Execute(
        connection,
        before + "SELECT r % 2 AS k, avg(r::DOUBLE), max(to_timestamp(r)) FROM range(9) t(r) "
                 "WHERE to_timestamp(r) >= '1970-01-01' GROUP BY ALL ORDER BY ALL"));
  }
  return {};
}

base::Status Serve(Channel& channel, DuckInstance& duck, const std::string& start) {
  try {
    ENERGY_ASSIGN_OR_RETURN(StartMessage message, DecodeStart(start));
    ENERGY_ASSIGN_OR_RETURN(const Window window, Window::Open(kHelperWindow));
    // Its own, for random numbers of its own: those of the template are the same in every copy.
    DuckConnection connection;
    if (duckdb_connect(duck.database.get(), connection.out()) != DuckDBSuccess) {
      return base::Internal("DuckDB gives no connection");
    }
    return Query(channel, window, connection.get(), std::move(message)).Run();
  } catch (const std::bad_alloc&) {
    return UserError("", "Out of Memory");
  } catch (const std::exception& error) {
    return base::Internal(std::string("the SQL helper failed: ") + error.what());
  }
}

// Makes `from` the descriptors of a helper and closes all others.
void TakeDescriptors(HelperDescriptors from) {
  constexpr int kOutOfTheWay = 16;
  for (int& fd : from) fd = fcntl(fd, F_DUPFD, kOutOfTheWay);
  dup2(from[0], kHelperSocket);
  dup2(from[1], kHelperFile);
  dup2(from[2], kHelperWindow);
  close_range(kHelperWindow + 1, ~0U, 0);
}

// The life of a helper. `duck`: the template's, of which this is a copy.
int RunCopy(const HelperDescriptors& descriptors, base::Result<DuckInstance>& duck) {
  BecomeHelper();
  TakeDescriptors(descriptors);
  Channel channel(kHelperSocket);
  const auto self = static_cast<uint32_t>(getpid());
  if (!channel.Send(static_cast<uint8_t>(MessageType::kReady), EncodeNumber(self)).ok()) return 0;
  const auto start = channel.Receive();
  if (!start.ok()) return 0;  // the server has gone, or needs no helper any more
  const base::Status status = duck.ok() ? Serve(channel, *duck, start->content) : duck.status();
  if (status.ok()) return 0;
  return channel.Send(static_cast<uint8_t>(MessageType::kFailed), Encode(status)).ok() ? 0 : 1;
}

// As fork(2), but the copy is a child of the server, which waits for it and ends it. Right for a
// process of one thread only.
pid_t CopySelf() {
  return static_cast<pid_t>(syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0));
}

}  // namespace

int RunHelper() {
  BecomeHelper();
  auto duck = OpenDuck(/*files=*/false);
  // What it cannot run now a statement may still run.
  if (duck.ok()) (void)WarmUp(*duck);
  while (const auto descriptors = ReceiveDescriptors(kTemplateSocket)) {
    if (CopySelf() == 0) return RunCopy(*descriptors, duck);
    // Without a copy the server finds its end of the channel closed.
    for (const int fd : *descriptors) close(fd);
  }
  return 0;
}

}  // namespace energy::sqlquery
