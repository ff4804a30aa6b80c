#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "sql/connection.h"

namespace energy::sql {

/// Which part of a list (decision 3). `page` counts from 1.
struct Page {
  int page = 1;
  int page_size = 50;
};

inline constexpr int kMaxPageSize = 500;

/// One page of a list and the size of the whole.
template <class T>
struct Listing {
  std::vector<T> items;
  int64_t total = 0;
  Page page;
};

/// A name that a list can be sorted by, and the column or expression behind it.
struct SortKey {
  std::string_view name;
  std::string_view expression;
  /// The expression is a text column, sorted without regard to the case of ASCII's letters and
  /// otherwise by bytes: the same order on both databases.
  bool ignore_case = false;
};

/// Builds a filtered, sorted, paged SELECT and counts what it pages through. Conditions are joined
/// by AND; values are always parameters; column texts come from the program, never from a request.
class ListQuery {
 public:
  /// `columns`: the select list with `column_count` entries; `from`: a table or join; `tie_break`:
  /// a unique column, which makes the order of equal rows stable across pages.
  ListQuery(std::string columns, size_t column_count, std::string from, std::string tie_break);

  /// A condition of any form, with the parameters it names. Parameter names starting with "lq" are
  /// this class's own.
  ListQuery& Where(std::string condition, Params params = {});
  /// column = value; nothing when there is no value.
  ListQuery& Equals(std::string_view column, const std::optional<std::string>& value);
  /// column is one of the values; nothing when there are none.
  ListQuery& In(std::string_view column, const std::vector<std::string>& values);
  /// `text` occurs in one of the columns, without regard to the case of ASCII's letters, and on
  /// PostgreSQL of all when `text` has others; nothing when it is empty. At most once a query.
  /// Reads every row: below a microsecond each.
  ListQuery& Search(const std::vector<std::string_view>& columns, std::string_view text);
  /// start <= column < end, each end optional.
  ListQuery& Between(std::string_view column, std::optional<base::Timestamp> start,
                     std::optional<base::Timestamp> end);

  /// `sort`: a name of `keys`, with a leading '-' for descending; empty takes `fallback`, of the
  /// same form. NULLs come last either way. Errors: kInvalidArgument naming the allowed ones.
  base::Status Sort(std::string_view sort, const std::vector<SortKey>& keys,
                    std::string_view fallback);

  /// Errors: kInvalidArgument for a page below 1 or a page_size outside 1..500.
  base::Result<Listing<Row>> Run(Connection& connection, Page page) const;

  /// Run, with each row made into a T by `to_item(const Row&)`.
  template <class T, class F>
  base::Result<Listing<T>> Fetch(Connection& connection, Page page, F to_item) const {
    ENERGY_ASSIGN_OR_RETURN(Listing<Row> rows, Run(connection, page));
    Listing<T> listing{{}, rows.total, rows.page};
    listing.items.reserve(rows.items.size());
    for (const Row& row : rows.items) listing.items.push_back(to_item(row));
    return listing;
  }

 private:
  struct Filter {
    std::string where;
    Params params;
  };
  std::string NextName();
  Filter FilterFor(Dialect dialect) const;
  std::string SortKeyFor(Dialect dialect) const;
  std::string OrderBy(const std::string& key, const std::string& tie_break) const;
  /// The rows of a page, and behind their columns how many keys it was chosen from: of all that the
  /// filter leaves, or of the page alone.
  std::string Select(Dialect dialect, const std::string& where, const std::string& part,
                     bool all_keys) const;
  base::Result<int64_t> Count(Connection& connection, const Filter& filter) const;

  const std::string columns_;
  const size_t column_count_;
  const std::string from_;
  const std::string tie_break_;
  std::string where_;
  std::vector<std::string> searched_;
  std::string search_;
  std::string sort_by_;  // empty: only tie_break_
  bool sort_ignores_case_ = false;
  bool descending_ = false;
  Params params_;
};

}  // namespace energy::sql
