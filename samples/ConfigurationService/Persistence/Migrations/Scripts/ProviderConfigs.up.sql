CREATE TABLE provider_configs (
    id            uuid         NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    tenant_id     varchar(255) NOT NULL CHECK (tenant_id <> ''),
    provider_type varchar(50)  NOT NULL,
    provider_name varchar(100) NOT NULL CHECK (provider_name <> ''),
    api_key       text,
    api_secret    text,
    priority      varchar(20)  NOT NULL DEFAULT 'primary',
    enabled       boolean      NOT NULL DEFAULT true,
    config_data   jsonb        NOT NULL DEFAULT '{}',
    created_at    timestamptz  NOT NULL DEFAULT now(),
    updated_at    timestamptz  NOT NULL DEFAULT now(),
    created_by    varchar(255) NOT NULL DEFAULT change_actor(),
    updated_by    varchar(255) NOT NULL DEFAULT change_actor(),
    version       integer      NOT NULL DEFAULT 1 CHECK (version > 0),
    CONSTRAINT provider_configs_tenant_type_name_key UNIQUE (tenant_id, provider_type, provider_name),
    CONSTRAINT provider_configs_provider_type_check
        CHECK (provider_type IN ('map', 'weather', 'satellite', 'payment', 'sms', 'notification')),
    CONSTRAINT provider_configs_priority_check CHECK (priority IN ('primary', 'secondary', 'tertiary')),
    CONSTRAINT provider_configs_config_data_check CHECK (jsonb_typeof(config_data) = 'object')
);

CREATE INDEX provider_configs_tenant_idx          ON provider_configs (tenant_id);
CREATE INDEX provider_configs_type_idx            ON provider_configs (provider_type);
CREATE INDEX provider_configs_tenant_type_idx     ON provider_configs (tenant_id, provider_type);
CREATE INDEX provider_configs_tenant_name_idx     ON provider_configs (tenant_id, provider_name);
CREATE INDEX provider_configs_tenant_enabled_idx  ON provider_configs (tenant_id, provider_type, enabled);
CREATE INDEX provider_configs_tenant_priority_idx ON provider_configs (tenant_id, provider_type, priority);

-- A full snapshot of a configuration after each change (before it, for a deletion), linked into one hash chain per tenant.
CREATE TABLE config_versions (
    id             uuid         NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    config_id      uuid         NOT NULL,
    tenant_id      varchar(255) NOT NULL,
    provider_type  varchar(50)  NOT NULL,
    provider_name  varchar(100) NOT NULL,
    api_key        text,
    api_secret     text,
    priority       varchar(20)  NOT NULL,
    enabled        boolean      NOT NULL,
    config_data    jsonb        NOT NULL,
    version        integer      NOT NULL,
    change_type    varchar(20)  NOT NULL,
    changed_at     timestamptz  NOT NULL,
    changed_by     varchar(255) NOT NULL,
    change_reason  text,
    rolled_back_to integer,
    sequence       bigint       NOT NULL,
    previous_hash  bytea        NOT NULL,
    hash           bytea        NOT NULL,
    CONSTRAINT config_versions_change_type_check CHECK (change_type IN ('created', 'updated', 'deleted', 'enabled', 'disabled')),
    CONSTRAINT config_versions_tenant_sequence_key UNIQUE (tenant_id, sequence)
);

CREATE INDEX        config_versions_config_idx         ON config_versions (config_id);
CREATE INDEX        config_versions_tenant_idx         ON config_versions (tenant_id);
CREATE UNIQUE INDEX config_versions_config_version_key ON config_versions (config_id, version);
CREATE INDEX        config_versions_tenant_time_idx    ON config_versions (tenant_id, changed_at);
CREATE INDEX        config_versions_tenant_type_idx    ON config_versions (tenant_id, provider_type, changed_at);
CREATE INDEX        config_versions_provider_idx       ON config_versions (tenant_id, provider_type, provider_name, version);

-- Epochs instead of time stamps' text: the digest must not depend on the time zone of the session that checks it.
CREATE FUNCTION config_version_digest(v config_versions) RETURNS bytea LANGUAGE sql STABLE AS
$$
    SELECT sha256(v.previous_hash || convert_to(jsonb_build_array(
        v.sequence, v.id, v.config_id, v.tenant_id, v.provider_type, v.provider_name, v.api_key, v.api_secret, v.priority, v.enabled,
        v.config_data, v.version, v.change_type, extract(epoch FROM v.changed_at), v.changed_by, v.change_reason, v.rolled_back_to
    )::text, 'UTF8'))
