#include "audit/audit_log.h"

namespace energy::audit {
namespace {

constexpr const char* kColumns =
    "sequence, recorded_at, actor_id, actor, address, request_id, action, resource_type,"
    " resource_id, before_state, after_state, hash";
constexpr size_t kColumnCount = 12;

Entry ToEntry(const sql::Row& row) {
  return {.sequence = row.Int(0),
          .time = row.Time(1),
          .actor_id = row.Text(2),
          .actor = row.Text(3),
          .address = row.Text(4),
          .request_id = row.Text(5),
          .action = row.Text(6),
          .resource_type = row.Text(7),
          .resource_id = row.Text(8),
          .before = row.Text(9),
          .after = row.Text(10),
          .hash = row.Text(11)};
}

sql::ListQuery Select(const AuditFilter& filter) {
  sql::ListQuery query(kColumns, kColumnCount, "audit_log", "sequence");
  query.Equals("actor", filter.actor)
      .Equals("action", filter.action)
      .Equals("resource_type", filter.resource_type)
      .Equals("resource_id", filter.resource_id)
      .Between("recorded_at", filter.start, filter.end)
      .Search({"actor", "action", "resource_id", "before_state", "after_state"}, filter.search);
  return query;
}

}  // namespace

base::Result<sql::Listing<Entry>> AuditLog::List(const AuditFilter& filter, sql::Page page) {
  sql::ListQuery query = Select(filter);
  ENERGY_RETURN_IF_ERROR(query.Sort(filter.sort, {{"sequence", "sequence"}}, "-sequence"));
  return database_.Read(
      [&](sql::Connection& connection) { return query.Fetch<Entry>(connection, page, ToEntry); });
}

base::Result<std::vector<Entry>> AuditLog::Next(const AuditFilter& filter, int64_t after,
                                                int limit) {
  sql::ListQuery query = Select(filter);
  query.Where("sequence > :after", {{"after", after}});
  ENERGY_RETURN_IF_ERROR(query.Sort("", {{"sequence", "sequence"}}, "sequence"));
  ENERGY_ASSIGN_OR_RETURN(auto listing, database_.Read([&](sql::Connection& connection) {
    return query.Fetch<Entry>(connection, {1, limit}, ToEntry);
  }));
  return std::move(listing.items);
}

base::Result<Verdict> AuditLog::Verify() {
  // The head first: entries that come meanwhile are behind it.
  ENERGY_ASSIGN_OR_RETURN(const auto head, database_.Read([](sql::Connection& connection) {
    return connection.Query("SELECT sequence, hash FROM audit_head WHERE id = 1", {}, 2);
  }));
  Verdict verdict;
  verdict.hash = kFirstHash;
  const auto broken = [&](int64_t sequence, const char* reason) {
    verdict.broken = sequence;
    verdict.reason = reason;
    return verdict;
  };
  if (head.empty()) return broken(1, "the row of audit_head is gone");
  const int64_t last = head.front().Int(0);
  while (verdict.entries < last) {
    ENERGY_ASSIGN_OR_RETURN(const std::vector<Entry> entries,
                            Next({}, verdict.entries, sql::kMaxPageSize));
    if (entries.empty()) return broken(verdict.entries + 1, "the entry is gone");
    for (const Entry& entry : entries) {
      if (entry.sequence != verdict.entries + 1) {
        return broken(verdict.entries + 1, "the entry is gone");
      }
      if (HashOf(verdict.hash, entry) != entry.hash) {
        return broken(entry.sequence, "the entry is not what was recorded");
      }
      verdict.entries = entry.sequence;
      verdict.hash = entry.hash;
      if (entry.sequence == last) break;
    }
  }
  if (verdict.hash != head.front().Text(1)) {
    return broken(last, "the entry is not the one that was recorded last");
  }
  return verdict;
}

}  // namespace energy::audit
