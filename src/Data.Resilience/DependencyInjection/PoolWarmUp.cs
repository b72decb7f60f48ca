using Data.Resilience.Connections;
using Data.Resilience.Pooling;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.DependencyInjection;

/// <summary>
/// Opens connections before the first request needs them. A database that is not reachable yet does not prevent the host from starting.
/// </summary>
internal sealed partial class PoolWarmUp(DatabaseNode node, PoolOptions options, ILogger<PoolWarmUp> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            // All at once, as one after the other would be the same connection each time.
            var connections = await Task.WhenAll(Enumerable.Range(0, options.WarmUpCount)
                .Select(_ => node.DataSource.OpenConnectionAsync(cancellationToken).AsTask())).ConfigureAwait(false);
            foreach (var connection in connections)
                await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
        {
            LogNotWarm(logger, node.Name, e.GetType().Name);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(
        1503,
        LogLevel.Warning,
        "Pool {Pool} could not be warmed up ({Reason}); connections will be opened when they are needed")]
    private static partial void LogNotWarm(ILogger logger, string pool, string reason);
}
