-- Rules beyond one threshold on one device (decision 17): what the columns of LLD 3.1.3 cannot say is
-- in the definition, NULL for a plain rule. device_id is NULL where a rule watches several devices.
ALTER TABLE rules ADD COLUMN device_type VARCHAR(100);
ALTER TABLE rules ADD COLUMN definition {{json}};
CREATE INDEX idx_rules_device_type ON rules(device_type);

-- The rule as it was when the episode began.
ALTER TABLE alerts ADD COLUMN rule_snapshot {{json}};
