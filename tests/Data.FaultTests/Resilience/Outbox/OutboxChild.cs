using System.Globalization;
using System.Text;
using Data.Resilience;
using Data.Resilience.Outbox;
using Data.Resilience.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Data.FaultTests.Resilience.Outbox;

/// <summary>What runs in the processes that a test kills: writers of messages, and dispatchers.</summary>
internal static class OutboxChild
{
    public const string Argument = "outbox-child", Write = "write", Dispatch = "dispatch", Ready = "ready";

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [var role, var connectionString])
            return 2;

        var services = new ServiceCollection();
        var builder = services.AddDataResilience<EffectsContext>(options => options.ConnectionString = connectionString)
            .AddInbox(options => options.CleanUpInterval = null);
        if (role == Write)
            builder.AddOutbox();
        else
            builder.AddOutbox<UnreliableBroker>(Configure);

        await using var provider = services.BuildServiceProvider();
        foreach (var service in provider.GetServices<IHostedService>())
            await service.StartAsync(CancellationToken.None);

        if (role == Write)
            await WriteAsync(provider.GetRequiredService<IDbSessionFactory<EffectsContext>>());

        Console.WriteLine(Ready);
        await Console.In.ReadLineAsync();
        return 0;

        static void Configure(OutboxOptions options)
        {
            options.BaseDelay = TimeSpan.FromMilliseconds(10);
            options.MaxDelay = TimeSpan.FromMilliseconds(100);
            options.BatchSize = 10;
        }
    }

    /// <summary>Several writers, each of which raises a counter and tells of it, until killed.</summary>
    private static Task WriteAsync(IDbSessionFactory<EffectsContext> sessions) =>
        Task.WhenAll(Enumerable.Range(0, 3).Select(async writer =>
        {
            var random = new Random();
            while (true)
            {
                var key = random.Next(EffectsContext.Keys);
                await sessions.WriteAsync(
                    async (session, token) =>
                    {
                        await using var command = new NpgsqlCommand(
                            "UPDATE counters SET n = n + 1 WHERE key = $1 RETURNING n", session.Connection);
                        command.Parameters.Add(new() { Value = key });
                        var n = (long)(await command.ExecuteScalarAsync(token))!;
                        session.Outbox.Add(
                            "counted",
                            key.ToString(CultureInfo.InvariantCulture),
                            Encoding.UTF8.GetBytes(n.ToString(CultureInfo.InvariantCulture)));
                    });
                if (writer == 0)
                    Console.WriteLine(Ready);
                await Task.Delay(random.Next(20));
            }
        }));
}
