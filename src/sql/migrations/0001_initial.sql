-- The schema of LLD 3.1 and 10.2 with the additions of the decisions.
--
-- One text for both databases; what differs is written as a token:
--   {{uuid}} {{timestamp}} {{json}} {{text_array}} {{serial_key}}   column types
--   {{new_uuid}} {{now}}                                            defaults
-- TIMESTAMP of the LLD is a point in time, hence {{timestamp}} (TIMESTAMPTZ on PostgreSQL).
-- NUMERIC(10,2) of the LLD is NUMERIC here: two decimals would turn a threshold of 0.005 into 0.01.

CREATE TABLE users (
    id {{uuid}} PRIMARY KEY NOT NULL {{new_uuid}},
    email VARCHAR(255) UNIQUE NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    full_name VARCHAR(255) NOT NULL,
    role VARCHAR(50) NOT NULL CHECK (role IN ('admin', 'engineer', 'viewer')),
    is_active BOOLEAN NOT NULL DEFAULT true,
    created_at {{timestamp}} NOT NULL DEFAULT {{now}},
    updated_at {{timestamp}} NOT NULL DEFAULT {{now}},
    last_login {{timestamp}}
);
CREATE INDEX idx_users_email ON users(email);
CREATE INDEX idx_users_role ON users(role);

-- The rotating tokens of sessions; token_hash is SHA-256 in hex.
CREATE TABLE refresh_tokens (
    id {{uuid}} PRIMARY KEY NOT NULL {{new_uuid}},
    family_id {{uuid}} NOT NULL,
    user_id {{uuid}} NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    token_hash VARCHAR(64) UNIQUE NOT NULL,
    created_at {{timestamp}} NOT NULL DEFAULT {{now}},
    expires_at {{timestamp}} NOT NULL,
    used_at {{timestamp}},
    revoked_at {{timestamp}}
);
CREATE INDEX idx_refresh_tokens_family_id ON refresh_tokens(family_id);
CREATE INDEX idx_refresh_tokens_user_id ON refresh_tokens(user_id);
CREATE INDEX idx_refresh_tokens_expires_at ON refresh_tokens(expires_at);
CREATE INDEX idx_refresh_tokens_revoked_at ON refresh_tokens(revoked_at);

CREATE TABLE devices (
    id VARCHAR(50) PRIMARY KEY NOT NULL,
    name VARCHAR(255) NOT NULL,
    type VARCHAR(100) NOT NULL,
    location VARCHAR(255),
    status VARCHAR(50) NOT NULL DEFAULT 'active'
        CHECK (status IN ('active', 'inactive', 'maintenance', 'error')),
    metadata {{json}},
    health_score NUMERIC(5,2),
    last_seen {{timestamp}},
    version INTEGER NOT NULL DEFAULT 1,
    created_at {{timestamp}} NOT NULL DEFAULT {{now}},
    updated_at {{timestamp}} NOT NULL DEFAULT {{now}}
);
CREATE INDEX idx_devices_type ON devices(type);
CREATE INDEX idx_devices_status ON devices(status);
CREATE INDEX idx_devices_last_seen ON devices(last_seen);

CREATE TABLE device_profiles (
    type VARCHAR(100) PRIMARY KEY NOT NULL,
    fields {{json}} NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created_at {{timestamp}} NOT NULL DEFAULT {{now}},
    updated_at {{timestamp}} NOT NULL DEFAULT {{now}}
);

CREATE TABLE rules (
    id {{uuid}} PRIMARY KEY NOT NULL {{new_uuid}},
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
    notification_channels {{text_array}},
    cooldown_minutes INTEGER NOT NULL DEFAULT 15 CHECK (cooldown_minutes >= 0),
    version INTEGER NOT NULL DEFAULT 1,
    created_by {{uuid}} REFERENCES users(id) ON DELETE SET NULL,
    created_at {{timestamp}} NOT NULL DEFAULT {{now}},
    updated_at {{timestamp}} NOT NULL DEFAULT {{now}},
    last_triggered {{timestamp}}
);
CREATE INDEX idx_rules_device_id ON rules(device_id);
CREATE INDEX idx_rules_status ON rules(status);
CREATE INDEX idx_rules_property ON rules(property);

-- An alert is an episode (decision 16): what the rule said is copied, so that history stays true
-- when the rule changes. created_at and last_seen_at are times of readings.
CREATE TABLE alerts (
    id {{uuid}} PRIMARY KEY NOT NULL {{new_uuid}},
    rule_id {{uuid}} REFERENCES rules(id) ON DELETE CASCADE,
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
    acknowledged_by {{uuid}} REFERENCES users(id) ON DELETE SET NULL,
    acknowledged_at {{timestamp}},
    resolved_by {{uuid}} REFERENCES users(id) ON DELETE SET NULL,
    resolved_at {{timestamp}},
    created_at {{timestamp}} NOT NULL DEFAULT {{now}},
    last_seen_at {{timestamp}} NOT NULL DEFAULT {{now}}
);
CREATE INDEX idx_alerts_device_id ON alerts(device_id);
CREATE INDEX idx_alerts_rule_id ON alerts(rule_id);
CREATE INDEX idx_alerts_status ON alerts(status);
CREATE INDEX idx_alerts_created_at ON alerts(created_at DESC);
-- While an episode lasts there is no second one.
CREATE UNIQUE INDEX idx_alerts_episode ON alerts(rule_id, device_id)
    WHERE status IN ('open', 'acknowledged');

