namespace Data.Cache;

/// <summary>The tenant that the running code works for; flows with <c>async</c> calls into everything they start.</summary>
/// <example>
/// <code>
/// using (CacheTenant.Enter(tenantId))
///     await next(context);          // caches from ForAmbientTenant() serve this tenant in here
/// </code>
/// </example>
public static class CacheTenant
{
    private static readonly AsyncLocal<string?> Ambient = new();

    /// <summary>The tenant, or null outside of any.</summary>
    public static string? Current => Ambient.Value;

    /// <summary>Lets what follows run for a tenant, until the result is disposed; the tenant before it then returns.</summary>
    /// <param name="tenantId">The tenant; 1 to 255 characters, any of them.</param>
    /// <returns>Ends the tenant's turn.</returns>
    /// <exception cref="ArgumentException">The identifier is empty.</exception>
    public static IDisposable Enter(string tenantId)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenantId);
        var turn = new Turn(Ambient.Value);
        Ambient.Value = tenantId;
        return turn;
    }

    private sealed class Turn(string? before) : IDisposable
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
