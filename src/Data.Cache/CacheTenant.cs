using Data.Cache.Internal;

namespace Data.Cache;

/// <summary>The tenant that the running code works for. It flows with <c>async</c> calls.</summary>
/// <example>
/// <code>
/// app.Use(async (HttpContext context, RequestDelegate next) =>
/// {
///     using (CacheTenant.Enter(context.Request.Headers["X-Tenant"].ToString()))
///         await next(context);      // caches from ForAmbientTenant() serve this tenant here
/// });
/// </code>
/// </example>
public static class CacheTenant
{
    private static readonly AsyncLocal<string?> Ambient = new();

    /// <summary>The tenant, or null outside a tenant.</summary>
    public static string? Current => Ambient.Value;

    /// <summary>Sets the tenant of the following code until the result is disposed, which restores the previous tenant.</summary>
    /// <param name="tenantId">The tenant: 1 to 255 characters, no control characters.</param>
    /// <returns>Restores the previous tenant when it is disposed.</returns>
    /// <exception cref="ArgumentException">The identifier is empty, too long, or contains a control character or a lone
    /// surrogate.</exception>
    public static IDisposable Enter(string tenantId)
    {
        KeyRules.RequireScope(tenantId, nameof(tenantId));
        var scope = new Scope(Ambient.Value);
        Ambient.Value = tenantId;
        return scope;
    }

    private sealed class Scope(string? before) : IDisposable
    {
        private bool _ended;

        public void Dispose()
        {
            if (_ended)
                return;
            _ended = true;
            Ambient.Value = before;
        }
    }
}