CREATE TABLE analytics_results (
    id {{uuid}} PRIMARY KEY NOT NULL {{new_uuid}},
    job_id VARCHAR(100) UNIQUE NOT NULL,
    device_id VARCHAR(50) REFERENCES devices(id) ON DELETE CASCADE,
    analysis_type VARCHAR(50) NOT NULL
        CHECK (analysis_type IN ('anomaly', 'prediction', 'forecast')),
    model_name VARCHAR(100) NOT NULL,
    date_range_start {{timestamp}} NOT NULL,
    date_range_end {{timestamp}} NOT NULL,
    results {{json}} NOT NULL,
    accuracy_metrics {{json}},
    status VARCHAR(50) NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'running', 'completed', 'failed')),
    error_message TEXT,
    execution_time_seconds INTEGER,
    created_at {{timestamp}} NOT NULL DEFAULT {{now}},
    completed_at {{timestamp}}
);
CREATE INDEX idx_analytics_device_id ON analytics_results(device_id);
CREATE INDEX idx_analytics_type ON analytics_results(analysis_type);
CREATE INDEX idx_analytics_created_at ON analytics_results(created_at DESC);

CREATE TABLE notification_logs (
    id {{uuid}} PRIMARY KEY NOT NULL {{new_uuid}},
    alert_id {{uuid}} REFERENCES alerts(id) ON DELETE CASCADE,
    channel VARCHAR(50) NOT NULL,
    recipient VARCHAR(255) NOT NULL,
    status VARCHAR(50) NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'sent', 'failed', 'bounced')),
    provider_response {{json}},
    attempts INTEGER NOT NULL DEFAULT 1,
    sent_at {{timestamp}},
    created_at {{timestamp}} NOT NULL DEFAULT {{now}}
);
CREATE INDEX idx_notification_logs_alert_id ON notification_logs(alert_id);
CREATE INDEX idx_notification_logs_status ON notification_logs(status);

-- Who may connect by MQTT. secret_hash is HMAC-SHA256 in hex under a key outside the database.
CREATE TABLE mqtt_credentials (
    username VARCHAR(255) PRIMARY KEY NOT NULL,
    secret_hash VARCHAR(64) NOT NULL,
    device_id VARCHAR(50) REFERENCES devices(id) ON DELETE CASCADE,
    created_at {{timestamp}} NOT NULL DEFAULT {{now}},
    last_used {{timestamp}}
);
CREATE INDEX idx_mqtt_credentials_device_id ON mqtt_credentials(device_id);

-- device_id is set on the rows that belong to a device's own credential, which go with the device.
CREATE TABLE mqtt_acl (
    id {{serial_key}},
    username VARCHAR(255) NOT NULL,
    topic VARCHAR(500) NOT NULL,
    action VARCHAR(10) NOT NULL CHECK (action IN ('subscribe', 'publish', 'all')),
    allow BOOLEAN NOT NULL DEFAULT true,
    device_id VARCHAR(50) REFERENCES devices(id) ON DELETE CASCADE,
    created_at {{timestamp}} NOT NULL DEFAULT {{now}}
);
CREATE INDEX idx_mqtt_acl_username ON mqtt_acl(username);
CREATE INDEX idx_mqtt_acl_topic ON mqtt_acl(topic);
CREATE INDEX idx_mqtt_acl_device_id ON mqtt_acl(device_id);

-- Messages that could not become readings (decision 13). device_id may name no registered device.
CREATE TABLE dead_letters (
    id {{uuid}} PRIMARY KEY NOT NULL {{new_uuid}},
    device_id TEXT,
    topic TEXT NOT NULL,
    payload TEXT NOT NULL,
    payload_encoding VARCHAR(10) NOT NULL DEFAULT 'text'
        CHECK (payload_encoding IN ('text', 'base64')),
    reason VARCHAR(50) NOT NULL
        CHECK (reason IN ('parse_error', 'validation_error', 'unknown_device', 'write_error')),
    detail TEXT NOT NULL,
    received_at {{timestamp}} NOT NULL DEFAULT {{now}}
);
CREATE INDEX idx_dead_letters_received_at ON dead_letters(received_at DESC);
CREATE INDEX idx_dead_letters_device_id ON dead_letters(device_id);
CREATE INDEX idx_dead_letters_reason ON dead_letters(reason);
