using Data.Resilience.Interceptors;
using Data.Resilience.Repositories;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Repositories;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Tests.Interceptors;

public sealed class SlowQueryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Report_SlowCommands_OneEntryPerFingerprintWithoutParameters()
    {
        await using var host = await DiagnosticsHost.StartAsync(o => o.SlowQueryThreshold = TimeSpan.FromMilliseconds(50));

        for (var i = 0; i < 3; i++)
            await Sleep(host, 0.08, "secret" + i);
        await Sleep(host, 0, "fast");

        var entry = host.Logged(1300).ShouldHaveSingleItem();
        entry.ShouldContain("pg_sleep(?)");
        entry.ShouldNotContain("secret");
        entry.ShouldContain("not logged");
    }

    [Fact]
    public async Task Report_ParametersAllowed_ShowsThem()
    {
        await using var host = await DiagnosticsHost.StartAsync(o =>
        {
            o.SlowQueryThreshold = TimeSpan.FromMilliseconds(20);
            o.LogParameters = true;
        });

        await Sleep(host, 0.04, "visible");

        host.Logged(1300).ShouldHaveSingleItem().ShouldContain("visible");
    }

    [Fact]
    public async Task Report_TagThreshold_WinsForTaggedCommands()
    {
        await using var host = await DiagnosticsHost.StartAsync(o =>
        {
            o.SlowQueryThreshold = TimeSpan.FromHours(1);
            o.TagThresholds["checkout"] = TimeSpan.FromTicks(1);
        });

        await host.Sessions.ReadAsync((s, ct) => s.Context.Set<Product>().CountAsync(ct), cancellationToken: Token);
        await host.Sessions.ReadAsync((s, ct) => s.Context.Set<Product>().TagWith("checkout").CountAsync(ct), cancellationToken: Token);

        host.Logged(1300).ShouldHaveSingleItem().ShouldContain("tags checkout");
    }

    [Fact]
    public async Task Report_CommandThatTimedOut_IsSlowAndFailed()
    {
        await using var host = await DiagnosticsHost.StartAsync(o => o.SlowQueryThreshold = TimeSpan.FromMilliseconds(100));

        await Should.ThrowAsync<Exception>(async () => await host.Sessions.ReadAsync(
            async (s, ct) =>
            {
                await s.Context.Database.ExecuteSqlRawAsync("SET statement_timeout = '150ms'", ct);
                return await s.Context.Database.SqlQueryRaw<int>("SELECT 1 AS \"Value\" FROM pg_sleep(5)").ToListAsync(ct);
            },
            cancellationToken: Token));

        host.Logged(1300).ShouldContain(e => e.Contains("failed") && e.Contains("pg_sleep"));
        host.Monitor.Top(1).ShouldHaveSingleItem().FailureCount.ShouldBe(1);
    }

    [Theory]
    [InlineData(PlanCaptureMode.Explain, "cost=", "actual time")]
    [InlineData(PlanCaptureMode.AnalyzeReads, "actual time", "secret")]
    public async Task PlanCapture_SlowRead_PlanIsLoggedAndKeptWithoutValues(PlanCaptureMode mode, string with, string without)
    {
        await using var host = await DiagnosticsHost.StartAsync(o =>
        {
            o.SlowQueryThreshold = TimeSpan.FromTicks(1);
            o.SlowQueryLogInterval = TimeSpan.Zero;
            o.PlanCapture = mode;
        });

        // One capture at a time: while the plan of another statement is asked for, this one waits for its next slow run.
        var plan = await WaitFor(async () =>
        {
            await host.Sessions.ReadAsync(
                (s, ct) => s.Context.Set<Product>().Where(p => p.Code == "secret" || p.Rank == 4711).ToListAsync(ct),
                cancellationToken: Token);
            return host.Monitor.Top(10).Select(statement => statement.Plan)
                .FirstOrDefault(text => text?.Contains("products", StringComparison.Ordinal) == true);
        });
        plan.ShouldContain("Seq Scan on products");
        plan.ShouldContain(with);
        plan.ShouldNotContain(without);
        plan.ShouldNotContain("4711");
    }

    [Fact]
    public async Task PlanCapture_AnalyzeReads_NeverRunsAWrite()
    {
        await using var host = await DiagnosticsHost.StartAsync(o =>
        {
            o.SlowQueryThreshold = TimeSpan.FromTicks(1);
            o.SlowQueryLogInterval = TimeSpan.Zero;
            o.PlanCapture = PlanCaptureMode.AnalyzeReads;
        });
        var rows = 0;
        while (!host.Logged(1302).Any(plan => plan.Contains("Insert on slots")))
        {
            rows++.ShouldBeLessThan(100, string.Join("\n", host.Entries.TakeLast(6)));
            await host.Sessions.WriteAsync(
                (s, ct) => s.Context.Database
                    .ExecuteSqlAsync($"INSERT INTO slots (\"Room\", \"Day\") VALUES ({rows}, 'mon')", ct), cancellationToken: Token);
            await Task.Delay(50, Token);
        }

        (await host.Sessions.ReadAsync((s, ct) => s.Context.Set<Slot>().CountAsync(ct), cancellationToken: Token)).ShouldBe(rows);
        host.Logged(1302).First(plan => plan.Contains("Insert on slots")).ShouldNotContain("actual");
    }

    [Fact]
    public async Task Top_SeveralStatements_OrdersByTotalTimeAndCountsRows()
    {
        await using var host = await DiagnosticsHost.StartAsync(_ => { });
        await host.Sessions.WriteAsync(
            async (s, ct) =>
            {
                s.Context.AddRange(Enumerable.Range(0, 5).Select(i => new Slot { Room = i, Day = "x" }));
                await s.Context.SaveChangesAsync(ct);
            },
            cancellationToken: Token);
        for (var i = 0; i < 4; i++)
            await host.Sessions.ReadAsync((s, ct) => s.Context.Set<Slot>().ToListAsync(ct), cancellationToken: Token);
        await Sleep(host, 0.3, "x");

        var top = host.Monitor.Top(10);

        top[0].Fingerprint.Text.ShouldContain("pg_sleep");
        top[0].Max.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(250));
        top[0].P95.ShouldBeInRange(TimeSpan.FromMilliseconds(250), top[0].Max);
        var list = top.Single(
            r => r.Fingerprint.Text.StartsWith("SELECT", StringComparison.Ordinal) && r.Fingerprint.Text.Contains("FROM slots"));
        (list.Count, list.RowCount).ShouldBe((4, 20));
        (list.Mean * 4).ShouldBe(list.Total, TimeSpan.FromTicks(4));
        top.Single(r => r.Fingerprint.Text.StartsWith("INSERT", StringComparison.Ordinal)).RowCount.ShouldBe(5);
    }

    [Fact]
    public async Task GetQueryStatistics_WithinASession_CountsItsCommandsOnly()
    {
        await using var host = await DiagnosticsHost.StartAsync(_ => { });
        for (var round = 0; round < 3; round++)
        {
            var figures = await host.Sessions.ReadAsync(
                async (s, ct) =>
                {
                    await s.Context.Set<Slot>().CountAsync(ct);
                    await s.Context.Set<Product>().ToListAsync(ct);
                    return s.Context.Database.GetQueryStatistics();
                },
                cancellationToken: Token);
            figures.QueryCount.ShouldBe(2);
            figures.DatabaseTime.ShouldBeGreaterThan(TimeSpan.Zero);
        }
    }

    [Fact]
    public async Task GetQueryStatistics_BlockingReads_CountTheirWait()
    {
        await using var host = await DiagnosticsHost.StartAsync(_ => { });

        var figures = await host.Sessions.ReadAsync(
            (s, _) =>
            {
                // The first row comes at once, as the second fills the server's buffer; the third is waited for by the reader.
                s.Context.Database.SqlQueryRaw<string>(
                    "SELECT repeat('x', 9000) || coalesce(pg_sleep(n / 2 * 0.3)::text, '') AS \"Value\" FROM generate_series(0, 2) "
                    + "n").ToList().Count.ShouldBe(3);
                return Task.FromResult(s.Context.Database.GetQueryStatistics());
            },
            cancellationToken: Token);

        figures.DatabaseTime.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(280));
    }

    [Fact]
    public async Task Report_SlowBulkInsertAndUpsert_AreLogged()
    {
        await using var host = await DiagnosticsHost.StartAsync(o => o.SlowQueryThreshold = TimeSpan.FromTicks(1));
        await host.Sessions.WriteAsync(
            (s, ct) => s.Repository<Product, long>()
                .BulkInsertAsync([new Product { Code = "secret 1" }], cancellationToken: ct), cancellationToken: Token);
        await host.Sessions.WriteAsync(
            (s, ct) => s.Repository<Product, long>()
                .UpsertAsync([new Product { Code = "secret" }], p => p.Code, cancellationToken: ct), cancellationToken: Token);

        host.Logged(1300).ShouldContain(entry => entry.Contains("COPY"));
        host.Logged(1300).ShouldContain(entry => entry.Contains("ON CONFLICT"));
        host.Logged(1300).ShouldAllBe(entry => !entry.Contains("secret"));
    }

    private static async Task Sleep(DiagnosticsHost host, double seconds, string value) =>
        await host.Sessions.ReadAsync(
            (s, ct) => s.Context.Database.SqlQuery<string>($"SELECT {value}::text AS \"Value\" FROM pg_sleep({seconds})")
                .ToListAsync(ct), cancellationToken: Token);

    private static async Task<string> WaitFor(Func<Task<string?>> value)
    {
        for (var i = 0; i < 200; i++)
        {
            if (await value() is { } found)
                return found;
            await Task.Delay(50, Token);
        }

        throw new TimeoutException();
    }
}
