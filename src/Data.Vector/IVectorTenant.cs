namespace Data.Vector;

/// <summary>Tells a <see cref="PgVectorStore"/> the tenant of the current call.</summary>
/// <remarks>
/// Called by every call that reads or writes records, from any thread; implementations usually read an <see cref="AsyncLocal{T}"/> or the
/// current request. Registered in the services, it is used by stores with <see cref="PgVectorStoreOptions.TenantSetting"/>.
/// </remarks>
public interface IVectorTenant
{
    /// <summary>The tenant, 1 to 200 characters; null when there is none, which fails the call.</summary>
    string? Current { get; }
}
