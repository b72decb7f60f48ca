using Data.Resilience.Interceptors;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Repositories;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Tests.Interceptors;

public sealed class NPlusOneDetectorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(10, false)]
    [InlineData(11, true)]
    public async Task Observe_LoopInOneSession_LogsOnceBeyondTheLimit(int repetitions, bool reported)
    {
        await using var host = await DiagnosticsHost.StartAsync(_ => { });

        await Loop(host, repetitions);

        if (!reported)
        {
            host.Logged(1301).ShouldBeEmpty();
            return;
        }

        var entry = host.Logged(1301).ShouldHaveSingleItem();
        entry.ShouldContain("NPlusOneDetectorTests.LoadSlot");
        entry.ShouldContain("ran 11 times");
    }

    [Fact]
    public async Task Observe_LoopGoesOn_IsReportedOnce()
    {
        await using var host = await DiagnosticsHost.StartAsync(_ => { });

        await Loop(host, 60);

        host.Logged(1301).Count().ShouldBe(1);
    }

    [Fact]
    public async Task Observe_ThrowAction_RefusesTheCommand()
    {
        await using var host = await DiagnosticsHost.StartAsync(o =>
        {
            o.NPlusOne = NPlusOneAction.Throw;
            o.NPlusOneLimit = 3;
        });

        var error = await Should.ThrowAsync<NPlusOneException>(() => Loop(host, 4));

        error.Count.ShouldBe(4);
        error.CallSite.ShouldContain("LoadSlot");
        host.Monitor.Top(1)[0].Count.ShouldBe(3);
    }

    [Fact]
    public async Task Observe_RepetitionsOverSeveralSessions_AreFine()
    {
        await using var host = await DiagnosticsHost.StartAsync(o =>
        {
            o.NPlusOne = NPlusOneAction.Throw;
            o.NPlusOneLimit = 2;
        });

        for (var i = 0; i < 10; i++)
            await Loop(host, 2);
    }

    [Fact]
    public async Task Observe_RepetitionsFromManySites_AreFine()
    {
        await using var host = await DiagnosticsHost.StartAsync(o =>
        {
            o.NPlusOne = NPlusOneAction.Throw;
            o.NPlusOneLimit = 4;
        });

        await host.Sessions.ReadAsync(
            async (s, ct) =>
            {
                var slots = s.Context.Set<Slot>();
                await slots.FirstOrDefaultAsync(x => x.Room == 1, ct);
                await slots.FirstOrDefaultAsync(x => x.Room == 2, ct);
                await slots.FirstOrDefaultAsync(x => x.Room == 3, ct);
                await slots.FirstOrDefaultAsync(x => x.Room == 4, ct);
                await slots.FirstOrDefaultAsync(x => x.Room == 5, ct);
                await slots.FirstOrDefaultAsync(x => x.Room == 6, ct);
                return 0;
            },
            cancellationToken: Token);
    }

    private static async Task Loop(DiagnosticsHost host, int repetitions) =>
        await host.Sessions.ReadAsync(
            async (s, ct) =>
            {
                for (var i = 0; i < repetitions; i++)
                    await LoadSlot(s.Context, i, ct);
                return 0;
            },
            cancellationToken: Token);

    private static async Task<Slot?> LoadSlot(ShopContext context, int room, CancellationToken cancellationToken) =>
        await context.Set<Slot>().FirstOrDefaultAsync(s => s.Room == room, cancellationToken);
}
