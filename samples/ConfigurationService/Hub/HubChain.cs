using ConfigurationService.Persistence;

namespace ConfigurationService.Hub;

/// <summary>The hash chain of each service.</summary>
internal static class HubChain
{
    public static readonly ChainCheck Check = new("service", "config_audit_log", "service_name", "config_audit_digest",
        """
        SELECT count(*) FROM service_configs s WHERE s.service_name = $1 AND NOT EXISTS (
            SELECT FROM config_audit_log a WHERE a.service_name = s.service_name AND a.version = s.version
              AND (a.config, a.description, a.tags, a.action = 'deleted') IS NOT DISTINCT FROM
                  (s.config_json, s.description, s.tags, NOT s.active))
        """);
}
