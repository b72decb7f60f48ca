using Data.Resilience.Interceptors;
using Data.Resilience.Repositories;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Resilience.Tests.Repositories;

/// <summary>A database with the shop's tables, and sessions over it.</summary>
public sealed class ShopFixture : IAsyncLifetime
{
    private ServiceProvider? _services;

    public IDbSessionFactory<ShopContext> Sessions => _services!.GetRequiredService<IDbSessionFactory<ShopContext>>();

    public IQueryMonitor Monitor => _services!.GetRequiredService<IQueryMonitor>();

    public FixedTime Time { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        var connectionString = await TestDatabase.CreateAsync();
        services.AddDataResilience<ShopContext>(o => o.ConnectionString = connectionString).AddQueryDiagnostics();
        _services = services.BuildServiceProvider();
        await using var context = await _services.GetRequiredService<IDbContextFactory<ShopContext>>().CreateDbContextAsync();
        await context.Database.EnsureCreatedAsync();
    }

    public async ValueTask DisposeAsync() => await _services!.DisposeAsync();

    /// <summary>Runs a write session over a repository.</summary>
    public async Task<TResult> WriteAsync<T, TKey, TResult>(Func<IRepository<T, TKey>, CancellationToken, Task<TResult>> work)
        where T : class
        where TKey : notnull =>
        await Sessions.WriteAsync((s, ct) => work(s.Repository<T, TKey>(), ct), cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Runs a read session over a repository.</summary>
    public async Task<TResult> ReadAsync<T, TKey, TResult>(Func<IReadRepository<T, TKey>, CancellationToken, Task<TResult>> work)
        where T : class
        where TKey : notnull =>
        await Sessions.ReadAsync(
            (s, ct) => work(s.ReadRepository<T, TKey>(), ct),
            cancellationToken: TestContext.Current.CancellationToken);

    public sealed class FixedTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
