-- The database itself refuses to change or remove entries of the audit log. What retention lets go is the
-- oldest, up to the entry that audit_head notes as pruned; the chain of hashes then begins with its hash.
ALTER TABLE audit_head ADD COLUMN pruned BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit_head ADD COLUMN pruned_hash VARCHAR(64) NOT NULL
    DEFAULT '0000000000000000000000000000000000000000000000000000000000000000';

{{sqlite}} CREATE TRIGGER audit_log_update BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

{{sqlite}} CREATE TRIGGER audit_log_delete BEFORE DELETE ON audit_log
WHEN OLD.sequence > COALESCE((SELECT pruned FROM audit_head), 0)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- INSERT OR REPLACE removes without the trigger above.
{{sqlite}} CREATE TRIGGER audit_log_insert BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log WHERE sequence = NEW.sequence)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

{{sqlite}} CREATE TRIGGER audit_head_insert BEFORE INSERT ON audit_head
WHEN EXISTS (SELECT 1 FROM audit_head)
BEGIN SELECT RAISE(ABORT, 'the audit log has one head'); END;

-- A transfer to this database replaces the head as long as nothing was recorded.
{{sqlite}} CREATE TRIGGER audit_head_delete BEFORE DELETE ON audit_head
WHEN OLD.sequence > 0
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

{{sqlite}} CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head
WHEN NEW.id <> OLD.id OR NEW.sequence < OLD.sequence OR NEW.pruned < OLD.pruned OR NEW.pruned > NEW.sequence
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

{{postgresql}} CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS '
BEGIN
  RAISE EXCEPTION ''the audit log is append-only'' USING ERRCODE = ''restrict_violation'';
END';

{{postgresql}} CREATE FUNCTION audit_delete() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS '
BEGIN
  IF OLD.sequence > COALESCE((SELECT pruned FROM audit_head), 0) THEN
    RAISE EXCEPTION ''the audit log is append-only'' USING ERRCODE = ''restrict_violation'';
  END IF;
  RETURN OLD;
END';

{{postgresql}} CREATE TRIGGER audit_log_update BEFORE UPDATE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
{{postgresql}} CREATE TRIGGER audit_log_delete BEFORE DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_delete();
{{postgresql}} CREATE TRIGGER audit_log_truncate BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
{{postgresql}} CREATE TRIGGER audit_head_delete BEFORE DELETE ON audit_head
    FOR EACH ROW WHEN (OLD.sequence > 0) EXECUTE FUNCTION audit_refuse();
{{postgresql}} CREATE TRIGGER audit_head_truncate BEFORE TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
{{postgresql}} CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head
    FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.sequence < OLD.sequence OR NEW.pruned < OLD.pruned
        OR NEW.pruned > NEW.sequence)
    EXECUTE FUNCTION audit_refuse();
