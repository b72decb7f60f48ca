using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Data.Resilience.Internal;
using Data.Resilience.Replicas;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Resilience.Tests.Internal;

public sealed class ResilienceTelemetryTests
{
    [Fact]
    public async Task Meter_EveryInstrument_HasThePackagesPrefix()
    {
        var names = new ConcurrentDictionary<string, bool>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == ResilienceTelemetry.Name)
                    names[instrument.Name] = true;
            },
        };
        listener.Start();
        await using var bank = await BankDatabase.CreateAsync(build: builder =>
        {
            builder.AddPool();
            builder.AddQueryDiagnostics(options => options.NPlusOneLimit = 1);
            builder.AddReplicas(options => options.ConnectionStrings.Add("Host=127.0.0.1;Port=1;Database=none"));
        });
        bank.Services.GetRequiredService<IReplicaMonitor<Bank>>();

        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                for (var id = 0; id < 4; id++)
                    await session.Context.Accounts.AnyAsync(account => account.Id == id, token);
                return 0;
            },
            cancellationToken: TestContext.Current.CancellationToken);

        names.Keys.Where(name => !name.StartsWith("data.resilience.", StringComparison.Ordinal)).ShouldBeEmpty();
        string[] areas = ["session", "commit", "circuit", "retry", "pool", "query", "replica"];
        areas.ShouldBeSubsetOf(names.Keys.Select(name => name.Split('.')[2]));
        names.Keys.ShouldContain("data.resilience.query.n_plus_one");
    }
}
