-- The outbox of notifications (decision 19): a row is a message to one recipient, written in the transaction
-- of the alert and sent by whichever process leases it. Made anew, because SQLite cannot change a CHECK.
--   event       what happened, as it was then
--   event_key   hash of what the row is about, so that what is written twice is one row
--   bundle      rows of one recipient and bundle that are due together are one message (digest, flood, quiet)
--   sent_with   the row whose message says it: its id is the message's idempotency key
CREATE TABLE notification_logs_next (
    id {{uuid}} PRIMARY KEY NOT NULL {{new_uuid}},
    alert_id {{uuid}} REFERENCES alerts(id) ON DELETE CASCADE,
    kind VARCHAR(50) NOT NULL DEFAULT 'raised'
        CHECK (kind IN ('raised', 'escalated', 'resolved', 'unacknowledged', 'test')),
    channel VARCHAR(50) NOT NULL,
    recipient VARCHAR(255) NOT NULL,
    user_id {{uuid}} REFERENCES users(id) ON DELETE SET NULL,
    language VARCHAR(10) NOT NULL DEFAULT 'en',
    time_zone VARCHAR(100) NOT NULL DEFAULT 'UTC',
    device_id VARCHAR(50),
    severity VARCHAR(50),
    event {{json}},
    event_key VARCHAR(64) UNIQUE,
    bundle VARCHAR(100),
    sent_with {{uuid}},
    status VARCHAR(50) NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'sent', 'failed', 'bounced', 'cancelled')),
    subject TEXT,
    provider_response {{json}},
    last_error TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at {{timestamp}},
    lease_owner VARCHAR(64),
    lease_until {{timestamp}},
    sent_at {{timestamp}},
    created_at {{timestamp}} NOT NULL DEFAULT {{now}},
    updated_at {{timestamp}} NOT NULL DEFAULT {{now}}
);
INSERT INTO notification_logs_next (id, alert_id, channel, recipient, status, provider_response, last_error,
        attempts, sent_at, created_at, updated_at)
    SELECT id, alert_id, channel, recipient, CASE status WHEN 'pending' THEN 'failed' ELSE status END,
        provider_response,
        CASE status WHEN 'pending' THEN 'written by a version that did not send' END,
        attempts, sent_at, created_at, created_at FROM notification_logs;
DROP TABLE notification_logs;
ALTER TABLE notification_logs_next RENAME TO notification_logs;
{{postgresql}} ALTER INDEX notification_logs_next_pkey RENAME TO notification_logs_pkey;
CREATE INDEX idx_notification_logs_alert_id ON notification_logs(alert_id);
CREATE INDEX idx_notification_logs_status ON notification_logs(status);
CREATE INDEX idx_notification_logs_created_at ON notification_logs(created_at DESC);
CREATE INDEX idx_notification_logs_device_id ON notification_logs(device_id, created_at);
CREATE INDEX idx_notification_logs_sent_with ON notification_logs(sent_with);
CREATE INDEX idx_notification_logs_due ON notification_logs(channel, next_attempt_at)
    WHERE status = 'pending';

-- Users' own addresses (decision 18) and when they are not to be disturbed: minutes of the day in time_zone.
CREATE TABLE user_notifications (
    user_id {{uuid}} PRIMARY KEY NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    email VARCHAR(255),
    phone VARCHAR(50),
    chat_id VARCHAR(50),
    channels {{text_array}} NOT NULL,
    language VARCHAR(10) NOT NULL DEFAULT 'en',
    time_zone VARCHAR(100) NOT NULL DEFAULT 'UTC',
    quiet_start INTEGER CHECK (quiet_start BETWEEN 0 AND 1439),
    quiet_end INTEGER CHECK (quiet_end BETWEEN 0 AND 1439),
    quiet_breakthrough VARCHAR(50) NOT NULL DEFAULT 'critical'
        CHECK (quiet_breakthrough IN ('low', 'medium', 'high', 'critical')),
    updated_at {{timestamp}} NOT NULL DEFAULT {{now}}
);

-- Whom a rule tells, as "channel:address" or "user:email"; a rule without a row tells the defaults.
CREATE TABLE rule_notifications (
    rule_id {{uuid}} PRIMARY KEY NOT NULL REFERENCES rules(id) ON DELETE CASCADE,
    muted BOOLEAN NOT NULL DEFAULT false,
    recipients {{text_array}} NOT NULL,
    escalation_recipients {{text_array}} NOT NULL,
    escalation_minutes INTEGER CHECK (escalation_minutes BETWEEN 0 AND 10080),
    updated_at {{timestamp}} NOT NULL DEFAULT {{now}}
);
