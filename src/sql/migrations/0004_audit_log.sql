-- Who did what, chained by hashes (src/audit). States are text, not JSON: the hash is over their bytes.
CREATE TABLE audit_log (
    sequence BIGINT PRIMARY KEY NOT NULL,
    recorded_at {{timestamp}} NOT NULL,
    actor_id VARCHAR(255) NOT NULL,
    actor VARCHAR(255) NOT NULL,
    address VARCHAR(255) NOT NULL,
    request_id VARCHAR(255) NOT NULL,
    action VARCHAR(100) NOT NULL,
    resource_type VARCHAR(100) NOT NULL,
    resource_id TEXT NOT NULL,
    before_state TEXT NOT NULL,
    after_state TEXT NOT NULL,
    hash VARCHAR(64) NOT NULL
);
CREATE INDEX idx_audit_log_recorded_at ON audit_log(recorded_at);
CREATE INDEX idx_audit_log_resource ON audit_log(resource_type, resource_id);
CREATE INDEX idx_audit_log_actor ON audit_log(actor);

-- The last entry: its number and hash.
CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    sequence BIGINT NOT NULL,
    hash VARCHAR(64) NOT NULL
);
INSERT INTO audit_head (id, sequence, hash)
    VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
