-- What a SQLite database of schema version 9 holds; made by generate.sh.
CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY NOT NULL, name VARCHAR(255) NOT NULL, applied_at TEXT NOT NULL);
INSERT INTO schema_migrations VALUES(1,'initial','2026-01-01T00:00:00.000000000Z');
INSERT INTO schema_migrations VALUES(2,'telemetry_deletions','2026-01-02T00:00:00.000000000Z');
INSERT INTO schema_migrations VALUES(3,'accounts','2026-01-03T00:00:00.000000000Z');
INSERT INTO schema_migrations VALUES(4,'audit_log','2026-01-04T00:00:00.000000000Z');
INSERT INTO schema_migrations VALUES(5,'second_factors','2026-01-05T00:00:00.000000000Z');
INSERT INTO schema_migrations VALUES(6,'audit_append_only','2026-01-06T00:00:00.000000000Z');
INSERT INTO schema_migrations VALUES(7,'user_identities','2026-01-07T00:00:00.000000000Z');
INSERT INTO schema_migrations VALUES(8,'rules','2026-01-08T00:00:00.000000000Z');
INSERT INTO schema_migrations VALUES(9,'notifications','2026-01-09T00:00:00.000000000Z');
CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL ,
    email VARCHAR(255) UNIQUE NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    full_name VARCHAR(255) NOT NULL,
    role VARCHAR(50) NOT NULL CHECK (role IN ('admin', 'engineer', 'viewer')),
    is_active BOOLEAN NOT NULL DEFAULT true,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z'),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z'),
    last_login TEXT
, version INTEGER NOT NULL DEFAULT 1);
INSERT INTO users VALUES('00000000-0000-7000-8000-000000000001','boss@example.com','$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234','Ana O''Hara; chief -- of it','admin',1,'2026-01-02T03:04:05.123456000Z','2026-01-02T03:04:05.123456000Z','2026-02-02T03:04:05.000000000Z',3);
INSERT INTO users VALUES('00000000-0000-7000-8000-000000000002','viewer@example.com','$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234','Žofie Dvořák 電力','viewer',0,'2026-01-02T03:04:05.123456000Z','2026-01-02T03:04:05.123456000Z',NULL,1);
CREATE TABLE refresh_tokens (
    id TEXT PRIMARY KEY NOT NULL ,
    family_id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    token_hash VARCHAR(64) UNIQUE NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z'),
    expires_at TEXT NOT NULL,
    used_at TEXT,
    revoked_at TEXT
);
INSERT INTO refresh_tokens VALUES('00000000-0000-7000-8000-000000000011','00000000-0000-7000-8000-000000000012','00000000-0000-7000-8000-000000000001','aa11','2026-01-02T03:04:05.000000000Z','2026-01-09T03:04:05.000000000Z',NULL,NULL);
CREATE TABLE devices (
    id VARCHAR(50) PRIMARY KEY NOT NULL,
    name VARCHAR(255) NOT NULL,
    type VARCHAR(100) NOT NULL,
    location VARCHAR(255),
    status VARCHAR(50) NOT NULL DEFAULT 'active'
        CHECK (status IN ('active', 'inactive', 'maintenance', 'error')),
    metadata TEXT,
    health_score NUMERIC(5,2),
    last_seen TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z'),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z')
);
INSERT INTO devices VALUES('D1','Bulb "one"','bulb','Hall 1','active','{"tags": ["a", "b;c"], "interval_s": 5, "note": "it''s"}',98.249999999999999998,'2026-02-02T03:04:05.123456000Z',3,'2026-01-02T03:04:05.000000000Z','2026-01-02T03:04:05.000000000Z');
INSERT INTO devices VALUES('D2','Inverter','inverter',NULL,'maintenance',NULL,NULL,NULL,1,'2026-01-02T03:04:05.000000000Z','2026-01-02T03:04:05.000000000Z');
CREATE TABLE device_profiles (
    type VARCHAR(100) PRIMARY KEY NOT NULL,
    fields TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z'),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z')
);
INSERT INTO device_profiles VALUES('inverter','[{"name": "power", "unit": "W", "required": true, "min": 0, "max": 5000}]',2,'2026-01-02T03:04:05.000000000Z','2026-01-02T03:04:05.000000000Z');
CREATE TABLE rules (
    id TEXT PRIMARY KEY NOT NULL ,
    name VARCHAR(255) NOT NULL,
    description TEXT,
    device_id VARCHAR(50) REFERENCES devices(id) ON DELETE CASCADE,
    property VARCHAR(100) NOT NULL,
    operator VARCHAR(20) NOT NULL CHECK (operator IN ('>', '<', '>=', '<=', '=', '!=')),
    threshold NUMERIC NOT NULL,
    clear_threshold NUMERIC,
    severity VARCHAR(50) NOT NULL DEFAULT 'medium'
        CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    status VARCHAR(50) NOT NULL DEFAULT 'active'
        CHECK (status IN ('active', 'paused', 'archived')),
    notification_channels TEXT,
    cooldown_minutes INTEGER NOT NULL DEFAULT 15 CHECK (cooldown_minutes >= 0),
    version INTEGER NOT NULL DEFAULT 1,
    created_by TEXT REFERENCES users(id) ON DELETE SET NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z'),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z'),
    last_triggered TEXT
