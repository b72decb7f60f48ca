-- Row security binds an owner that is no superuser, and these functions run as the owner: they set the tenant of the row that they work
-- for, whoever changes it, and give the caller's back. (SET on the function would do that, but takes a superuser to define.)
CREATE OR REPLACE FUNCTION provider_configs_before_insert() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    tenant_before text := coalesce(current_setting('app.tenant_id', true), '');
    last          record;
BEGIN
    PERFORM set_config('app.tenant_id', NEW.tenant_id, true);
    SELECT v.config_id, v.version INTO last FROM config_versions v
    WHERE v.tenant_id = NEW.tenant_id AND v.provider_type = NEW.provider_type AND v.provider_name = NEW.provider_name
    ORDER BY v.version DESC LIMIT 1;
    PERFORM set_config('app.tenant_id', tenant_before, true);
    NEW.id := coalesce(last.config_id, NEW.id);
    NEW.version := coalesce(last.version, 0) + 1;
    NEW.created_at := clock_timestamp();
    NEW.updated_at := NEW.created_at;
    NEW.created_by := change_actor();
    NEW.updated_by := NEW.created_by;
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION provider_configs_record() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    tenant_before text := coalesce(current_setting('app.tenant_id', true), '');
    subject       provider_configs;
    entry         config_versions;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.version = OLD.version THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN subject := OLD; ELSE subject := NEW; END IF;
    PERFORM set_config('app.tenant_id', subject.tenant_id, true);

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
    PERFORM set_config('app.tenant_id', tenant_before, true);
    RETURN NULL;
END
$$;
