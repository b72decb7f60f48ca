namespace Data.Resilience.Tenancy;

/// <summary>Thrown at start when the database role in use could read across tenants.</summary>
public sealed class TenantIsolationException : InvalidOperationException
{
    internal TenantIsolationException(string message)
        : base(message)
    {
    }
}
