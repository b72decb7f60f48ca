using Data.Resilience.Sessions;
using Data.Resilience.Tests.Repositories;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Tests.Interceptors;

public sealed class NPlusOneCorpusTests(NPlusOneCorpusTests.Fixture fixture) : IClassFixture<NPlusOneCorpusTests.Fixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> TrueCases => [.. NPlusOneCorpus.True.Keys];

    public static TheoryData<string> FalseCases => [.. NPlusOneCorpus.False.Keys];

    [Theory]
    [MemberData(nameof(TrueCases))]
    public async Task Observe_LookUpOneByOne_IsReportedWithItsSite(string name)
    {
        var entries = await RunAsync(NPlusOneCorpus.True[name]);

        entries.ShouldNotBeEmpty();
        entries.ShouldContain(entry => entry.Contains(nameof(NPlusOneCorpus), StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(FalseCases))]
    public async Task Observe_WhatOnlyLooksLikeIt_IsNotReported(string name) =>
        (await RunAsync(NPlusOneCorpus.False[name])).ShouldBeEmpty();

    [Fact]
    public async Task Observe_AttemptsAndSessions_AreJudgedByThemselves()
    {
        fixture.Host.Entries.Clear();
        for (var i = 0; i < 4; i++)
        {
            await fixture.Host.Sessions.WriteAsync(
                async (session, token) =>
                {
                    for (var id = 0L; id < 8; id++)
                        await session.Context.Set<Product>().AnyAsync(p => p.Id == id, token);
                    if (session.Attempt == 1)
                        await session.Context.Database.ExecuteSqlRawAsync("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$", token);
                    return 0;
                },
                cancellationToken: Token);
        }

        fixture.Host.Logged(1301).ShouldBeEmpty();
    }

    private async Task<string[]> RunAsync(NPlusOneCorpus.Case body)
    {
        fixture.Host.Entries.Clear();
        await fixture.Host.Sessions.WriteAsync(
            async (session, token) =>
            {
                await body(session, token);
                return 0;
            },
            cancellationToken: Token);
        return [.. fixture.Host.Logged(1301)];
    }

    public sealed class Fixture : IAsyncLifetime
    {
        internal DiagnosticsHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Host = await DiagnosticsHost.StartAsync(_ => { });
            await Host.Sessions.WriteAsync(async (session, token) =>
            {
                for (var i = 1; i <= 40; i++)
                {
                    var product = new Product { Code = $"code {i}" };
                    product.Reviews.AddRange([new() { Stars = 1 }, new() { Stars = 2 }]);
                    session.Context.Add(product);
                }

                return await session.Context.SaveChangesAsync(token);
            });
        }

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
