using System.Diagnostics;
using Data.Resilience.Commits;
using Data.Resilience.Connections;
using Data.Resilience.Retry;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.Tests.Commits;

public sealed class CommitVerifierTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task VerifyAsync_BackendOfTheSameRoleStillRuns_IsEndedAndAborted()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var node = bank.Keyed<DatabaseNode>();
        await using var lost = new NpgsqlConnection(bank.ConnectionString + ";Pooling=false");
        await lost.OpenAsync(Token);
        await using var transaction = await lost.BeginTransactionAsync(Token);
        var mark = await MarkAsync(lost);

        var outcome = await Verifier(new Opener()).VerifyAsync(node, mark, TimeSpan.FromSeconds(8));

        outcome.ShouldBe(CommitOutcome.Aborted);
        (await Should.ThrowAsync<PostgresException>(MarkAsync(lost))).SqlState.ShouldBe("57P01");
    }

    [Theory]
    [InlineData("25006")]
    [InlineData("55000")]
    [InlineData("host")]
    public async Task VerifyAsync_PrimaryIsElsewhere_LooksForItAndAsksAgain(string failure)
    {
        await using var bank = await BankDatabase.CreateAsync();
        var node = bank.Keyed<DatabaseNode>();
        await using var connection = new NpgsqlConnection(bank.ConnectionString);
        await connection.OpenAsync(Token);
        TransactionMark mark;
        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            mark = await MarkAsync(connection);
            await transaction.CommitAsync(Token);
        }

        node.SystemIdentifier = "of the one that was thought to be the primary";
        var opener = new Opener();
        opener.Failures.Enqueue(failure == "host"
            ? new NpgsqlException("No suitable host was found.")
            : new PostgresException("", "ERROR", "ERROR", failure));
        opener.Failures.Enqueue(new FormatException("torn"));

        (await Verifier(opener).VerifyAsync(node, mark, TimeSpan.FromSeconds(30))).ShouldBe(CommitOutcome.Committed);
        node.SystemIdentifier.ShouldBeNull("The node was not forgotten.");
        opener.Calls.ShouldBe(3);
    }

    [Fact]
    public async Task WriteAsync_NextIdBeyondTheFirstEpoch_IsComparedWhole()
    {
        // After a restart: below the next id means that the commit survived.
        await using var peer = new ScriptedPeer
        {
            FailAt = "COMMIT",
            SqlState = "57P01",
            IsFatal = true,
            Status = "committed",
            FirstTransactionId = (1UL << 32) + 4711,
            CheckpointLsn = 200,
            NextId = "1:4712",
        };
        await using var bank = BankDatabase.Connect(peer.ConnectionString, static options => options.SendStatementTimeout = false);
        var runs = 0;
        await bank.Sessions.WriteAsync((_, _) => Task.FromResult(++runs), cancellationToken: Token);

        runs.ShouldBe(1);
        peer.Verifications.ShouldBe(1);
    }

    [Theory]
    [InlineData(2500, 100)]
    [InlineData(300, 2500)]
    public async Task WriteAsync_OutcomeStaysUnknown_IsAskedForTheLongerOfTheTwoTimes(int total, int verification)
    {
        await using var peer = new ScriptedPeer { FailAt = "COMMIT", SqlState = "57P01", IsFatal = true, Status = "in progress" };
        await using var bank = BankDatabase.Connect(peer.ConnectionString, options =>
        {
            options.SendStatementTimeout = false;
            options.Retry.AttemptTimeout = TimeSpan.FromMilliseconds(total);
            options.Retry.TotalTimeout = TimeSpan.FromMilliseconds(total);
            options.Retry.CommitVerificationTimeout = TimeSpan.FromMilliseconds(verification);
        });
        var begun = Stopwatch.GetTimestamp();
        var outcome = await bank.Sessions.TryExecuteAsync(
            DbSessionKind.Write, static (_, _, _) => Task.FromResult(0), state: 0, cancellationToken: Token);

        outcome.Exception.ShouldBeOfType<AmbiguousCommitException>();
        Stopwatch.GetElapsedTime(begun).TotalMilliseconds.ShouldBeGreaterThan(2000);
    }

    private static CommitVerifier Verifier(IConnectionOpener opener) =>
        new(opener, new Backoff(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(50), seed: 1), TimeProvider.System);

    private static async Task<TransactionMark> MarkAsync(NpgsqlConnection connection)
    {
        var columns = TransactionMark.ColumnsFor(isVerifiable: true, identifies: true);
        await using var command = new NpgsqlCommand("SELECT " + columns, connection);
        await using var reader = await command.ExecuteReaderAsync(Token);
        await reader.ReadAsync(Token);
        return new TransactionMark(
            reader.GetFieldValue<ulong>(0),
            reader.GetString(4),
            TransactionMark.TimelineOf(reader.GetString(1)),
            reader.GetFieldValue<NpgsqlLogSequenceNumber>(2),
            reader.GetDateTime(3));
    }

    /// <summary>Fails as told, then opens.</summary>
    private sealed class Opener : IConnectionOpener
    {
        public Queue<Exception> Failures { get; } = new();

        public int Calls { get; private set; }

        public ValueTask<NpgsqlConnection> OpenAsync(DatabaseNode node, CancellationToken cancellationToken)
        {
            Calls++;
            return Failures.TryDequeue(out var failure)
                ? ValueTask.FromException<NpgsqlConnection>(failure)
                : node.DataSource.OpenConnectionAsync(cancellationToken);
        }
    }
}
