namespace Data.Resilience.Tenancy;

/// <summary>Settings of tenant isolation.</summary>
public sealed class TenancyOptions
{
    /// <summary>
    /// Whether the host refuses to start when the application's role could escape row-level security: a superuser, a role with BYPASSRLS,
    /// or an owner of a protected table. Default: true.
    /// </summary>
    public bool CheckRoleAtStart { get; set; } = true;
}
