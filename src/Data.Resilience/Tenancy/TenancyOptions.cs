namespace Data.Resilience.Tenancy;

/// <summary>Settings of tenant isolation.</summary>
public sealed class TenancyOptions
{
    /// <summary>
    /// Whether the host refuses to start when row-level security does not bind the application's role: a superuser, a role with BYPASSRLS,
    /// or an owner of a protected table. Default: true.
    /// </summary>
    public bool CheckRoleAtStart { get; set; } = true;

    /// <summary>
    /// What happens when the host starts and a table of the model with a tenant column has no policy, or row-level security is not enabled
    /// and forced on it. Default: <see cref="TenantPolicyMode.Warn"/>.
    /// </summary>
    /// <remarks>
    /// One round trip to the context's database and one to each shard. Tables that do not exist yet are skipped: call <c>AddTenancy</c>
    /// after <c>AddMigrations</c>.
    /// </remarks>
    public TenantPolicyMode PolicyCheckAtStart { get; set; } = TenantPolicyMode.Warn;

    /// <summary>
    /// Name of the column by which that check finds the tables of tenants. Default: <c>tenant_id</c>. Range: 1–63 characters.
    /// </summary>
    public string TenantColumn { get; set; } = "tenant_id";
}
