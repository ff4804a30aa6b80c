UPDATE users SET version = 3 WHERE email = 'boss@example.com';
INSERT INTO api_keys VALUES('00000000-0000-7000-8000-000000000071','Grafana: read; only','dd44','ep_abcd','["read_telemetry","manage_devices"]','00000000-0000-7000-8000-000000000001','2026-02-02T03:04:05.000000000Z',NULL,'2026-02-03T03:04:05.123456000Z');
