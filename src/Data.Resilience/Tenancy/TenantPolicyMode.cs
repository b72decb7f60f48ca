namespace Data.Resilience.Tenancy;

/// <summary>What happens at start when a table with a tenant column is not protected.</summary>
public enum TenantPolicyMode
{
    /// <summary>Nothing: tables are not looked at.</summary>
    Off,

    /// <summary>A warning lists the tables.</summary>
    Warn,

    /// <summary>The host does not start.</summary>
    Fail,
}
