#include "audit/audit_log.h"

#include "audit/audit.h"

namespace energy::audit {
namespace {

constexpr const char* kColumns =
    "sequence, recorded_at, actor_id, actor, address, request_id, action, resource_type,"
    " resource_id, before_state, after_state, hash";
constexpr size_t kColumnCount = 12;
constexpr std::string_view kPruned = "audit.prune";
// Looks at the chain while retention shortens it.
constexpr int kMaxLooks = 5;

base::Json ToJson(const Anchor& anchor) {
  return {{"sequence", anchor.sequence}, {"hash", anchor.hash}};
}

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

base::Result<Anchor> AuditLog::Beginning() {
  ENERGY_ASSIGN_OR_RETURN(const auto rows, database_.Read([](sql::Connection& connection) {
    return connection.Query("SELECT pruned, pruned_hash FROM audit_head WHERE id = 1", {}, 2);
  }));
  if (rows.empty()) return base::Internal("the audit log has lost its head");
  return Anchor{rows.front().Int(0), rows.front().Text(1)};
}

base::Result<bool> AuditLog::Prune(const base::Clock& clock, const Anchor& from, const Anchor& to) {
  return database_.Transaction([&](sql::Connection& connection) -> base::Result<bool> {
    ENERGY_ASSIGN_OR_RETURN(
        const int64_t moved,
        connection.Execute("UPDATE audit_head SET pruned = :to, pruned_hash = :hash"
                           " WHERE id = 1 AND pruned = :from",
                           {{"to", to.sequence}, {"hash", to.hash}, {"from", from.sequence}}));
    if (moved == 0) return false;
    ENERGY_RETURN_IF_ERROR(
        connection.Execute("DELETE FROM audit_log WHERE sequence <= :to", {{"to", to.sequence}})
            .status());
    ENERGY_RETURN_IF_ERROR(
        Record(connection, clock, {kPruned, "audit_log", "", ToJson(from), ToJson(to)}));
    return true;
  });
}

base::Result<Verdict> AuditLog::Verify() {
  for (int look = 1;; ++look) {
    ENERGY_ASSIGN_OR_RETURN(Verdict verdict, VerifyOnce());
    if (!verdict.broken || look == kMaxLooks) return verdict;
    const auto beginning = Beginning();
    if (!beginning.ok() || beginning->sequence == verdict.pruned) return verdict;
  }
}

base::Result<Verdict> AuditLog::VerifyOnce() {
  // The head first: entries that come meanwhile are behind it.
  ENERGY_ASSIGN_OR_RETURN(const auto head, database_.Read([](sql::Connection& connection) {
    return connection.Query(
        "SELECT sequence, hash, pruned, pruned_hash FROM audit_head WHERE id = 1", {}, 4);
  }));
  Verdict verdict;
  const auto broken = [&](int64_t sequence, const char* reason) {
    verdict.broken = sequence;
    verdict.reason = reason;
    return verdict;
  };
  if (head.empty()) return broken(1, "the row of audit_head is gone");
  const int64_t last = head.front().Int(0);
  const Anchor beginning{head.front().Int(2), head.front().Text(3)};
  std::string told;  // of the last removal, by the entry of it
  int64_t at = verdict.pruned = beginning.sequence;
  verdict.hash = beginning.hash;
  while (at < last) {
    ENERGY_ASSIGN_OR_RETURN(const std::vector<Entry> entries, Next({}, at, sql::kMaxPageSize));
    if (entries.empty()) return broken(at + 1, "the entry is gone");
    for (const Entry& entry : entries) {
      if (entry.sequence != at + 1) return broken(at + 1, "the entry is gone");
      if (HashOf(verdict.hash, entry) != entry.hash) {
        return broken(entry.sequence, "the entry is not what was recorded");
      }
      if (entry.action == kPruned) told = entry.after;
      at = entry.sequence;
      ++verdict.entries;
      verdict.hash = entry.hash;
      if (at == last) break;
    }
  }
  if (verdict.hash != head.front().Text(1)) {
    return broken(last, "the entry is not the one that was recorded last");
  }
  const Anchor first{0, kFirstHash};
  if (told.empty() ? beginning != first : told != Canonical(ToJson(beginning))) {
    return broken(beginning.sequence, "the entries up to this one were not removed by retention");
  }
  return verdict;
}

}  // namespace energy::audit
