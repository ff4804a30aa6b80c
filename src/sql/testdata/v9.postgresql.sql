-- What a PostgreSQL database of schema version 9 holds: the output of pg_dump --inserts.

CREATE FUNCTION audit_delete() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path FROM CURRENT
    AS '
BEGIN
  IF OLD.sequence > COALESCE((SELECT pruned FROM audit_head), 0) THEN
    RAISE EXCEPTION ''the audit log is append-only'' USING ERRCODE = ''restrict_violation'';
  END IF;
  RETURN OLD;
END';

CREATE FUNCTION audit_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS '
BEGIN
  RAISE EXCEPTION ''the audit log is append-only'' USING ERRCODE = ''restrict_violation'';
END';

CREATE TABLE alerts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    rule_id uuid,
    rule_name character varying(255) NOT NULL,
    device_id character varying(50),
    property character varying(100) NOT NULL,
    operator character varying(20) NOT NULL,
    severity character varying(50) NOT NULL,
    message text NOT NULL,
    actual_value numeric,
    latest_value numeric,
    worst_value numeric,
    threshold_value numeric,
    unit character varying(50),
    reading_count bigint DEFAULT 1 NOT NULL,
    status character varying(50) DEFAULT 'open'::character varying NOT NULL,
    comment text,
    acknowledged_by uuid,
    acknowledged_at timestamp with time zone,
    resolved_by uuid,
    resolved_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    last_seen_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    rule_snapshot jsonb,
    CONSTRAINT alerts_operator_check CHECK (((operator)::text = ANY (ARRAY[('>'::character varying)::text, ('<'::character varying)::text, ('>='::character varying)::text, ('<='::character varying)::text, ('='::character varying)::text, ('!='::character varying)::text]))),
    CONSTRAINT alerts_severity_check CHECK (((severity)::text = ANY (ARRAY[('low'::character varying)::text, ('medium'::character varying)::text, ('high'::character varying)::text, ('critical'::character varying)::text]))),
    CONSTRAINT alerts_status_check CHECK (((status)::text = ANY (ARRAY[('open'::character varying)::text, ('acknowledged'::character varying)::text, ('resolved'::character varying)::text, ('suppressed'::character varying)::text])))
);

CREATE TABLE analytics_results (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    job_id character varying(100) NOT NULL,
    device_id character varying(50),
    analysis_type character varying(50) NOT NULL,
    model_name character varying(100) NOT NULL,
    date_range_start timestamp with time zone NOT NULL,
    date_range_end timestamp with time zone NOT NULL,
    results jsonb NOT NULL,
    accuracy_metrics jsonb,
    status character varying(50) DEFAULT 'pending'::character varying NOT NULL,
    error_message text,
    execution_time_seconds integer,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    completed_at timestamp with time zone,
    CONSTRAINT analytics_results_analysis_type_check CHECK (((analysis_type)::text = ANY (ARRAY[('anomaly'::character varying)::text, ('prediction'::character varying)::text, ('forecast'::character varying)::text]))),
    CONSTRAINT analytics_results_status_check CHECK (((status)::text = ANY (ARRAY[('pending'::character varying)::text, ('running'::character varying)::text, ('completed'::character varying)::text, ('failed'::character varying)::text])))
);

CREATE TABLE api_keys (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name character varying(100) NOT NULL,
    secret_hash character varying(64) NOT NULL,
    hint character varying(20) NOT NULL,
    scopes text[] NOT NULL,
    created_by uuid,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    expires_at timestamp with time zone,
    last_used timestamp with time zone
);

CREATE TABLE audit_head (
    id integer NOT NULL,
    sequence bigint NOT NULL,
    hash character varying(64) NOT NULL,
    pruned bigint DEFAULT 0 NOT NULL,
    pruned_hash character varying(64) DEFAULT '0000000000000000000000000000000000000000000000000000000000000000'::character varying NOT NULL,
    CONSTRAINT audit_head_id_check CHECK ((id = 1))
);

CREATE TABLE audit_log (
    sequence bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    actor_id character varying(255) NOT NULL,
    actor character varying(255) NOT NULL,
    address character varying(255) NOT NULL,
    request_id character varying(255) NOT NULL,
    action character varying(100) NOT NULL,
    resource_type character varying(100) NOT NULL,
    resource_id text NOT NULL,
    before_state text NOT NULL,
    after_state text NOT NULL,
    hash character varying(64) NOT NULL
);

