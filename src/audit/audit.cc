#include "audit/audit.h"

#include "audit/entry.h"
#include "sql/value.h"

namespace energy::audit {
namespace {

thread_local const Actor* acting = nullptr;

// PostgreSQL keeps microseconds: the hash is over what is read back.
base::Timestamp ToMicroseconds(base::Timestamp time) {
  return std::chrono::floor<std::chrono::microseconds>(time);
}

std::string Storable(std::string text) { return sql::IsStorableText(text) ? text : "?"; }

}  // namespace

Acting::Acting(Actor actor) : actor_(std::move(actor)), before_(acting) { acting = &actor_; }
Acting::~Acting() { acting = before_; }

std::optional<Actor> CurrentActor() {
  return acting == nullptr ? std::nullopt : std::optional<Actor>(*acting);
}

base::Status Record(sql::Connection& connection, const base::Clock& clock, const Change& change) {
  // Locks the row until the transaction ends: what is read below stays the last entry.
  ENERGY_ASSIGN_OR_RETURN(
      const int64_t heads,
      connection.Execute("UPDATE audit_head SET sequence = sequence + 1 WHERE id = 1", {}));
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> head,
      connection.Query("SELECT sequence, hash FROM audit_head WHERE id = 1", {}, 2));
  if (heads != 1 || head.size() != 1) return base::Internal("the audit log has lost its head");
  Entry entry;
  entry.sequence = head.front().Int(0);
  entry.time = ToMicroseconds(clock.Now());
  entry.actor = "system";
  if (acting != nullptr) {
    entry.actor_id = acting->id;
    entry.actor = Storable(acting->name);
    entry.address = Storable(acting->address);
    entry.request_id = Storable(acting->request_id);
  }
  entry.action = change.action;
  entry.resource_type = change.resource_type;
  entry.resource_id = Storable(change.resource_id);
  entry.before = Canonical(WithoutSecrets(change.before));
  entry.after = Canonical(WithoutSecrets(change.after));
  entry.hash = HashOf(head.front().Text(1), entry);
  ENERGY_RETURN_IF_ERROR(
      connection
          .Execute("INSERT INTO audit_log (sequence, recorded_at, actor_id, actor, address,"
                   " request_id, action, resource_type, resource_id, before_state, after_state,"
                   " hash) VALUES (:sequence, :recorded_at, :actor_id, :actor, :address,"
                   " :request_id, :action, :resource_type, :resource_id, :before_state,"
                   " :after_state, :hash)",
                   {{"sequence", entry.sequence},
                    {"recorded_at", entry.time},
                    {"actor_id", entry.actor_id},
                    {"actor", entry.actor},
                    {"address", entry.address},
                    {"request_id", entry.request_id},
                    {"action", entry.action},
                    {"resource_type", entry.resource_type},
                    {"resource_id", entry.resource_id},
                    {"before_state", entry.before},
                    {"after_state", entry.after},
                    {"hash", entry.hash}})
          .status());
  return connection
      .Execute("UPDATE audit_head SET hash = :hash WHERE id = 1", {{"hash", entry.hash}})
      .status();
}

}  // namespace energy::audit
