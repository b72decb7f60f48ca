-- One notice per statement, however many rows it changed. Arguments: the expression of the scope, the expression of the version.
CREATE FUNCTION notify_change() RETURNS trigger LANGUAGE plpgsql AS
$$
DECLARE
    scopes  bigint;
    scope   text;
    version integer;
BEGIN
    EXECUTE format('SELECT count(DISTINCT %1$s), min(%1$s), max(%2$s) FROM changed', TG_ARGV[0], TG_ARGV[1]) INTO scopes, scope, version;
    IF scopes > 0 THEN
        PERFORM pg_notify('configuration_changes', jsonb_build_object(
            'table', TG_TABLE_NAME, 'scope', CASE WHEN scopes = 1 THEN scope END, 'version', version)::text);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER provider_configs_inserted AFTER INSERT ON provider_configs REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('tenant_id', 'version');
CREATE TRIGGER provider_configs_updated AFTER UPDATE ON provider_configs REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('tenant_id', 'version');
CREATE TRIGGER provider_configs_deleted AFTER DELETE ON provider_configs REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('tenant_id', 'version + 1');

CREATE TRIGGER service_configs_inserted AFTER INSERT ON service_configs REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('service_name', 'version');
CREATE TRIGGER service_configs_updated AFTER UPDATE ON service_configs REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('service_name', 'version');
CREATE TRIGGER service_configs_deleted AFTER DELETE ON service_configs REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('service_name', 'version + 1');

CREATE TRIGGER api_keys_inserted AFTER INSERT ON api_keys REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('encode(key_hash, ''hex'')', 'NULL::integer');
CREATE TRIGGER api_keys_updated AFTER UPDATE ON api_keys REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('encode(key_hash, ''hex'')', 'NULL::integer');
CREATE TRIGGER api_keys_deleted AFTER DELETE ON api_keys REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION notify_change('encode(key_hash, ''hex'')', 'NULL::integer');
