using System.Collections.Concurrent;
using Data.Resilience.Interceptors;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Data.Resilience.Tests.Interceptors;

/// <summary>Sessions with query diagnostics as a test wants them, and what they logged.</summary>
internal sealed class DiagnosticsHost : ILoggerProvider, ILogger, IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private DiagnosticsHost(string connectionString, Action<QueryDiagnosticsOptions> configure)
    {
        var services = new ServiceCollection();
        services.AddLogging(l => l.AddProvider(this).AddFilter((category, _) => category!.StartsWith("Data.", StringComparison.Ordinal)));
        services.AddDataResilience<ShopContext>(o => o.ConnectionString = connectionString).AddQueryDiagnostics(configure);
        _services = services.BuildServiceProvider();
    }

    public ConcurrentQueue<(int Id, string Text)> Entries { get; } = [];

    public IDbSessionFactory<ShopContext> Sessions => _services.GetRequiredService<IDbSessionFactory<ShopContext>>();

    public IQueryMonitor Monitor => _services.GetRequiredService<IQueryMonitor>();

    public static async Task<DiagnosticsHost> StartAsync(Action<QueryDiagnosticsOptions> configure)
    {
        var host = new DiagnosticsHost(await TestDatabase.CreateAsync(), configure);
        await using var context = await host._services.GetRequiredService<IDbContextFactory<ShopContext>>().CreateDbContextAsync();
        await context.Database.EnsureCreatedAsync();
        host.Monitor.Reset();
        host.Entries.Clear();
        return host;
    }

    public IEnumerable<string> Logged(int id) => Entries.Where(e => e.Id == id).Select(e => e.Text);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        Entries.Enqueue((eventId.Id, formatter(state, exception)));

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
