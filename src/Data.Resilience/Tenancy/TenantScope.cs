namespace Data.Resilience.Tenancy;

/// <summary>The tenant on whose behalf the current flow of calls runs.</summary>
/// <remarks>
/// Flows with async calls and into tasks started inside, and never out to the caller. Sessions read it when they start; without one they
/// see no tenant's rows. Safe for concurrent use: every flow has its own.
/// </remarks>
/// <example>
/// <code>
/// using Data.Resilience.Sessions;
/// using Microsoft.EntityFrameworkCore;
///
/// class Reports(IDbSessionFactory&lt;ShopContext&gt; sessions)
/// {
///     public async Task&lt;int&gt; CountAsync(string tenantId, CancellationToken cancellationToken)
///     {
///         using (TenantScope.Begin(tenantId))
///         {
///             return await sessions.ReadAsync(
///                 (session, token) => session.Context.Set&lt;Order&gt;().CountAsync(token),
///                 cancellationToken: cancellationToken);
///         }
///     }
/// }
///
/// class Order
/// {
///     public long Id { get; set; }
/// }
///
/// class ShopContext(DbContextOptions&lt;ShopContext&gt; options) : DbContext(options);
/// </code>
/// </example>
public static class TenantScope
{
    /// <summary>Longest tenant id in characters.</summary>
    public const int MaxLength = 256;

    private static readonly AsyncLocal<string?> Ambient = new();

    /// <summary>Current tenant; null outside of every scope.</summary>
    public static string? Current => Ambient.Value;

    /// <summary>Makes a tenant the current one until the result is disposed.</summary>
    /// <param name="tenantId">The tenant, in the form the tenant columns are compared with; 1 to 256 characters without control
    /// characters.</param>
    /// <returns>Ends the scope; the one around it, if any, is current again.</returns>
    /// <exception cref="ArgumentException"><paramref name="tenantId"/> is empty, too long or holds control characters.</exception>
    public static IDisposable Begin(string tenantId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tenantId);
        if (tenantId.Length > MaxLength || tenantId.Any(char.IsControl))
            throw new ArgumentException("A tenant id has 1 to 256 characters and no control characters.", nameof(tenantId));
        var scope = new Scope(Ambient.Value);
        Ambient.Value = tenantId;
        return scope;
    }

    /// <summary>Leaves every tenant until the result is disposed: sessions inside see no tenant's rows.</summary>
    /// <returns>Ends the scope; the one around it, if any, is current again.</returns>
    public static IDisposable Suppress()
    {
        var scope = new Scope(Ambient.Value);
        Ambient.Value = null;
        return scope;
    }

    private sealed class Scope(string? outer) : IDisposable
    {
        public void Dispose() => Ambient.Value = outer;
    }
}
