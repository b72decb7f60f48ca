using ConfigurationService.Persistence;

namespace ConfigurationService.Providers;

/// <summary>The hash chain of each tenant.</summary>
internal static class ProviderChain
{
    public static readonly ChainCheck Check = new("tenant", "config_versions", "tenant_id", "config_version_digest",
        """
        SELECT count(*) FROM provider_configs p WHERE p.tenant_id = $1 AND NOT EXISTS (
            SELECT FROM config_versions v
            WHERE v.config_id = p.id AND v.version = p.version AND v.change_type <> 'deleted'
              AND (v.tenant_id, v.provider_type, v.provider_name, v.api_key, v.api_secret, v.priority, v.enabled, v.config_data)
                  IS NOT DISTINCT FROM
                  (p.tenant_id, p.provider_type, p.provider_name, p.api_key, p.api_secret, p.priority, p.enabled, p.config_data))
        """);
}
