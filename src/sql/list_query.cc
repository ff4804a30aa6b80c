#include "sql/list_query.h"

#include <algorithm>

namespace energy::sql {
namespace {

/// Blanks out the meaning of LIKE's wildcards; '!' is the escape character.
std::string LikePattern(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern + "%";
}

constexpr const char* kSearchName = "lq_search";

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
  search_is_ascii_ = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  params_.emplace_back(kSearchName, LikePattern(text));
  return *this;
}

std::string ListQuery::Filter(Dialect dialect) const {
  if (searched_.empty()) return where_;
  // Both compare without regard to case: SQLite's LIKE for the letters of ASCII, PostgreSQL's ILIKE
  // for all languages, which takes four times as long and is the same where the text is ASCII.
  std::string like = " LIKE :";
  if (dialect == Dialect::kPostgresql)
    like = search_is_ascii_ ? " COLLATE \"C\" ILIKE :" : " ILIKE :";
  std::string condition;
  for (const std::string& column : searched_) {
    condition += condition.empty() ? "" : " OR ";
    condition += column + like + kSearchName + " ESCAPE '!'";
  }
  return where_ + (where_.empty() ? " WHERE (" : " AND (") + condition + ")";
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
      // PostgreSQL and SQLite put NULL at different ends unless told.
      order_ = std::string(key.expression) + (descending ? " DESC" : " ASC") + " NULLS LAST, ";
      return {};
    }
    allowed += (allowed.empty() ? "" : ", ") + std::string(key.name);
  }
  return base::InvalidField("sort", "must be one of " + allowed + ", with '-' for descending");
}

base::Result<Listing<Row>> ListQuery::Run(Connection& connection, Page page) const {
  if (page.page < 1) return base::InvalidField("page", "must be 1 or more");
  if (page.page_size < 1 || page.page_size > kMaxPageSize) {
    return base::InvalidField("page_size", "must be 1 to " + std::to_string(kMaxPageSize));
  }
  const std::string filter = Filter(connection.dialect());
  const int64_t offset = (int64_t{page.page} - 1) * page.page_size;
  // A search reads every row: PostgreSQL counts as it goes. SQLite would keep all that match aside,
  // which costs more than to read twice.
  const bool counts = !searched_.empty() && connection.dialect() == Dialect::kPostgresql;
  ENERGY_ASSIGN_OR_RETURN(
      std::vector<Row> rows,
      connection.Query("SELECT " + columns_ + (counts ? ", COUNT(*) OVER ()" : "") + " FROM " +
                           from_ + filter + " ORDER BY " + order_ + tie_break_ + " LIMIT " +
                           std::to_string(page.page_size) + " OFFSET " + std::to_string(offset),
                       params_, column_count_ + (counts ? 1 : 0)));
  if (counts && !rows.empty()) {
    const int64_t total = rows.front().Int(column_count_);
    return Listing<Row>{std::move(rows), total, page};
  }
  ENERGY_ASSIGN_OR_RETURN(const std::vector<Row> count,
                          connection.Query("SELECT COUNT(*) FROM " + from_ + filter, params_, 1));
  return Listing<Row>{std::move(rows), count.at(0).Int(0), page};
}

}  // namespace energy::sql
