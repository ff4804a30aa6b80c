-- Devices that are removed and whose telemetry the store has still to delete.
CREATE TABLE telemetry_deletions (
    device_id VARCHAR(50) PRIMARY KEY NOT NULL,
    requested_at {{timestamp}} NOT NULL DEFAULT {{now}}
);
