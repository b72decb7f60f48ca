using Data.Resilience.Commits;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Tests.Sessions;

/// <summary>What a delegate hears of its transaction afterwards, for every outcome.</summary>
public sealed class CommitHookTests
{
    [Theory]
    [InlineData("nowhere", "aborted", "committed 4711")]
    [InlineData("COMMIT", "committed", "committed 4711")]
    [InlineData("COMMIT", "aborted", "committed 4712")]
    [InlineData("COMMIT", null, "Unknown 4711")]
    [InlineData("COMMIT", "in progress", "InProgress 4711")]
    public async Task Hooks_OfEachOutcome_TellItOnce(string failAt, string? status, string expected)
    {
        await using var peer = new ScriptedPeer { FailAt = failAt, SqlState = "57P01", IsFatal = true, Status = status };
        await using var bank = Connect(peer);
        var told = new List<string>();
        var outcome = await bank.Sessions.TryExecuteAsync(
            DbSessionKind.Write,
            (session, _, _) => Register(session, told),
            state: 0,
            Slow,
            TestContext.Current.CancellationToken);

        outcome.IsSuccess.ShouldBe(expected.StartsWith("committed", StringComparison.Ordinal));
        if (!outcome.IsSuccess)
            outcome.Exception.ShouldBeOfType<AmbiguousCommitException>().TransactionId.ShouldBe(4711UL);
        told.ShouldBe([expected]);
    }

    [Theory]
    [InlineData("committed", "committed 4711")]
    [InlineData(null, "Unknown 4711")]
    public async Task Hooks_OfARawSession_AreTheSame(string? status, string expected)
    {
        await using var peer = new ScriptedPeer { FailAt = "COMMIT", SqlState = "57P01", IsFatal = true, Status = status };
        await using var bank = Connect(peer);
        var told = new List<string>();
        try
        {
            await bank.Sessions.WriteRawAsync(
                async (IDbSession session, CancellationToken token) =>
                {
                    await Register(session, told);
                    await using var command = new NpgsqlCommand("SELECT 1", session.Connection);
                    return await command.ExecuteScalarAsync(token);
                },
                Slow,
                TestContext.Current.CancellationToken);
        }
        catch (AmbiguousCommitException)
        {
            told.ShouldNotBeEmpty("It is told before the caller gets the exception.");
        }

        told.ShouldBe([expected]);
    }

    [Theory]
    [InlineData(DbSessionKind.Write)]
    [InlineData(DbSessionKind.Read)]
    public async Task Hooks_RegisteredWhenTheSessionIsOver_AreRefused(DbSessionKind kind)
    {
        await using var bank = await BankDatabase.CreateAsync();
        IDbSession kept = null!;
        await bank.Sessions.ExecuteAsync(
            kind,
            (session, _, _) =>
            {
                kept = session;
                session.OnCommitted(_ =>
                {
                    Should.Throw<ObjectDisposedException>(() => session.OnCommitted(static _ => ValueTask.CompletedTask));
                    return ValueTask.CompletedTask;
                });
                return Task.FromResult(0);
            },
            state: 0,
            cancellationToken: TestContext.Current.CancellationToken);

        Should.Throw<ObjectDisposedException>(() => kept.OnCommitted(static _ => ValueTask.CompletedTask)).Message.ShouldContain("is over");
        Should.Throw<ObjectDisposedException>(() => kept.OnUnknown(static _ => ValueTask.CompletedTask)).Message.ShouldContain("is over");
    }

    [Fact]
    public async Task Hooks_DelegateThrows_DoNotRun()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var told = new List<string>();
        await Should.ThrowAsync<InvalidTimeZoneException>(bank.Sessions.WriteAsync(
            async (session, _) =>
            {
                await Register(session, told);
                throw new InvalidTimeZoneException();
            },
            cancellationToken: TestContext.Current.CancellationToken).AsTask());

        told.ShouldBeEmpty();
    }

    [Fact]
    public async Task OnUnknown_HookThrows_IsLoggedAndTheOthersRun()
    {
        var log = new RecordingLoggerProvider();
        await using var peer = new ScriptedPeer { FailAt = "COMMIT", SqlState = "57P01", IsFatal = true, Status = null };
        await using var bank = Connect(peer, builder => builder.Services.AddLogging(logging => logging.AddProvider(log)));
        var told = new List<string>();
        await Should.ThrowAsync<AmbiguousCommitException>(bank.Sessions.WriteAsync(
            (session, _) =>
            {
                session.OnUnknown(_ => throw new InvalidTimeZoneException());
                return Register(session, told);
            },
            Slow,
            TestContext.Current.CancellationToken).AsTask());

        told.ShouldBe(["Unknown 4711"]);
        log.Entries.Count(entry => entry.Id == 1004).ShouldBe(1);
    }

    // The first attempt of a process compiles what it runs, which on a loaded machine takes longer than the limits below.
    private static DbSessionOptions Slow { get; } = new() { AttemptTimeout = TimeSpan.FromSeconds(30) };

    private static Task<int> Register(IDbSession session, List<string> told)
    {
        session.OnCommitted(commit => Add($"committed {commit.TransactionId}"));
        session.OnUnknown(commit => Add($"{commit.Outcome} {commit.TransactionId}"));
        return Task.FromResult(0);

        ValueTask Add(string text)
        {
            told.Add(text);
            return ValueTask.CompletedTask;
        }
    }

    private static BankDatabase Connect(ScriptedPeer peer, Action<DataResilienceBuilder<Bank>>? build = null) => BankDatabase.Connect(
        peer.ConnectionString,
        options =>
        {
            options.SendStatementTimeout = false;
            options.Retry.AttemptTimeout = TimeSpan.FromSeconds(1);
            options.Retry.TotalTimeout = TimeSpan.FromSeconds(1);
            options.Retry.CommitVerificationTimeout = TimeSpan.FromMilliseconds(500);
        },
        build);
}
