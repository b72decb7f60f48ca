DROP TABLE service_configs;
DROP FUNCTION service_configs_record();
DROP FUNCTION service_configs_before_update();
DROP FUNCTION service_configs_before_insert();
DROP FUNCTION config_audit_digest(config_audit_log);
DROP TABLE config_audit_log;
DELETE FROM audit_chains WHERE scope = 'service';