CREATE TABLE dead_letters (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    device_id text,
    topic text NOT NULL,
    payload text NOT NULL,
    payload_encoding character varying(10) DEFAULT 'text'::character varying NOT NULL,
    reason character varying(50) NOT NULL,
    detail text NOT NULL,
    received_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT dead_letters_payload_encoding_check CHECK (((payload_encoding)::text = ANY (ARRAY[('text'::character varying)::text, ('base64'::character varying)::text]))),
    CONSTRAINT dead_letters_reason_check CHECK (((reason)::text = ANY (ARRAY[('parse_error'::character varying)::text, ('validation_error'::character varying)::text, ('unknown_device'::character varying)::text, ('write_error'::character varying)::text])))
);

CREATE TABLE device_profiles (
    type character varying(100) NOT NULL,
    fields jsonb NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE devices (
    id character varying(50) NOT NULL,
    name character varying(255) NOT NULL,
    type character varying(100) NOT NULL,
    location character varying(255),
    status character varying(50) DEFAULT 'active'::character varying NOT NULL,
    metadata jsonb,
    health_score numeric(5,2),
    last_seen timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT devices_status_check CHECK (((status)::text = ANY (ARRAY[('active'::character varying)::text, ('inactive'::character varying)::text, ('maintenance'::character varying)::text, ('error'::character varying)::text])))
);

CREATE TABLE mqtt_acl (
    id integer NOT NULL,
    username character varying(255) NOT NULL,
    topic character varying(500) NOT NULL,
    action character varying(10) NOT NULL,
    allow boolean DEFAULT true NOT NULL,
    device_id character varying(50),
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT mqtt_acl_action_check CHECK (((action)::text = ANY (ARRAY[('subscribe'::character varying)::text, ('publish'::character varying)::text, ('all'::character varying)::text])))
);

CREATE SEQUENCE mqtt_acl_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE mqtt_acl_id_seq OWNED BY mqtt_acl.id;

CREATE TABLE mqtt_credentials (
    username character varying(255) NOT NULL,
    secret_hash character varying(64) NOT NULL,
    device_id character varying(50),
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    last_used timestamp with time zone
);

CREATE TABLE notification_logs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    alert_id uuid,
    kind character varying(50) DEFAULT 'raised'::character varying NOT NULL,
    channel character varying(50) NOT NULL,
    recipient character varying(255) NOT NULL,
    user_id uuid,
    language character varying(10) DEFAULT 'en'::character varying NOT NULL,
    time_zone character varying(100) DEFAULT 'UTC'::character varying NOT NULL,
    device_id character varying(50),
    severity character varying(50),
    event jsonb,
    event_key character varying(64),
    bundle character varying(100),
    sent_with uuid,
    status character varying(50) DEFAULT 'pending'::character varying NOT NULL,
    subject text,
    provider_response jsonb,
    last_error text,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone,
    lease_owner character varying(64),
    lease_until timestamp with time zone,
    sent_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT notification_logs_next_kind_check CHECK (((kind)::text = ANY ((ARRAY['raised'::character varying, 'escalated'::character varying, 'resolved'::character varying, 'unacknowledged'::character varying, 'test'::character varying])::text[]))),
    CONSTRAINT notification_logs_next_status_check CHECK (((status)::text = ANY ((ARRAY['pending'::character varying, 'sent'::character varying, 'failed'::character varying, 'bounced'::character varying, 'cancelled'::character varying])::text[])))
);

CREATE TABLE recovery_codes (
    user_id uuid NOT NULL,
    code_hash character varying(64) NOT NULL
);

CREATE TABLE refresh_tokens (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    family_id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash character varying(64) NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone
);

CREATE TABLE rule_notifications (
    rule_id uuid NOT NULL,
    muted boolean DEFAULT false NOT NULL,
    recipients text[] NOT NULL,
    escalation_recipients text[] NOT NULL,
    escalation_minutes integer,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT rule_notifications_escalation_minutes_check CHECK (((escalation_minutes >= 0) AND (escalation_minutes <= 10080)))
);

