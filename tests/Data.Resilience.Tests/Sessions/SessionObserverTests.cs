using System.Collections.Concurrent;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.Resilience.Tests.Sessions;

public sealed class SessionObserverTests
{
    [Theory]
    [InlineData("never", "00000", "committed", "Completed")]
    [InlineData("SELECT 1", "22012", "aborted", "Failed")]
    [InlineData("SELECT 1", "40001", "aborted", "Retried Completed")]
    [InlineData("COMMIT", "23514", "aborted", "Failed")]
    [InlineData("COMMIT", "40001", "aborted", "Retried Completed")]
    [InlineData("COMMIT", "57P01", "committed", "Ambiguous")]
    [InlineData("COMMIT", "57P01", "aborted", "Ambiguous Completed")]
    [InlineData("COMMIT", "25P02", "aborted", "Failed")]
    public async Task Closed_HoweverTheAttemptEnds_IsCalledOnceForEveryOpened(string at, string sqlState, string status, string expected)
    {
        var observer = new Recorder();
        await using var peer = new ScriptedPeer { FailAt = at, SqlState = sqlState, IsFatal = sqlState == "57P01", Status = status };
        await using (var bank = BankDatabase.Connect(
            peer.ConnectionString,
            static options => options.SendStatementTimeout = false,
            builder => builder.Services.AddKeyedSingleton<ISessionObserver>(typeof(Bank), observer)))
        {
            await bank.Sessions.TryExecuteAsync(
                DbSessionKind.Write,
                static async (session, _, token) =>
                {
                    await using var command = new NpgsqlCommand("SELECT 1", session.Connection);
                    return await command.ExecuteScalarAsync(token);
                },
                state: 0,
                cancellationToken: TestContext.Current.CancellationToken);
        }

        string.Join(' ', observer.Results).ShouldBe(expected);
        observer.Open.ShouldBeEmpty();
    }

    private sealed class Recorder : ISessionObserver
    {
        public ConcurrentQueue<SessionResult> Results { get; } = new();

        public ConcurrentDictionary<DbSession, bool> Open { get; } = new();

        public void Opened(DbSession session) => Open.TryAdd(session, true).ShouldBeTrue();

        public void Closed(DbSession session, in SessionSummary summary)
        {
            Open.TryRemove(session, out _).ShouldBeTrue();
            Results.Enqueue(summary.Result);
        }
    }
}
