INSERT INTO user_identities VALUES('https://id.example.com/realms/plant','f:1b:eve','00000000-0000-7000-8000-000000000001','2026-02-02T03:04:05.000000000Z');
