CREATE TABLE service_configs (
    service_name varchar(255) NOT NULL PRIMARY KEY CHECK (service_name <> ''),
    config_json  jsonb        NOT NULL CHECK (jsonb_typeof(config_json) = 'object'),
    version      integer      NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at   timestamptz  NOT NULL DEFAULT now(),
    updated_at   timestamptz  NOT NULL DEFAULT now(),
    created_by   varchar(255) NOT NULL DEFAULT change_actor(),
    updated_by   varchar(255) NOT NULL DEFAULT change_actor(),
    description  text,
    tags         text[]       NOT NULL DEFAULT '{}',
    active       boolean      NOT NULL DEFAULT true
);

CREATE INDEX service_configs_active_idx ON service_configs (active) WHERE active;
CREATE INDEX service_configs_tags_idx   ON service_configs USING gin (tags);

CREATE TABLE config_audit_log (
    id             bigserial    NOT NULL PRIMARY KEY,
    service_name   varchar(255) NOT NULL,
    config         jsonb        NOT NULL,
    version        integer      NOT NULL,
    action         varchar(20)  NOT NULL CHECK (action IN ('created', 'updated', 'deleted', 'rollback')),
    changed_by     varchar(255) NOT NULL,
    changed_at     timestamptz  NOT NULL,
    reason         text,
    description    text,
    tags           text[]       NOT NULL,
    rolled_back_to integer,
    sequence       bigint       NOT NULL,
    previous_hash  bytea        NOT NULL,
    hash           bytea        NOT NULL,
    CONSTRAINT config_audit_log_service_version_key UNIQUE (service_name, version),
    CONSTRAINT config_audit_log_service_sequence_key UNIQUE (service_name, sequence)
);

CREATE INDEX config_audit_log_service_time_idx ON config_audit_log (service_name, changed_at);

CREATE FUNCTION config_audit_digest(a config_audit_log) RETURNS bytea LANGUAGE sql STABLE AS
$$
    SELECT sha256(a.previous_hash || convert_to(jsonb_build_array(
        a.sequence, a.id, a.service_name, a.config, a.version, a.action, a.changed_by, extract(epoch FROM a.changed_at), a.reason,
        a.description, a.tags, a.rolled_back_to
    )::text, 'UTF8'))
$$;

CREATE FUNCTION service_configs_before_insert() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    NEW.version := coalesce((SELECT max(a.version) FROM config_audit_log a WHERE a.service_name = NEW.service_name), 0) + 1;
    NEW.created_at := clock_timestamp();
    NEW.updated_at := NEW.created_at;
    NEW.created_by := change_actor();
    NEW.updated_by := NEW.created_by;
    RETURN NEW;
END
$$;

CREATE FUNCTION service_configs_before_update() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    IF NEW.service_name <> OLD.service_name THEN
        RAISE EXCEPTION 'service_name never changes: its history is bound to it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'service_configs_identity_check';
    END IF;
    IF (NEW.config_json, NEW.description, NEW.tags, NEW.active) IS NOT DISTINCT FROM
       (OLD.config_json, OLD.description, OLD.tags, OLD.active) AND rolled_back_to() IS NULL THEN
        RETURN OLD;
    END IF;
    NEW.version := OLD.version + 1;
    NEW.created_at := OLD.created_at;
    NEW.created_by := OLD.created_by;
    NEW.updated_at := clock_timestamp();
    NEW.updated_by := change_actor();
    RETURN NEW;
END
$$;

-- Runs with the owner's rights, so that the application's role can read history but never write it.
CREATE FUNCTION service_configs_record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    subject service_configs;
    entry   config_audit_log;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.version = OLD.version THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN subject := OLD; ELSE subject := NEW; END IF;

    entry.id := nextval('config_audit_log_id_seq');
    entry.service_name := subject.service_name;
    entry.config := subject.config_json;
    entry.version := subject.version + CASE TG_OP WHEN 'DELETE' THEN 1 ELSE 0 END;
    entry.action := CASE
        WHEN rolled_back_to() IS NOT NULL THEN 'rollback'
        WHEN TG_OP = 'DELETE' THEN 'deleted'
        WHEN TG_OP = 'INSERT' THEN 'created'
        WHEN OLD.active AND NOT NEW.active THEN 'deleted'
        WHEN NEW.active AND NOT OLD.active THEN 'created'
        ELSE 'updated' END;
    entry.changed_by := change_actor();
    entry.changed_at := CASE TG_OP WHEN 'DELETE' THEN clock_timestamp() ELSE subject.updated_at END;
    entry.reason := change_reason();
    entry.description := subject.description;
    entry.tags := subject.tags;
    entry.rolled_back_to := rolled_back_to();
    SELECT n.next_sequence, n.last_hash INTO entry.sequence, entry.previous_hash FROM audit_chain_next('service', subject.service_name) n;
    entry.hash := config_audit_digest(entry);
    INSERT INTO config_audit_log SELECT entry.*;
    UPDATE audit_chains SET hash = entry.hash WHERE scope = 'service' AND name = subject.service_name;
    RETURN NULL;
END
$$;

CREATE TRIGGER service_configs_before_insert BEFORE INSERT ON service_configs
    FOR EACH ROW EXECUTE FUNCTION service_configs_before_insert();
CREATE TRIGGER service_configs_before_update BEFORE UPDATE ON service_configs
    FOR EACH ROW EXECUTE FUNCTION service_configs_before_update();
CREATE TRIGGER service_configs_record AFTER INSERT OR UPDATE OR DELETE ON service_configs
    FOR EACH ROW EXECUTE FUNCTION service_configs_record();
CREATE TRIGGER service_configs_truncate BEFORE TRUNCATE ON service_configs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER config_audit_log_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON config_audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
