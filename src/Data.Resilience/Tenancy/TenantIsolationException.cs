namespace Data.Resilience.Tenancy;

/// <summary>Thrown at start when the database role in use could read across tenants.</summary>
public sealed class TenantIsolationException : DataResilienceException
{
    internal TenantIsolationException(string message)
        : base(message)
    {
    }
}
