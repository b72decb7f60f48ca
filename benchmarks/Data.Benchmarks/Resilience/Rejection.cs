using BenchmarkDotNet.Attributes;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Benchmarks.Resilience;

/// <summary>Sessions that an isolated circuit turns away, through the path that returns an outcome instead of throwing.</summary>
public class Rejection
{
    private const int CallCount = 1000;
    private ServiceProvider _provider = null!;
    private IDbSessionFactory<ItemContext> _sessions = null!;

    /// <summary>Isolates the circuit. There is no server: the point is that nothing is asked for.</summary>
    [GlobalSetup]
    public async Task IsolateAsync()
    {
        var services = new ServiceCollection();
        services.AddDataResilience<ItemContext>(options => options.ConnectionString = "Host=127.0.0.1;Port=1");
        _provider = services.BuildServiceProvider();
        _sessions = _provider.GetRequiredService<IDbSessionFactory<ItemContext>>();
        await _provider.GetRequiredKeyedService<IDatabaseCircuit>(typeof(ItemContext)).IsolateAsync(CancellationToken.None);
    }

    /// <summary>Releases what the set-up made.</summary>
    [GlobalCleanup]
    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    /// <summary>Calls the session factory and looks at the outcome.</summary>
    [Benchmark(OperationsPerInvoke = CallCount)]
    public async Task Call()
    {
        for (var call = 0; call < CallCount; call++)
        {
            var outcome = await _sessions.TryExecuteAsync(DbSessionKind.Read, static (_, _, _) => Task.FromResult(0), state: 0);
            if (!outcome.IsRejected)
                throw new InvalidOperationException("The isolated circuit let a session through.");
        }
    }
}
