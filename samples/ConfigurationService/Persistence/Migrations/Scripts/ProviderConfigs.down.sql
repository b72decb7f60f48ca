DROP TABLE provider_configs;
DROP FUNCTION provider_configs_record();
DROP FUNCTION provider_configs_before_update();
DROP FUNCTION provider_configs_before_insert();
DROP FUNCTION config_version_digest(config_versions);
DROP TABLE config_versions;
DELETE FROM audit_chains WHERE scope = 'tenant';