CREATE TABLE rules (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name character varying(255) NOT NULL,
    description text,
    device_id character varying(50),
    property character varying(100) NOT NULL,
    operator character varying(20) NOT NULL,
    threshold numeric NOT NULL,
    clear_threshold numeric,
    severity character varying(50) DEFAULT 'medium'::character varying NOT NULL,
    status character varying(50) DEFAULT 'active'::character varying NOT NULL,
    notification_channels text[],
    cooldown_minutes integer DEFAULT 15 NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_by uuid,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    last_triggered timestamp with time zone,
    device_type character varying(100),
    definition jsonb,
    CONSTRAINT rules_cooldown_minutes_check CHECK ((cooldown_minutes >= 0)),
    CONSTRAINT rules_operator_check CHECK (((operator)::text = ANY (ARRAY[('>'::character varying)::text, ('<'::character varying)::text, ('>='::character varying)::text, ('<='::character varying)::text, ('='::character varying)::text, ('!='::character varying)::text]))),
    CONSTRAINT rules_severity_check CHECK (((severity)::text = ANY (ARRAY[('low'::character varying)::text, ('medium'::character varying)::text, ('high'::character varying)::text, ('critical'::character varying)::text]))),
    CONSTRAINT rules_status_check CHECK (((status)::text = ANY (ARRAY[('active'::character varying)::text, ('paused'::character varying)::text, ('archived'::character varying)::text])))
);

CREATE TABLE schema_migrations (
    version integer NOT NULL,
    name character varying(255) NOT NULL,
    applied_at timestamp with time zone NOT NULL
);