$$;

-- Identity and version of a configuration outlive its deletion: a provider that comes back goes on with the next version.
CREATE FUNCTION provider_configs_before_insert() RETURNS trigger LANGUAGE plpgsql AS
$$
DECLARE
    last record;
BEGIN
    SELECT v.config_id, v.version INTO last FROM config_versions v
    WHERE v.tenant_id = NEW.tenant_id AND v.provider_type = NEW.provider_type AND v.provider_name = NEW.provider_name
    ORDER BY v.version DESC LIMIT 1;
    NEW.id := coalesce(last.config_id, NEW.id);
    NEW.version := coalesce(last.version, 0) + 1;
    NEW.created_at := clock_timestamp();
    NEW.updated_at := NEW.created_at;
    NEW.created_by := change_actor();
    NEW.updated_by := NEW.created_by;
    RETURN NEW;
END
$$;

CREATE FUNCTION provider_configs_before_update() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    IF (NEW.id, NEW.tenant_id, NEW.provider_type, NEW.provider_name) IS DISTINCT FROM
       (OLD.id, OLD.tenant_id, OLD.provider_type, OLD.provider_name) THEN
        RAISE EXCEPTION 'id, tenant_id, provider_type and provider_name never change: its history and its secrets are bound to them'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'provider_configs_identity_check';
    END IF;
    IF (NEW.api_key, NEW.api_secret, NEW.priority, NEW.enabled, NEW.config_data) IS NOT DISTINCT FROM
       (OLD.api_key, OLD.api_secret, OLD.priority, OLD.enabled, OLD.config_data) AND rolled_back_to() IS NULL THEN
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
CREATE FUNCTION provider_configs_record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    subject provider_configs;
    entry   config_versions;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.version = OLD.version THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN subject := OLD; ELSE subject := NEW; END IF;

    entry.id := gen_random_uuid();
    entry.config_id := subject.id;
    entry.tenant_id := subject.tenant_id;
    entry.provider_type := subject.provider_type;
    entry.provider_name := subject.provider_name;
    entry.api_key := subject.api_key;
    entry.api_secret := subject.api_secret;
    entry.priority := subject.priority;
    entry.enabled := subject.enabled;
    entry.config_data := subject.config_data;
    entry.version := subject.version + CASE TG_OP WHEN 'DELETE' THEN 1 ELSE 0 END;
    entry.change_type := CASE
        WHEN TG_OP = 'INSERT' THEN 'created'
        WHEN TG_OP = 'DELETE' THEN 'deleted'
        WHEN NEW.enabled = OLD.enabled
             OR (NEW.api_key, NEW.api_secret, NEW.priority, NEW.config_data) IS DISTINCT FROM
                (OLD.api_key, OLD.api_secret, OLD.priority, OLD.config_data) THEN 'updated'
        WHEN NEW.enabled THEN 'enabled'
        ELSE 'disabled' END;
    entry.changed_at := CASE TG_OP WHEN 'DELETE' THEN clock_timestamp() ELSE subject.updated_at END;
    entry.changed_by := change_actor();
    entry.change_reason := change_reason();
    entry.rolled_back_to := rolled_back_to();
    SELECT n.next_sequence, n.last_hash INTO entry.sequence, entry.previous_hash FROM audit_chain_next('tenant', subject.tenant_id) n;
    entry.hash := config_version_digest(entry);
    INSERT INTO config_versions SELECT entry.*;
    UPDATE audit_chains SET hash = entry.hash WHERE scope = 'tenant' AND name = subject.tenant_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER provider_configs_before_insert BEFORE INSERT ON provider_configs
    FOR EACH ROW EXECUTE FUNCTION provider_configs_before_insert();
CREATE TRIGGER provider_configs_before_update BEFORE UPDATE ON provider_configs
    FOR EACH ROW EXECUTE FUNCTION provider_configs_before_update();
CREATE TRIGGER provider_configs_record AFTER INSERT OR UPDATE OR DELETE ON provider_configs
    FOR EACH ROW EXECUTE FUNCTION provider_configs_record();
CREATE TRIGGER provider_configs_truncate BEFORE TRUNCATE ON provider_configs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER config_versions_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON config_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
