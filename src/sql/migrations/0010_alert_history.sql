-- What people and the program did to an alert. shelved_until: hidden and silent until then. held_open: a
-- person reopened it, and the condition has not held since. episodes_per_hour: how many the rule began on the
-- device in the hour up to this one's beginning, this one included.
ALTER TABLE alerts ADD COLUMN shelved_until {{timestamp}};
ALTER TABLE alerts ADD COLUMN assigned_to {{uuid}} REFERENCES users(id) ON DELETE SET NULL;
ALTER TABLE alerts ADD COLUMN held_open BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE alerts ADD COLUMN episodes_per_hour INTEGER NOT NULL DEFAULT 1;
CREATE INDEX idx_alerts_rule_device ON alerts(rule_id, device_id, created_at);
CREATE INDEX idx_alerts_assigned_to ON alerts(assigned_to);

-- One row a change, written in its transaction. actor is who, by name, also when the account is gone; nothing
-- for what the program did by itself. before_state and after_state hold the members that changed.
CREATE TABLE alert_events (
    sequence {{serial_key}},
    id {{uuid}} UNIQUE NOT NULL,
    alert_id {{uuid}} NOT NULL REFERENCES alerts(id) ON DELETE CASCADE,
    action VARCHAR(50) NOT NULL,
    at {{timestamp}} NOT NULL,
    actor_id {{uuid}} REFERENCES users(id) ON DELETE SET NULL,
    actor VARCHAR(255),
    comment TEXT,
    before_state {{json}},
    after_state {{json}}
);
CREATE INDEX idx_alert_events_alert_id ON alert_events(alert_id, sequence);