CREATE TABLE second_factors (
    user_id uuid NOT NULL,
    secret character varying(255) NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE telemetry_deletions (
    device_id character varying(50) NOT NULL,
    requested_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE user_identities (
    issuer character varying(255) NOT NULL,
    subject character varying(255) NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE user_notifications (
    user_id uuid NOT NULL,
    email character varying(255),
    phone character varying(50),
    chat_id character varying(50),
    channels text[] NOT NULL,
    language character varying(10) DEFAULT 'en'::character varying NOT NULL,
    time_zone character varying(100) DEFAULT 'UTC'::character varying NOT NULL,
    quiet_start integer,
    quiet_end integer,
    quiet_breakthrough character varying(50) DEFAULT 'critical'::character varying NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT user_notifications_quiet_breakthrough_check CHECK (((quiet_breakthrough)::text = ANY ((ARRAY['low'::character varying, 'medium'::character varying, 'high'::character varying, 'critical'::character varying])::text[]))),
    CONSTRAINT user_notifications_quiet_end_check CHECK (((quiet_end >= 0) AND (quiet_end <= 1439))),
    CONSTRAINT user_notifications_quiet_start_check CHECK (((quiet_start >= 0) AND (quiet_start <= 1439)))
);

CREATE TABLE users (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email character varying(255) NOT NULL,
    password_hash character varying(255) NOT NULL,
    full_name character varying(255) NOT NULL,
    role character varying(50) NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    last_login timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT users_role_check CHECK (((role)::text = ANY (ARRAY[('admin'::character varying)::text, ('engineer'::character varying)::text, ('viewer'::character varying)::text])))
);

ALTER TABLE ONLY mqtt_acl ALTER COLUMN id SET DEFAULT nextval('mqtt_acl_id_seq'::regclass);

INSERT INTO alerts VALUES ('00000000-0000-7000-8000-000000000032', '00000000-0000-7000-8000-000000000021', 'hot', 'D1', 'temperature', '>', 'high', 'Alert: hot', 51.5, 52, 60.25, 0.005, NULL, 1, 'resolved', NULL, NULL, NULL, NULL, '2026-01-20 00:09:00+00', '2026-01-20 00:00:00+00', '2026-01-20 00:09:00+00', NULL);
INSERT INTO alerts VALUES ('00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-000000000021', 'hot', 'D1', 'temperature', '>', 'high', 'Alert: hot', 51.5, 52, 60.25, 0.005, '°C', 12, 'acknowledged', 'on it', '00000000-0000-7000-8000-000000000001', '2026-02-01 00:10:00+00', NULL, NULL, '2026-02-01 00:00:00+00', '2026-02-01 00:09:00+00', '{"name": "hot", "threshold": 0.005}');

INSERT INTO analytics_results VALUES ('00000000-0000-7000-8000-000000000041', 'job-1', 'D1', 'forecast', 'additive', '2026-01-01 00:00:00+00', '2026-01-02 00:00:00+00', '{"points": []}', NULL, 'completed', NULL, NULL, '2026-01-02 03:04:05+00', NULL);

INSERT INTO api_keys VALUES ('00000000-0000-7000-8000-000000000071', 'Grafana: read; only', 'dd44', 'ep_abcd', '{read_telemetry,manage_devices}', '00000000-0000-7000-8000-000000000001', '2026-02-02 03:04:05+00', NULL, '2026-02-03 03:04:05.123456+00');

INSERT INTO audit_head VALUES (1, 3, 'd788dbfb9f006e42bdc31d9bb47ea37ef480df1e7399580b177a5f20c282d156', 1, 'b38b74128df698ac85093c9311718184bad49de122637851c069cbf4e6861246');

INSERT INTO audit_log VALUES (2, '2026-02-02 03:05:05+00', '', 'system', '', '', 'device.update', 'device', 'D1', '{"status":"active"}', '{"status":"inactive"}', '69908ce2a24b37a0656e6fbf7da31dc6f6259292cd1a15286756a5f20bd293e3');
INSERT INTO audit_log VALUES (3, '2026-02-03 00:30:00+00', '', 'system', '', '', 'audit.prune', 'audit_log', '', '{"hash":"0000000000000000000000000000000000000000000000000000000000000000","sequence":0}', '{"hash":"b38b74128df698ac85093c9311718184bad49de122637851c069cbf4e6861246","sequence":1}', 'd788dbfb9f006e42bdc31d9bb47ea37ef480df1e7399580b177a5f20c282d156');

INSERT INTO dead_letters VALUES ('00000000-0000-7000-8000-000000000061', 'D9', 'devices/D9/telemetry', '{"a": 1}
second line', 'text', 'unknown_device', 'no such device', '2026-02-02 03:04:05+00');
INSERT INTO dead_letters VALUES ('00000000-0000-7000-8000-000000000062', NULL, 'x', '/w==', 'base64', 'parse_error', 'not JSON', '2026-02-02 03:04:06+00');

INSERT INTO device_profiles VALUES ('inverter', '[{"max": 5000, "min": 0, "name": "power", "unit": "W", "required": true}]', 2, '2026-01-02 03:04:05+00', '2026-01-02 03:04:05+00');

INSERT INTO devices VALUES ('D1', 'Bulb "one"', 'bulb', 'Hall 1', 'active', '{"note": "it''s", "tags": ["a", "b;c"], "interval_s": 5}', 98.25, '2026-02-02 03:04:05.123456+00', 3, '2026-01-02 03:04:05+00', '2026-01-02 03:04:05+00');
INSERT INTO devices VALUES ('D2', 'Inverter', 'inverter', NULL, 'maintenance', NULL, NULL, NULL, 1, '2026-01-02 03:04:05+00', '2026-01-02 03:04:05+00');

INSERT INTO mqtt_acl VALUES (4, 'device_D1', 'devices/D1/telemetry', 'publish', true, 'D1', '2026-01-02 03:04:05+00');
INSERT INTO mqtt_acl VALUES (9, 'gateway', 'devices/+/telemetry', 'all', false, NULL, '2026-01-02 03:04:05+00');

INSERT INTO mqtt_credentials VALUES ('device_D1', 'bb22', 'D1', '2026-01-02 03:04:05+00', NULL);
INSERT INTO mqtt_credentials VALUES ('gateway', 'cc33', NULL, '2026-01-02 03:04:05+00', '2026-02-02 03:04:05+00');

INSERT INTO notification_logs VALUES ('00000000-0000-7000-8000-000000000051', '00000000-0000-7000-8000-000000000031', 'resolved', 'email', 'boss@example.com', NULL, 'de', 'Europe/Prague', NULL, NULL, '{"kind": "resolved", "rule_name": "it''s; hot"}', 'ff66', 'digest', '00000000-0000-7000-8000-000000000051', 'sent', 'Behoben: žhavý – Ω', '{"id": 7}', NULL, 2, NULL, NULL, NULL, '2026-02-01 00:00:10+00', '2026-02-01 00:00:01+00', '2026-02-01 00:00:01+00');

INSERT INTO recovery_codes VALUES ('00000000-0000-7000-8000-000000000001', 'ee55');

INSERT INTO refresh_tokens VALUES ('00000000-0000-7000-8000-000000000011', '00000000-0000-7000-8000-000000000012', '00000000-0000-7000-8000-000000000001', 'aa11', '2026-01-02 03:04:05+00', '2026-01-09 03:04:05+00', NULL, NULL);

INSERT INTO rule_notifications VALUES ('00000000-0000-7000-8000-000000000021', false, '{user:boss@example.com,telegram:42}', '{}', 15, '2026-02-02 03:04:05+00');

INSERT INTO rules VALUES ('00000000-0000-7000-8000-000000000021', 'hot', NULL, 'D1', 'temperature', '>', 0.005, NULL, 'high', 'active', '{email,"two words","quote\"d"}', 15, 1, '00000000-0000-7000-8000-000000000001', '2026-01-02 03:04:05+00', '2026-01-02 03:04:05+00', '2026-02-01 00:00:00+00', NULL, NULL);
INSERT INTO rules VALUES ('00000000-0000-7000-8000-000000000022', 'low', 'text', NULL, 'voltage', '<=', 198.5, 200, 'low', 'paused', '{}', 0, 4, NULL, '2026-01-02 03:04:05+00', '2026-01-02 03:04:05+00', NULL, 'bulb', '{"join": "all", "for_s": 60, "levels": [{"severity": "high", "threshold": 190}], "schedule": {"times": [{"to": "18:00", "from": "08:00"}], "outside": false, "holidays": ["2026-12-25"], "weekdays": ["mon"], "time_zone": "Europe/Berlin"}, "conditions": [{"kind": "aggregate", "operator": "<=", "property": "voltage", "window_s": 300, "aggregate": "mean", "threshold": 198.5, "clear_threshold": 200}], "device_tag": null, "all_devices": false, "clear_for_s": 0, "auto_resolve": true}');

INSERT INTO schema_migrations VALUES (1, 'initial', '2026-01-01 00:00:00+00');
INSERT INTO schema_migrations VALUES (2, 'telemetry_deletions', '2026-01-02 00:00:00+00');
INSERT INTO schema_migrations VALUES (3, 'accounts', '2026-01-03 00:00:00+00');
INSERT INTO schema_migrations VALUES (4, 'audit_log', '2026-01-04 00:00:00+00');
INSERT INTO schema_migrations VALUES (5, 'second_factors', '2026-01-05 00:00:00+00');
INSERT INTO schema_migrations VALUES (6, 'audit_append_only', '2026-01-06 00:00:00+00');
INSERT INTO schema_migrations VALUES (7, 'user_identities', '2026-01-07 00:00:00+00');
INSERT INTO schema_migrations VALUES (8, 'rules', '2026-01-08 00:00:00+00');
INSERT INTO schema_migrations VALUES (9, 'notifications', '2026-01-09 00:00:00+00');

INSERT INTO second_factors VALUES ('00000000-0000-7000-8000-000000000001', 'sealed', '2026-02-02 03:04:05+00', 60000000, '2026-02-02 03:04:05+00');

INSERT INTO telemetry_deletions VALUES ('D7', '2026-02-02 03:04:05+00');

INSERT INTO user_identities VALUES ('https://id.example.com/realms/plant', 'f:1b:eve', '00000000-0000-7000-8000-000000000001', '2026-02-02 03:04:05+00');

INSERT INTO user_notifications VALUES ('00000000-0000-7000-8000-000000000001', NULL, '+4915112345678', '42', '{email,telegram}', 'de', 'Europe/Berlin', 1320, 390, 'high', '2026-02-02 03:04:05+00');

INSERT INTO users VALUES ('00000000-0000-7000-8000-000000000002', 'viewer@example.com', '$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234', 'Žofie Dvořák 電力', 'viewer', false, '2026-01-02 03:04:05.123456+00', '2026-01-02 03:04:05.123456+00', NULL, 1);
INSERT INTO users VALUES ('00000000-0000-7000-8000-000000000001', 'boss@example.com', '$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234', 'Ana O''Hara; chief -- of it', 'admin', true, '2026-01-02 03:04:05.123456+00', '2026-01-02 03:04:05.123456+00', '2026-02-02 03:04:05+00', 3);

SELECT pg_catalog.setval('mqtt_acl_id_seq', 9, true);

ALTER TABLE ONLY alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY analytics_results
    ADD CONSTRAINT analytics_results_job_id_key UNIQUE (job_id);

ALTER TABLE ONLY analytics_results
    ADD CONSTRAINT analytics_results_pkey PRIMARY KEY (id);

ALTER TABLE ONLY api_keys
    ADD CONSTRAINT api_keys_name_key UNIQUE (name);

ALTER TABLE ONLY api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY api_keys
    ADD CONSTRAINT api_keys_secret_hash_key UNIQUE (secret_hash);

ALTER TABLE ONLY audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (id);

ALTER TABLE ONLY audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (sequence);

ALTER TABLE ONLY dead_letters
    ADD CONSTRAINT dead_letters_pkey PRIMARY KEY (id);

ALTER TABLE ONLY device_profiles
    ADD CONSTRAINT device_profiles_pkey PRIMARY KEY (type);

ALTER TABLE ONLY devices
    ADD CONSTRAINT devices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY mqtt_acl
    ADD CONSTRAINT mqtt_acl_pkey PRIMARY KEY (id);

ALTER TABLE ONLY mqtt_credentials
    ADD CONSTRAINT mqtt_credentials_pkey PRIMARY KEY (username);

ALTER TABLE ONLY notification_logs
    ADD CONSTRAINT notification_logs_next_event_key_key UNIQUE (event_key);

ALTER TABLE ONLY notification_logs
    ADD CONSTRAINT notification_logs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY recovery_codes
    ADD CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash);

ALTER TABLE ONLY refresh_tokens
    ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY refresh_tokens
    ADD CONSTRAINT refresh_tokens_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY rule_notifications
    ADD CONSTRAINT rule_notifications_pkey PRIMARY KEY (rule_id);

ALTER TABLE ONLY rules
    ADD CONSTRAINT rules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY second_factors
    ADD CONSTRAINT second_factors_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY telemetry_deletions
    ADD CONSTRAINT telemetry_deletions_pkey PRIMARY KEY (device_id);

ALTER TABLE ONLY user_identities
    ADD CONSTRAINT user_identities_pkey PRIMARY KEY (issuer, subject);

ALTER TABLE ONLY user_notifications
    ADD CONSTRAINT user_notifications_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY users
    ADD CONSTRAINT users_email_key UNIQUE (email);

ALTER TABLE ONLY users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

CREATE INDEX idx_alerts_created_at ON alerts USING btree (created_at DESC);

CREATE INDEX idx_alerts_device_id ON alerts USING btree (device_id);

CREATE UNIQUE INDEX idx_alerts_episode ON alerts USING btree (rule_id, device_id) WHERE ((status)::text = ANY (ARRAY[('open'::character varying)::text, ('acknowledged'::character varying)::text]));

CREATE INDEX idx_alerts_rule_id ON alerts USING btree (rule_id);

CREATE INDEX idx_alerts_status ON alerts USING btree (status);

CREATE INDEX idx_analytics_created_at ON analytics_results USING btree (created_at DESC);

CREATE INDEX idx_analytics_device_id ON analytics_results USING btree (device_id);

CREATE INDEX idx_analytics_type ON analytics_results USING btree (analysis_type);

CREATE INDEX idx_audit_log_actor ON audit_log USING btree (actor);

CREATE INDEX idx_audit_log_recorded_at ON audit_log USING btree (recorded_at);

CREATE INDEX idx_audit_log_resource ON audit_log USING btree (resource_type, resource_id);

CREATE INDEX idx_dead_letters_device_id ON dead_letters USING btree (device_id);

CREATE INDEX idx_dead_letters_reason ON dead_letters USING btree (reason);

CREATE INDEX idx_dead_letters_received_at ON dead_letters USING btree (received_at DESC);

CREATE INDEX idx_devices_last_seen ON devices USING btree (last_seen);

CREATE INDEX idx_devices_status ON devices USING btree (status);

CREATE INDEX idx_devices_type ON devices USING btree (type);

CREATE INDEX idx_mqtt_acl_device_id ON mqtt_acl USING btree (device_id);

CREATE INDEX idx_mqtt_acl_topic ON mqtt_acl USING btree (topic);

CREATE INDEX idx_mqtt_acl_username ON mqtt_acl USING btree (username);

CREATE INDEX idx_mqtt_credentials_device_id ON mqtt_credentials USING btree (device_id);

CREATE INDEX idx_notification_logs_alert_id ON notification_logs USING btree (alert_id);

CREATE INDEX idx_notification_logs_created_at ON notification_logs USING btree (created_at DESC);

CREATE INDEX idx_notification_logs_device_id ON notification_logs USING btree (device_id, created_at);

CREATE INDEX idx_notification_logs_due ON notification_logs USING btree (channel, next_attempt_at) WHERE ((status)::text = 'pending'::text);

CREATE INDEX idx_notification_logs_sent_with ON notification_logs USING btree (sent_with);

CREATE INDEX idx_notification_logs_status ON notification_logs USING btree (status);

CREATE INDEX idx_refresh_tokens_expires_at ON refresh_tokens USING btree (expires_at);

CREATE INDEX idx_refresh_tokens_family_id ON refresh_tokens USING btree (family_id);

CREATE INDEX idx_refresh_tokens_revoked_at ON refresh_tokens USING btree (revoked_at);

CREATE INDEX idx_refresh_tokens_user_id ON refresh_tokens USING btree (user_id);

CREATE INDEX idx_rules_device_id ON rules USING btree (device_id);

CREATE INDEX idx_rules_device_type ON rules USING btree (device_type);

CREATE INDEX idx_rules_property ON rules USING btree (property);

CREATE INDEX idx_rules_status ON rules USING btree (status);

CREATE INDEX idx_user_identities_user_id ON user_identities USING btree (user_id);

CREATE INDEX idx_users_email ON users USING btree (email);

CREATE INDEX idx_users_role ON users USING btree (role);

CREATE TRIGGER audit_head_delete BEFORE DELETE ON audit_head FOR EACH ROW WHEN ((old.sequence > 0)) EXECUTE FUNCTION audit_refuse();

CREATE TRIGGER audit_head_truncate BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head FOR EACH ROW WHEN (((new.id <> old.id) OR (new.sequence < old.sequence) OR (new.pruned < old.pruned) OR (new.pruned > new.sequence))) EXECUTE FUNCTION audit_refuse();

CREATE TRIGGER audit_log_delete BEFORE DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_delete();

CREATE TRIGGER audit_log_truncate BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

CREATE TRIGGER audit_log_update BEFORE UPDATE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_refuse();

ALTER TABLE ONLY alerts
    ADD CONSTRAINT alerts_acknowledged_by_fkey FOREIGN KEY (acknowledged_by) REFERENCES users(id) ON DELETE SET NULL;

ALTER TABLE ONLY alerts
    ADD CONSTRAINT alerts_device_id_fkey FOREIGN KEY (device_id) REFERENCES devices(id) ON DELETE CASCADE;

ALTER TABLE ONLY alerts
    ADD CONSTRAINT alerts_resolved_by_fkey FOREIGN KEY (resolved_by) REFERENCES users(id) ON DELETE SET NULL;

ALTER TABLE ONLY alerts
    ADD CONSTRAINT alerts_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES rules(id) ON DELETE CASCADE;

ALTER TABLE ONLY analytics_results
    ADD CONSTRAINT analytics_results_device_id_fkey FOREIGN KEY (device_id) REFERENCES devices(id) ON DELETE CASCADE;

ALTER TABLE ONLY api_keys
    ADD CONSTRAINT api_keys_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id) ON DELETE SET NULL;

ALTER TABLE ONLY mqtt_acl
    ADD CONSTRAINT mqtt_acl_device_id_fkey FOREIGN KEY (device_id) REFERENCES devices(id) ON DELETE CASCADE;

ALTER TABLE ONLY mqtt_credentials
    ADD CONSTRAINT mqtt_credentials_device_id_fkey FOREIGN KEY (device_id) REFERENCES devices(id) ON DELETE CASCADE;

ALTER TABLE ONLY notification_logs
    ADD CONSTRAINT notification_logs_next_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES alerts(id) ON DELETE CASCADE;

ALTER TABLE ONLY notification_logs
    ADD CONSTRAINT notification_logs_next_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE SET NULL;

ALTER TABLE ONLY recovery_codes
    ADD CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE ONLY refresh_tokens
    ADD CONSTRAINT refresh_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE ONLY rule_notifications
    ADD CONSTRAINT rule_notifications_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES rules(id) ON DELETE CASCADE;

ALTER TABLE ONLY rules
    ADD CONSTRAINT rules_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id) ON DELETE SET NULL;

ALTER TABLE ONLY rules
    ADD CONSTRAINT rules_device_id_fkey FOREIGN KEY (device_id) REFERENCES devices(id) ON DELETE CASCADE;

ALTER TABLE ONLY second_factors
    ADD CONSTRAINT second_factors_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE ONLY user_identities
    ADD CONSTRAINT user_identities_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE ONLY user_notifications
    ADD CONSTRAINT user_notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

