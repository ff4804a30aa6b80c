#include "sql/connection.h"

#include <soci/soci.h>

#include <array>
#include <charconv>
#include <string>

#include "sql/session.h"

namespace energy::sql {
namespace {

/// Parameters in the form that SOCI binds by address.
class Bindings {
 public:
  explicit Bindings(size_t size) { slots_.reserve(size); }

  base::Status Add(soci::statement& statement, const std::string& name, const Value& value,
                   Dialect dialect) {
    Slot& slot = slots_.emplace_back();
    return std::visit([&](const auto& v) { return Bind(statement, slot, name, v, dialect); },
                      value.variant());
  }

 private:
  struct Slot {
    long long integer = 0;
    double real = 0;
    std::string text;
    soci::indicator indicator = soci::i_ok;
  };

  static base::Status Bind(soci::statement& statement, Slot& slot, const std::string& name,
                           std::monostate, Dialect) {
    slot.indicator = soci::i_null;
    statement.exchange(soci::use(slot.text, slot.indicator, name));
    return {};
  }
  static base::Status Bind(soci::statement& statement, Slot& slot, const std::string& name,
                           int64_t value, Dialect) {
    slot.integer = value;
    statement.exchange(soci::use(slot.integer, slot.indicator, name));
    return {};
  }
  // Both databases take 1 and 0 for a boolean.
  static base::Status Bind(soci::statement& statement, Slot& slot, const std::string& name,
                           bool value, Dialect dialect) {
    return Bind(statement, slot, name, int64_t{value}, dialect);
  }
  static base::Status Bind(soci::statement& statement, Slot& slot, const std::string& name,
                           double value, Dialect dialect) {
    if (dialect == Dialect::kSqlite) {
      slot.real = value;
      statement.exchange(soci::use(slot.real, slot.indicator, name));
      return {};
    }
    // SOCI would write 20 digits, and NUMERIC keeps them all: 0.1 must not become 0.1000...0555.
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    slot.text.assign(buffer.data(), end);
    statement.exchange(soci::use(slot.text, slot.indicator, name));
    return {};
  }
  static base::Status Bind(soci::statement& statement, Slot& slot, const std::string& name,
                           const std::string& value, Dialect) {
    if (!IsStorableText(value)) {
      return base::InvalidField(name, "must be UTF-8 text without NUL characters");
    }
    slot.text = value;
    statement.exchange(soci::use(slot.text, slot.indicator, name));
    return {};
  }

  std::vector<Slot> slots_;
};

base::Status BindAll(soci::statement& statement, Bindings& bindings, const Params& params,
                     Dialect dialect) {
  for (const auto& [name, value] : params) {
    ENERGY_RETURN_IF_ERROR(bindings.Add(statement, name, value, dialect));
  }
  return {};
}

}  // namespace

Dialect Connection::dialect() const { return session_.dialect; }

base::Status Connection::AllowFor(std::chrono::minutes limit) {
  if (dialect() == Dialect::kSqlite) return {};
  session_.longer_limit = limit;
  return RunCommand(session_,
                    "SET LOCAL statement_timeout = '" + std::to_string(limit.count()) + "min'");
}

base::Result<std::vector<Row>> Connection::Query(std::string_view sql, const Params& params,
                                                 size_t columns) try {
  std::vector<std::string> texts(columns);
  std::vector<soci::indicator> indicators(columns, soci::i_ok);
  Bindings bindings(params.size());
  const StatementWait wait(session_);
  soci::statement statement(*session_.handle);
  statement.alloc();
  statement.prepare(std::string(sql), soci::details::st_one_time_query);
  for (size_t i = 0; i < columns; ++i) {
    statement.exchange(soci::into(texts[i], indicators[i]));
  }
  ENERGY_RETURN_IF_ERROR(BindAll(statement, bindings, params, session_.dialect));
  statement.define_and_bind();
  std::vector<Row> rows;
  for (bool more = statement.execute(true); more; more = statement.fetch()) {
    std::vector<std::optional<std::string>> row(columns);
    for (size_t i = 0; i < columns; ++i) {
      if (indicators[i] != soci::i_null) row[i] = texts[i];
    }
    rows.emplace_back(std::move(row));
  }
  return rows;
} catch (...) {
  return TranslateException(session_, sql);
}

base::Result<int64_t> Connection::Execute(std::string_view sql, const Params& params) {
  return ExecuteMany(sql, {params});
}

base::Result<int64_t> Connection::ExecuteMany(std::string_view sql,
                                              const std::vector<Params>& sets) try {
  if (!writable_) return base::Internal("a statement that writes needs Database::Transaction");
  std::optional<StatementWait> wait(session_);
  soci::statement statement(*session_.handle);
  statement.alloc();
  statement.prepare(std::string(sql), sets.size() == 1 ? soci::details::st_one_time_query
                                                       : soci::details::st_repeatable_query);
  int64_t affected = 0;
  for (const Params& params : sets) {
    wait.emplace(session_);
    Bindings bindings(params.size());
    statement.bind_clean_up();
    ENERGY_RETURN_IF_ERROR(BindAll(statement, bindings, params, session_.dialect));
    statement.define_and_bind();
    statement.execute(true);
    affected += statement.get_affected_rows();
    statement.bind_clean_up();
  }
  return affected;
} catch (...) {
  return TranslateException(session_, sql);
}

}  // namespace energy::sql
