using Data.Resilience.Sessions;

namespace Data.Resilience.Tenancy;

/// <summary>Tells PostgreSQL the tenant, for the transaction only, in the session's first batch.</summary>
/// <remarks>
/// Sent without a tenant too, as the empty string: on a server connection shared through PgBouncer, something else may have left a
/// session-wide value behind, and no tenant must mean no rows. The policies take empty for none.
/// </remarks>
internal sealed class TenantSetting : ISessionSettings
{
    public const string Name = "app.tenant_id";

    public void Collect(DbSessionKind kind, DbSessionOptions options, SessionSettingCollection settings) =>
        settings.Add(Name, TenantScope.Current ?? "");
}
