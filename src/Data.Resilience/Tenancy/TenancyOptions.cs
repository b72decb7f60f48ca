namespace Data.Resilience.Tenancy;

/// <summary>Settings of tenant isolation.</summary>
public sealed class TenancyOptions
{
    /// <summary>
    /// Whether the host refuses to start when row-level security does not bind the application's role: a superuser, a role with BYPASSRLS,
    /// or an owner of a protected table. Default: true.
    /// </summary>
    public bool CheckRoleAtStart { get; set; } = true;
}
