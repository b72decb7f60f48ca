using System.Globalization;
using Data.Benchmarks.Runner;
using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Limit = Data.Benchmarks.Runner.Direction;

namespace Data.Benchmarks.Resilience;

/// <summary>
/// A server that is killed and is back 4 s later, under 50 calls a second with default settings: sessions beside EF's
/// EnableRetryOnFailure, in the same outage, each through a proxy of its own that counts the attempts to connect.
/// </summary>
internal sealed class OutageBenchmark : IBenchmark
{
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(8);

    public string Area => "resilience";

    public string Name => "outage";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var server = await PostgresServer.StartAsync();
        var connectionString = await server.CreateDatabaseAsync();
        await using (var connection = new NpgsqlConnection(connectionString + ";Pooling=false"))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(ItemContext.Schema, connection);
            await command.ExecuteNonQueryAsync();
        }

        await using var proxy = await FaultProxy.StartAsync(server);
        await using var baselineProxy = await FaultProxy.StartAsync(server);
        await using var services = Sessions(Through(connectionString, proxy));
        await using var source = NpgsqlDataSource.Create(Through(connectionString, baselineProxy));
        var sessions = services.GetRequiredService<IDbSessionFactory<ItemContext>>();
        var contexts = new PooledDbContextFactory<ItemContext>(
            new DbContextOptionsBuilder<ItemContext>().UseNpgsql(source, npgsql => npgsql.EnableRetryOnFailure()).Options);

        var load = new OutageLoad(call => InSessionAsync(sessions, call), proxy);
        var baseline = new OutageLoad(call => InContextAsync(contexts, call), baselineProxy);
        await RunAsync(server, load, baseline);

        run.Record("Outage of 4 s: calls that fail", "", load.Errors, limit: 0, Limit.Max);
        run.Compare(
            "Outage of 4 s: attempts on the dead server over calls made",
            "",
            1.1,
            Limit.Max,
            [load.Attempts],
            [load.CallsInOutage]);
        run.Compare(
            "Outage of 4 s: affected after its return over EnableRetryOnFailure",
            "s",
            0.5,
            Limit.Max,
            [load.AffectedAfterReturn.TotalSeconds],
            [baseline.AffectedAfterReturn.TotalSeconds]);
        Describe(run, "sessions", load);
        Describe(run, "EnableRetryOnFailure", baseline);
    }

    private static async Task RunAsync(PostgresServer server, OutageLoad load, OutageLoad baseline)
    {
        await load.WarmUpAsync();
        await baseline.WarmUpAsync();
        var loads = Task.WhenAll(load.RunAsync(Before + Outage + After), baseline.RunAsync(Before + Outage + After));
        await Task.Delay(Before);
        await server.KillAsync();
        load.BeginOutage();
        baseline.BeginOutage();
        await Task.Delay(Outage);
        load.EndOutage();
        baseline.EndOutage();
        await server.StartAgainAsync();
        load.Return();
        baseline.Return();
        await loads;
    }

    // The driver connects again without encryption when a connection is cut, which would count as an attempt.
    private static string Through(string connectionString, FaultProxy proxy) =>
        new NpgsqlConnectionStringBuilder(connectionString + ";SSL Mode=Disable;GSS Encryption Mode=Disable") { Port = proxy.Port }
            .ConnectionString;

    private static ServiceProvider Sessions(string connectionString)
    {
        var services = new ServiceCollection();
        services.AddDataResilience<ItemContext>(options => options.ConnectionString = connectionString);
        return services.BuildServiceProvider();
    }

    private static async Task InSessionAsync(IDbSessionFactory<ItemContext> sessions, int call) => await sessions.ExecuteAsync(
        call % 4 == 0 ? DbSessionKind.Write : DbSessionKind.Read,
        static (session, call, token) => UseAsync(session.Context, call, token),
        call);

    private static async Task InContextAsync(PooledDbContextFactory<ItemContext> contexts, int call)
    {
        await using var context = await contexts.CreateDbContextAsync();
        await UseAsync(context, call, CancellationToken.None);
    }

    /// <summary>Three reads for a write.</summary>
    private static Task<int> UseAsync(ItemContext context, int call, CancellationToken token)
    {
        if (call % 4 != 0)
            return context.Items.AsNoTracking().Where(item => item.Id == (call % 1000) + 1).CountAsync(token);

        context.Items.Add(new Item { Name = "new", Price = call });
        return context.SaveChangesAsync(token);
    }

    private static void Describe(BenchmarkRun run, string name, OutageLoad load) =>
        run.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {load.Calls} calls, {load.Errors} errors, {load.Attempts} attempts for {load.CallsInOutage} calls in the outage, "
            + $"slowest {load.Slowest.TotalSeconds:0.0} s, affected until "
            + $"{load.AffectedAfterReturn.TotalSeconds:0.0} s after the return."));
}