, device_type VARCHAR(100), definition TEXT);
INSERT INTO rules VALUES('00000000-0000-7000-8000-000000000021','hot',NULL,'D1','temperature','>',0.005000000000000000104,NULL,'high','active','["email","two words","quote\"d"]',15,1,'00000000-0000-7000-8000-000000000001','2026-01-02T03:04:05.000000000Z','2026-01-02T03:04:05.000000000Z','2026-02-01T00:00:00.000000000Z',NULL,NULL);
INSERT INTO rules VALUES('00000000-0000-7000-8000-000000000022','low','text',NULL,'voltage','<=',198.5,200,'low','paused','[]',0,4,NULL,'2026-01-02T03:04:05.000000000Z','2026-01-02T03:04:05.000000000Z',NULL,'bulb','{"conditions":[{"kind":"aggregate","property":"voltage","operator":"<=","threshold":198.5,"clear_threshold":200,"aggregate":"mean","window_s":300}],"join":"all","device_tag":null,"all_devices":false,"levels":[{"severity":"high","threshold":190}],"for_s":60,"clear_for_s":0,"schedule":{"time_zone":"Europe/Berlin","weekdays":["mon"],"times":[{"from":"08:00","to":"18:00"}],"holidays":["2026-12-25"],"outside":false},"auto_resolve":true}');
CREATE TABLE alerts (
    id TEXT PRIMARY KEY NOT NULL ,
    rule_id TEXT REFERENCES rules(id) ON DELETE CASCADE,
    rule_name VARCHAR(255) NOT NULL,
    device_id VARCHAR(50) REFERENCES devices(id) ON DELETE CASCADE,
    property VARCHAR(100) NOT NULL,
    operator VARCHAR(20) NOT NULL CHECK (operator IN ('>', '<', '>=', '<=', '=', '!=')),
    severity VARCHAR(50) NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    message TEXT NOT NULL,
    actual_value NUMERIC,
    latest_value NUMERIC,
    worst_value NUMERIC,
    threshold_value NUMERIC,
    unit VARCHAR(50),
    reading_count BIGINT NOT NULL DEFAULT 1,
    status VARCHAR(50) NOT NULL DEFAULT 'open'
        CHECK (status IN ('open', 'acknowledged', 'resolved', 'suppressed')),
    comment TEXT,
    acknowledged_by TEXT REFERENCES users(id) ON DELETE SET NULL,
    acknowledged_at TEXT,
    resolved_by TEXT REFERENCES users(id) ON DELETE SET NULL,
    resolved_at TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z'),
    last_seen_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z')
, rule_snapshot TEXT);
INSERT INTO alerts VALUES('00000000-0000-7000-8000-000000000031','00000000-0000-7000-8000-000000000021','hot','D1','temperature','>','high','Alert: hot',51.5,52,60.25,0.005000000000000000104,'°C',12,'acknowledged','on it','00000000-0000-7000-8000-000000000001','2026-02-01T00:10:00.000000000Z',NULL,NULL,'2026-02-01T00:00:00.000000000Z','2026-02-01T00:09:00.000000000Z','{"name":"hot","threshold":0.005}');
INSERT INTO alerts VALUES('00000000-0000-7000-8000-000000000032','00000000-0000-7000-8000-000000000021','hot','D1','temperature','>','high','Alert: hot',51.5,52,60.25,0.005000000000000000104,NULL,1,'resolved',NULL,NULL,NULL,NULL,'2026-01-20T00:09:00.000000000Z','2026-01-20T00:00:00.000000000Z','2026-01-20T00:09:00.000000000Z',NULL);
CREATE TABLE analytics_results (
    id TEXT PRIMARY KEY NOT NULL ,
    job_id VARCHAR(100) UNIQUE NOT NULL,
    device_id VARCHAR(50) REFERENCES devices(id) ON DELETE CASCADE,
    analysis_type VARCHAR(50) NOT NULL
        CHECK (analysis_type IN ('anomaly', 'prediction', 'forecast')),
    model_name VARCHAR(100) NOT NULL,
    date_range_start TEXT NOT NULL,
    date_range_end TEXT NOT NULL,
    results TEXT NOT NULL,
    accuracy_metrics TEXT,
    status VARCHAR(50) NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'running', 'completed', 'failed')),
    error_message TEXT,
    execution_time_seconds INTEGER,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z'),
    completed_at TEXT
);
INSERT INTO analytics_results VALUES('00000000-0000-7000-8000-000000000041','job-1','D1','forecast','additive','2026-01-01T00:00:00.000000000Z','2026-01-02T00:00:00.000000000Z','{"points": []}',NULL,'completed',NULL,NULL,'2026-01-02T03:04:05.000000000Z',NULL);
CREATE TABLE mqtt_credentials (
    username VARCHAR(255) PRIMARY KEY NOT NULL,
    secret_hash VARCHAR(64) NOT NULL,
    device_id VARCHAR(50) REFERENCES devices(id) ON DELETE CASCADE,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z'),
    last_used TEXT
);
INSERT INTO mqtt_credentials VALUES('device_D1','bb22','D1','2026-01-02T03:04:05.000000000Z',NULL);
INSERT INTO mqtt_credentials VALUES('gateway','cc33',NULL,'2026-01-02T03:04:05.000000000Z','2026-02-02T03:04:05.000000000Z');
CREATE TABLE mqtt_acl (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username VARCHAR(255) NOT NULL,
    topic VARCHAR(500) NOT NULL,
    action VARCHAR(10) NOT NULL CHECK (action IN ('subscribe', 'publish', 'all')),
    allow BOOLEAN NOT NULL DEFAULT true,
    device_id VARCHAR(50) REFERENCES devices(id) ON DELETE CASCADE,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z')
);
INSERT INTO mqtt_acl VALUES(4,'device_D1','devices/D1/telemetry','publish',1,'D1','2026-01-02T03:04:05.000000000Z');
INSERT INTO mqtt_acl VALUES(9,'gateway','devices/+/telemetry','all',0,NULL,'2026-01-02T03:04:05.000000000Z');
CREATE TABLE dead_letters (
    id TEXT PRIMARY KEY NOT NULL ,
    device_id TEXT,
    topic TEXT NOT NULL,
    payload TEXT NOT NULL,
    payload_encoding VARCHAR(10) NOT NULL DEFAULT 'text'
        CHECK (payload_encoding IN ('text', 'base64')),
    reason VARCHAR(50) NOT NULL
        CHECK (reason IN ('parse_error', 'validation_error', 'unknown_device', 'write_error')),
    detail TEXT NOT NULL,
    received_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z')
);
INSERT INTO dead_letters VALUES('00000000-0000-7000-8000-000000000061','D9','devices/D9/telemetry',replace('{"a": 1}\nsecond line','\n',char(10)),'text','unknown_device','no such device','2026-02-02T03:04:05.000000000Z');
INSERT INTO dead_letters VALUES('00000000-0000-7000-8000-000000000062',NULL,'x','/w==','base64','parse_error','not JSON','2026-02-02T03:04:06.000000000Z');
CREATE TABLE telemetry_deletions (
    device_id VARCHAR(50) PRIMARY KEY NOT NULL,
    requested_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z')
);
INSERT INTO telemetry_deletions VALUES('D7','2026-02-02T03:04:05.000000000Z');
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY NOT NULL ,
    name VARCHAR(100) UNIQUE NOT NULL,
    secret_hash VARCHAR(64) UNIQUE NOT NULL,
    hint VARCHAR(20) NOT NULL,
    scopes TEXT NOT NULL,
    created_by TEXT REFERENCES users(id) ON DELETE SET NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z'),
    expires_at TEXT,
    last_used TEXT
);
INSERT INTO api_keys VALUES('00000000-0000-7000-8000-000000000071','Grafana: read; only','dd44','ep_abcd','["read_telemetry","manage_devices"]','00000000-0000-7000-8000-000000000001','2026-02-02T03:04:05.000000000Z',NULL,'2026-02-03T03:04:05.123456000Z');
CREATE TABLE audit_log (
    sequence BIGINT PRIMARY KEY NOT NULL,
    recorded_at TEXT NOT NULL,
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
INSERT INTO audit_log VALUES(2,'2026-02-02T03:05:05.000000000Z','','system','','','device.update','device','D1','{"status":"active"}','{"status":"inactive"}','69908ce2a24b37a0656e6fbf7da31dc6f6259292cd1a15286756a5f20bd293e3');
INSERT INTO audit_log VALUES(3,'2026-02-03T00:30:00.000000000Z','','system','','','audit.prune','audit_log','','{"hash":"0000000000000000000000000000000000000000000000000000000000000000","sequence":0}','{"hash":"b38b74128df698ac85093c9311718184bad49de122637851c069cbf4e6861246","sequence":1}','d788dbfb9f006e42bdc31d9bb47ea37ef480df1e7399580b177a5f20c282d156');
CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    sequence BIGINT NOT NULL,
    hash VARCHAR(64) NOT NULL
, pruned BIGINT NOT NULL DEFAULT 0, pruned_hash VARCHAR(64) NOT NULL
    DEFAULT '0000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO audit_head VALUES(1,3,'d788dbfb9f006e42bdc31d9bb47ea37ef480df1e7399580b177a5f20c282d156',1,'b38b74128df698ac85093c9311718184bad49de122637851c069cbf4e6861246');
CREATE TABLE second_factors (
    user_id TEXT PRIMARY KEY NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    secret VARCHAR(255) NOT NULL,
    confirmed_at TEXT,
    last_step BIGINT NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z')
);
INSERT INTO second_factors VALUES('00000000-0000-7000-8000-000000000001','sealed','2026-02-02T03:04:05.000000000Z',60000000,'2026-02-02T03:04:05.000000000Z');
CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    code_hash VARCHAR(64) NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);
INSERT INTO recovery_codes VALUES('00000000-0000-7000-8000-000000000001','ee55');
CREATE TABLE user_identities (
    issuer VARCHAR(255) NOT NULL,
    subject VARCHAR(255) NOT NULL,
    user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z'),
    PRIMARY KEY (issuer, subject)
);
INSERT INTO user_identities VALUES('https://id.example.com/realms/plant','f:1b:eve','00000000-0000-7000-8000-000000000001','2026-02-02T03:04:05.000000000Z');
CREATE TABLE IF NOT EXISTS "notification_logs" (
    id TEXT PRIMARY KEY NOT NULL ,
    alert_id TEXT REFERENCES alerts(id) ON DELETE CASCADE,
    kind VARCHAR(50) NOT NULL DEFAULT 'raised'
        CHECK (kind IN ('raised', 'escalated', 'resolved', 'unacknowledged', 'test')),
    channel VARCHAR(50) NOT NULL,
    recipient VARCHAR(255) NOT NULL,
    user_id TEXT REFERENCES users(id) ON DELETE SET NULL,
    language VARCHAR(10) NOT NULL DEFAULT 'en',
    time_zone VARCHAR(100) NOT NULL DEFAULT 'UTC',
    device_id VARCHAR(50),
    severity VARCHAR(50),
    event TEXT,
    event_key VARCHAR(64) UNIQUE,
    bundle VARCHAR(100),
    sent_with TEXT,
    status VARCHAR(50) NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'sent', 'failed', 'bounced', 'cancelled')),
    subject TEXT,
    provider_response TEXT,
    last_error TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT,
    lease_owner VARCHAR(64),
    lease_until TEXT,
    sent_at TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z'),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z')
);
INSERT INTO notification_logs VALUES('00000000-0000-7000-8000-000000000051','00000000-0000-7000-8000-000000000031','resolved','email','boss@example.com',NULL,'de','Europe/Prague',NULL,NULL,'{"kind": "resolved", "rule_name": "it''s; hot"}','ff66','digest','00000000-0000-7000-8000-000000000051','sent','Behoben: žhavý – Ω','{"id": 7}',NULL,2,NULL,NULL,NULL,'2026-02-01T00:00:10.000000000Z','2026-02-01T00:00:01.000000000Z','2026-02-01T00:00:01.000000000Z');
CREATE TABLE user_notifications (
    user_id TEXT PRIMARY KEY NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    email VARCHAR(255),
    phone VARCHAR(50),
    chat_id VARCHAR(50),
    channels TEXT NOT NULL,
    language VARCHAR(10) NOT NULL DEFAULT 'en',
    time_zone VARCHAR(100) NOT NULL DEFAULT 'UTC',
    quiet_start INTEGER CHECK (quiet_start BETWEEN 0 AND 1439),
    quiet_end INTEGER CHECK (quiet_end BETWEEN 0 AND 1439),
    quiet_breakthrough VARCHAR(50) NOT NULL DEFAULT 'critical'
        CHECK (quiet_breakthrough IN ('low', 'medium', 'high', 'critical')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z')
);
INSERT INTO user_notifications VALUES('00000000-0000-7000-8000-000000000001',NULL,'+4915112345678','42','["email","telegram"]','de','Europe/Berlin',1320,390,'high','2026-02-02T03:04:05.000000000Z');
CREATE TABLE rule_notifications (
    rule_id TEXT PRIMARY KEY NOT NULL REFERENCES rules(id) ON DELETE CASCADE,
    muted BOOLEAN NOT NULL DEFAULT false,
    recipients TEXT NOT NULL,
    escalation_recipients TEXT NOT NULL,
    escalation_minutes INTEGER CHECK (escalation_minutes BETWEEN 0 AND 10080),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z')
);
INSERT INTO rule_notifications VALUES('00000000-0000-7000-8000-000000000021',0,'["user:boss@example.com","telegram:42"]','[]',15,'2026-02-02T03:04:05.000000000Z');
CREATE INDEX idx_users_email ON users(email);
CREATE INDEX idx_users_role ON users(role);
CREATE INDEX idx_refresh_tokens_family_id ON refresh_tokens(family_id);
CREATE INDEX idx_refresh_tokens_user_id ON refresh_tokens(user_id);
CREATE INDEX idx_refresh_tokens_expires_at ON refresh_tokens(expires_at);
CREATE INDEX idx_refresh_tokens_revoked_at ON refresh_tokens(revoked_at);
CREATE INDEX idx_devices_type ON devices(type);
CREATE INDEX idx_devices_status ON devices(status);
CREATE INDEX idx_devices_last_seen ON devices(last_seen);
CREATE INDEX idx_rules_device_id ON rules(device_id);
CREATE INDEX idx_rules_status ON rules(status);
CREATE INDEX idx_rules_property ON rules(property);
CREATE INDEX idx_alerts_device_id ON alerts(device_id);
CREATE INDEX idx_alerts_rule_id ON alerts(rule_id);
CREATE INDEX idx_alerts_status ON alerts(status);
CREATE INDEX idx_alerts_created_at ON alerts(created_at DESC);
CREATE UNIQUE INDEX idx_alerts_episode ON alerts(rule_id, device_id)
    WHERE status IN ('open', 'acknowledged');
CREATE INDEX idx_analytics_device_id ON analytics_results(device_id);
CREATE INDEX idx_analytics_type ON analytics_results(analysis_type);
CREATE INDEX idx_analytics_created_at ON analytics_results(created_at DESC);
CREATE INDEX idx_mqtt_credentials_device_id ON mqtt_credentials(device_id);
CREATE INDEX idx_mqtt_acl_username ON mqtt_acl(username);
CREATE INDEX idx_mqtt_acl_topic ON mqtt_acl(topic);
CREATE INDEX idx_mqtt_acl_device_id ON mqtt_acl(device_id);
CREATE INDEX idx_dead_letters_received_at ON dead_letters(received_at DESC);
CREATE INDEX idx_dead_letters_device_id ON dead_letters(device_id);
CREATE INDEX idx_dead_letters_reason ON dead_letters(reason);
CREATE INDEX idx_audit_log_recorded_at ON audit_log(recorded_at);
CREATE INDEX idx_audit_log_resource ON audit_log(resource_type, resource_id);
CREATE INDEX idx_audit_log_actor ON audit_log(actor);
CREATE TRIGGER audit_log_update BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_log_delete BEFORE DELETE ON audit_log
WHEN OLD.sequence > COALESCE((SELECT pruned FROM audit_head), 0)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_log_insert BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log WHERE sequence = NEW.sequence)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_head_insert BEFORE INSERT ON audit_head
WHEN EXISTS (SELECT 1 FROM audit_head)
BEGIN SELECT RAISE(ABORT, 'the audit log has one head'); END;
CREATE TRIGGER audit_head_delete BEFORE DELETE ON audit_head
WHEN OLD.sequence > 0
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head
WHEN NEW.id <> OLD.id OR NEW.sequence < OLD.sequence OR NEW.pruned < OLD.pruned OR NEW.pruned > NEW.sequence
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE INDEX idx_user_identities_user_id ON user_identities(user_id);
CREATE INDEX idx_rules_device_type ON rules(device_type);
CREATE INDEX idx_notification_logs_alert_id ON notification_logs(alert_id);
CREATE INDEX idx_notification_logs_status ON notification_logs(status);
CREATE INDEX idx_notification_logs_created_at ON notification_logs(created_at DESC);
CREATE INDEX idx_notification_logs_device_id ON notification_logs(device_id, created_at);
CREATE INDEX idx_notification_logs_sent_with ON notification_logs(sent_with);
CREATE INDEX idx_notification_logs_due ON notification_logs(channel, next_attempt_at)
    WHERE status = 'pending';
