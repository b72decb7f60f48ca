using Data.Resilience.Replicas;
using Data.Resilience.Sessions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Resilience.Tests.Replicas;

public sealed class ReplicaRoutingTests
{
    private static readonly ReadConsistency Minute = ReadConsistency.BoundedStaleness(TimeSpan.FromMinutes(1));

    [Fact]
    public async Task ReadAsync_ByConsistency_GoesWhereItMay()
    {
        await using var host = await ReplicaHost.StartAsync();

        (await host.PortAsync(ReadConsistency.Strong)).ShouldBe(host.Server.Port);
        (await host.PortAsync(Minute)).ShouldBe(host.Replica.Port);
        (await host.PortAsync(ReadConsistency.BoundedStaleness(TimeSpan.FromTicks(1)))).ShouldBe(host.Server.Port);
        (await host.PortAsync(ReadConsistency.ReadYourWrites("not a token"))).ShouldBe(host.Server.Port);
        (await host.PortAsync(ReadConsistency.ReadYourWrites(new CommitToken(1, 1, 1).ToString()))).ShouldBe(host.Server.Port);
    }

    [Fact]
    public async Task BoundedStaleness_SeveralReplicas_TakeTurnsAndADeadOneIsPassedOver()
    {
        // One server under three names stands for three; nothing listens where the fourth should be.
        await using var host = await ReplicaHost.StartAsync(o =>
        {
            var replica = o.ConnectionStrings[0];
            o.ConnectionStrings[0] = replica + ";Application Name=one";
            o.ConnectionStrings.Add(replica + ";Application Name=two");
            o.ConnectionStrings.Add(replica + ";Application Name=three");
            o.ConnectionStrings.Add("Host=127.0.0.1;Port=1;Username=nobody;Timeout=1");
        });
        for (var i = 0; i < 3; i++)
            await host.UntilAsync(ReplicaState.Serving, replica: i);
        await host.UntilAsync(ReplicaState.Unreachable, replica: 3);

        var served = new List<string>();
        for (var i = 0; i < 40; i++)
            served.Add(await host.ReadAsync<string>("SELECT current_setting('application_name')", Minute));

        var shares = served.CountBy(name => name).ToDictionary(StringComparer.Ordinal);
        shares.Keys.ShouldBe(["one", "two", "three"], ignoreOrder: true);
        shares.Values.ShouldAllBe(share => share >= 10);
        served.Zip(served.Skip(1)).Count(pair => pair.First == pair.Second)
            .ShouldBeLessThanOrEqualTo(10, "Neighbours differ, but where the dead one was passed over.");
    }

    [Fact]
    public async Task ReadYourWrites_ManyWrites_AlwaysSeesThem()
    {
        await using var host = await ReplicaHost.StartAsync(o => o.TokenWait = TimeSpan.FromSeconds(10));
        var onReplica = 0;
        for (var i = 0; i < 40; i++)
        {
            var owner = $"writer {i}";
            var own = ReadConsistency.ReadYourWrites(await host.AddAsync(owner));
            (await host.SeesAsync(owner, own)).ShouldBeTrue();
            if (await host.PortAsync(own) == host.Replica.Port)
                onReplica++;
        }

        onReplica.ShouldBeGreaterThan(30);
    }

    [Fact]
    public async Task ReadYourWrites_ReplicaBehind_IsServedByThePrimary()
    {
        await using var host = await ReplicaHost.StartAsync(o => o.TokenWait = TimeSpan.FromMilliseconds(50));
        await host.PauseAsync(paused: true);
        var token = await host.AddAsync("ahead");

        (await host.SeesAsync("ahead", Minute)).ShouldBeFalse("the replica has not replayed it, or the test shows nothing");
        (await host.SeesAsync("ahead", ReadConsistency.ReadYourWrites(token))).ShouldBeTrue();
    }

    [Fact]
    public async Task BoundedStaleness_ReplicaFallsBehind_IsEjectedAndComesBack()
    {
        await using var host = await ReplicaHost.StartAsync(o => o.MaxStaleness = TimeSpan.FromMilliseconds(400));
        await host.PauseAsync(paused: true);
        await host.AddAsync("ahead");
        await host.UntilAsync(ReplicaState.Lagging);

        (await host.PortAsync(Minute)).ShouldBe(host.Server.Port);
        (await host.Health.CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken)).Status
            .ShouldBe(HealthStatus.Degraded);

        await host.PauseAsync(paused: false);
        await host.UntilAsync(ReplicaState.Serving);
        (await host.PortAsync(Minute)).ShouldBe(host.Replica.Port);
    }

    [Fact]
    public async Task BoundedStaleness_ReplicaDies_ReadsGoOnAndItComesBack()
    {
        await using var host = await ReplicaHost.StartAsync();
        await host.Replica.KillAsync();

        // Before the monitor has noticed: the retry goes to the primary.
        (await host.PortAsync(Minute)).ShouldBe(host.Server.Port);
        await host.UntilAsync(ReplicaState.Unreachable);
        (await host.PortAsync(Minute)).ShouldBe(host.Server.Port);

        await host.Replica.RestartAsync();
        await host.UntilAsync(ReplicaState.Serving);
    }

    [Fact]
    public async Task WriteAsync_PrimaryDiesAndReplicaIsPromoted_FindsTheNewPrimary()
    {
        await using var host = await ReplicaHost.StartAsync();
        var token = await host.AddAsync("before");
        await host.Server.WaitForReplayAsync();
        await host.Server.KillAsync();
        await host.Replica.PromoteAsync();

        var after = await host.AddAsync("after");

        (await host.PortAsync(ReadConsistency.Strong)).ShouldBe(host.Replica.Port);
        (await host.SeesAsync("before", ReadConsistency.ReadYourWrites(token))).ShouldBeTrue();
        (await host.SeesAsync("after", ReadConsistency.ReadYourWrites(after))).ShouldBeTrue();
        await host.UntilAsync(ReplicaState.Promoted);
        CommitToken.TryParse(token, out var old).ShouldBeTrue();
        CommitToken.TryParse(after, out var now).ShouldBeTrue();
        now.Timeline.ShouldBeGreaterThan(old.Timeline);
    }

    [Fact]
    public async Task WriteWithTokenAsync_InsideASession_IsRefused()
    {
        await using var host = await ReplicaHost.StartAsync();

        await Should.ThrowAsync<InvalidOperationException>(async () => await host.Sessions.WriteAsync(
            (_, _) => host.AddAsync("inner"), cancellationToken: TestContext.Current.CancellationToken));
    }
}
