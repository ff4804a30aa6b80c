#include "sql/list_query.h"

#include <algorithm>

namespace energy::sql {
namespace {

constexpr std::string_view kSearchName = "lq_search";
// Going far into so few rows costs SQLite more than to sort them all.
constexpr int64_t kFar = 1'000;
constexpr int64_t kFew = 20'000;

/// Blanks out the meaning of LIKE's wildcards; '!' is the escape character.
std::string LikePattern(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern + "%";
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Whether `column` has the text of the parameter kSearchName.
std::string Contains(Dialect dialect, const std::string& column, bool ascii) {
  const std::string text(kSearchName);
  if (dialect == Dialect::kSqlite) return column + " LIKE :" + text + " ESCAPE '!'";
  // PostgreSQL's lower case of all languages takes ten times as long as that of ASCII; only texts
  // with more bytes than characters need it.
  const std::string by = ascii ? " COLLATE \"C\"" : "";
  const std::string found =
      "STRPOS(LOWER(" + column + by + "), LOWER(CAST(:" + text + " AS TEXT)" + by + ")) > 0";
  return ascii ? found
               : "(OCTET_LENGTH(" + column + ") > LENGTH(" + column + ") AND " + found + ")";
}

}  // namespace

ListQuery::ListQuery(std::string columns, size_t column_count, std::string from,
                     std::string tie_break)
    : columns_(std::move(columns)),
      column_count_(column_count),
      from_(std::move(from)),
      tie_break_(std::move(tie_break)) {}

std::string ListQuery::NextName() { return "lq" + std::to_string(params_.size()); }

ListQuery& ListQuery::Where(std::string condition, Params params) {
  where_ += where_.empty() ? " WHERE (" : " AND (";
  where_ += condition;
  where_ += ')';
  params_.insert(params_.end(), std::make_move_iterator(params.begin()),
                 std::make_move_iterator(params.end()));
  return *this;
}

ListQuery& ListQuery::Equals(std::string_view column, const std::optional<std::string>& value) {
  if (!value) return *this;
  const std::string name = NextName();
  return Where(std::string(column) + " = :" + name, {{name, *value}});
}

ListQuery& ListQuery::In(std::string_view column, const std::vector<std::string>& values) {
  if (values.empty()) return *this;
  std::string list;
  Params params;
  for (const std::string& value : values) {
    const std::string name = "lq" + std::to_string(params_.size() + params.size());
    list += (list.empty() ? ":" : ", :") + name;
    params.emplace_back(name, value);
  }
  return Where(std::string(column) + " IN (" + list + ")", std::move(params));
}

ListQuery& ListQuery::Search(const std::vector<std::string_view>& columns, std::string_view text) {
  if (text.empty()) return *this;
  searched_.assign(columns.begin(), columns.end());
  search_ = text;
  return *this;
}

ListQuery::Filter ListQuery::FilterFor(Dialect dialect) const {
  Filter filter{where_, params_};
  if (searched_.empty()) return filter;
  const bool ascii = IsAscii(search_);
  std::string condition;
  for (const std::string& column : searched_) {
    condition += (condition.empty() ? "" : " OR ") + Contains(dialect, column, ascii);
  }
  filter.where += (where_.empty() ? " WHERE (" : " AND (") + condition + ")";
  filter.params.emplace_back(kSearchName,
                             dialect == Dialect::kSqlite ? LikePattern(search_) : search_);
  return filter;
}

std::string ListQuery::SortKeyFor(Dialect dialect) const {
  if (sort_by_.empty()) return tie_break_;
  if (!sort_ignores_case_) return sort_by_;
  return "LOWER(" + sort_by_ + (dialect == Dialect::kPostgresql ? " COLLATE \"C\")" : ")");
}

std::string ListQuery::OrderBy(const std::string& key, const std::string& tie_break) const {
  const std::string direction = descending_ ? " DESC" : " ASC";
  if (key == tie_break) return " ORDER BY " + key + direction;
  // PostgreSQL and SQLite put NULL at different ends unless told.
  return " ORDER BY " + key + direction + " NULLS LAST, " + tie_break;
}

ListQuery& ListQuery::Between(std::string_view column, std::optional<base::Timestamp> start,
                              std::optional<base::Timestamp> end) {
  if (start) {
    const std::string name = NextName();
    Where(std::string(column) + " >= :" + name, {{name, *start}});
  }
  if (end) {
    const std::string name = NextName();
    Where(std::string(column) + " < :" + name, {{name, *end}});
  }
  return *this;
}

base::Status ListQuery::Sort(std::string_view sort, const std::vector<SortKey>& keys,
                             std::string_view fallback) {
  std::string_view wanted = sort.empty() ? fallback : sort;
  const bool descending = wanted.starts_with('-');
  if (descending) wanted.remove_prefix(1);
  std::string allowed;
  for (const SortKey& key : keys) {
    if (key.name == wanted) {
      sort_by_ = key.expression;
      sort_ignores_case_ = key.ignore_case;
      descending_ = descending;
      return {};
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(key.name);
  }
  return base::InvalidField("sort", "must be one of " + allowed + ", with '-' for descending");
}

base::Result<int64_t> ListQuery::Count(Connection& connection, const Filter& filter) const {
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<Row> count,
      connection.Query("SELECT COUNT(*) FROM " + from_ + filter.where, filter.params, 1));
  return count.at(0).Int(0);
}

// Sorted and skipped are keys alone, which is a fraction of the work; whole rows follow for those
// of the page. A WITH that is MATERIALIZED keeps its order.
std::string ListQuery::Select(Dialect dialect, const std::string& where, const std::string& part,
                              bool all_keys) const {
  const std::string key = SortKeyFor(dialect);
  const std::string order = OrderBy(key, tie_break_);
  const std::string from = " FROM " + from_ + where;
  std::string keys = "SELECT " + tie_break_ + " AS lq_key";
  std::string of_page = "SELECT lq_key FROM lq_keys";
  if (all_keys && dialect == Dialect::kPostgresql) {
    // To find the first of many is less work than to sort them all as a language does.
    keys += ", " + key + " AS lq_sort" + from;
    of_page += OrderBy(key == tie_break_ ? "lq_key" : "lq_sort", "lq_key") + part;
  } else {
    keys += from + order + (all_keys ? "" : part);
    if (all_keys) of_page += part;
  }
  return "WITH lq_keys AS MATERIALIZED (" + keys + "), lq_page AS (" + of_page + ") SELECT " +
         columns_ + ", (SELECT COUNT(*) FROM lq_keys) FROM " + from_ + " JOIN lq_page ON " +
         tie_break_ + " = lq_key" + order;
}

base::Result<Listing<Row>> ListQuery::Run(Connection& connection, Page page) const {
  if (page.page < 1) return base::InvalidField("page", "must be 1 or more");
  if (page.page_size < 1 || page.page_size > kMaxPageSize) {
    return base::InvalidField("page_size", "must be 1 to " + std::to_string(kMaxPageSize));
  }
  const Dialect dialect = connection.dialect();
  const Filter filter = FilterFor(dialect);
  const int64_t offset = (int64_t{page.page} - 1) * page.page_size;
  // A search reads every row: once is enough, for the count as well.
  const bool searches = !searched_.empty();
  int64_t total = 0;
  bool all_keys = searches;
  if (!searches) {
    ENERGY_ASSIGN_OR_RETURN(total, Count(connection, filter));
    if (offset >= total) return Listing<Row>{{}, total, page};
    const bool walks_keys = where_.empty() && SortKeyFor(dialect) == tie_break_;
    all_keys = dialect == Dialect::kSqlite && !walks_keys && offset >= kFar && total <= kFew;
  }
  const std::string part =
      " LIMIT " + std::to_string(page.page_size) + " OFFSET " + std::to_string(offset);
  ENERGY_ASSIGN_OR_RETURN(std::vector<Row> rows,
                          connection.Query(Select(dialect, filter.where, part, all_keys),
                                           filter.params, column_count_ + 1));
  if (searches && !rows.empty()) {
    total = rows.front().Int(column_count_);
  } else if (searches && offset > 0) {
    ENERGY_ASSIGN_OR_RETURN(total, Count(connection, filter));
  }
  return Listing<Row>{std::move(rows), total, page};
}

}  // namespace energy::sql
