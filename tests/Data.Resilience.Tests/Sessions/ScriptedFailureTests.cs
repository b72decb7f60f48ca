using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Npgsql;

namespace Data.Resilience.Tests.Sessions;

/// <summary>
/// Every SQLSTATE in every phase, sent by a scripted server through the real driver to a real session; the table here is the
/// specification's, not the code's.
/// </summary>
public sealed class ScriptedFailureTests
{
    private const string Nothing = "57P03 53300 08001 08004";
    private const string Conflict = "40001 40P01 40000 55P03 55006";
    private const string Resource = "53000 53100 53200 53400 55000 58000 58030";
    private const string ReadOnly = "25006";
    private const string Lost = "57P01 57P02 57P05 25P03 25P04 08000 08003 08006";
    private const string Unknown = "08007 40003";
    private const string OptIn = "23505 23P01";
    private const string Never = "57014 57P04 25P02 40002 22012 23502 23503 23514 28P01 28000 42601 42P01 42501 3D000 XX000 P0001";

    // What ends the server process is sent as FATAL and closes the connection.
    private static readonly string[] Fatal = ["57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04"];

    public static TheoryData<string, string, string> Table()
    {
        var table = new TheoryData<string, string, string>();
        Add(Nothing, open: "again", execute: "again", commit: "ask");
        Add(Conflict, open: "again", execute: "again", commit: "again");
        Add(Resource, open: "again", execute: "again", commit: "again");
        Add(ReadOnly, open: "again", execute: "reroute", commit: "reroute");
        Add(Lost, open: "again", execute: "again", commit: "ask");
        Add(Unknown, open: "again", execute: "again", commit: "ask");
        Add(OptIn, open: "throw", execute: "throw", commit: "throw");
        Add(Never, open: "throw", execute: "throw", commit: "throw");
        return table;

        void Add(string states, string open, string execute, string commit)
        {
            foreach (var state in states.Split(' '))
            {
                table.Add(state, "open", open);
                table.Add(state, "SELECT 1", execute);
                // Not what the commit sees, but what the session makes of a commit that cannot succeed any more: nothing was committed, and
                // it says so.
                table.Add(state, "COMMIT", state == "25P02" ? "aborted" : commit);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Table))]
    public async Task WriteAsync_ServerFailsOnce_EndsAsTheTableSays(string sqlState, string at, string expected)
    {
        await using var peer = new ScriptedPeer { FailAt = at, SqlState = sqlState, IsFatal = Fatal.Contains(sqlState) };
        await using var bank = Connect(peer);
        var (runs, caught) = await WriteAsync(bank);

        switch (expected)
        {
            case "throw":
                caught.ShouldBeOfType<PostgresException>().SqlState.ShouldBe(sqlState);
                runs.ShouldBe(at == "open" ? 0 : 1);
                break;
            case "aborted":
                caught.ShouldBeOfType<Data.Resilience.Commits.DbSessionAbortedException>();
                break;
            default:
                caught.ShouldBeNull();
                runs.ShouldBe(at == "open" ? 1 : 2);
                break;
        }

        peer.Verifications.ShouldBe(expected == "ask" ? 1 : 0);
        if (expected == "reroute")
            peer.Connections.ShouldBe(2, "The pool should have been cleared.");
    }

    [Theory]
    [InlineData("57P01")]
    [InlineData("08007")]
    [InlineData("40003")]
    public async Task WriteAsync_CommitAnswerLostButCommitted_ReturnsWithoutRunningAgain(string sqlState)
    {
        await using var peer = new ScriptedPeer
        {
            FailAt = "COMMIT",
            SqlState = sqlState,
            IsFatal = Fatal.Contains(sqlState),
            Status = "committed"
        };
        await using var bank = Connect(peer);
        var (runs, caught) = await WriteAsync(bank);

        caught.ShouldBeNull();
        runs.ShouldBe(1);
        peer.Verifications.ShouldBe(1);
    }

    [Theory]
    [InlineData("SELECT 1", true, 2, 0)]
    [InlineData("COMMIT", true, 1, 1)]
    [InlineData("SELECT 1", false, 1, 0)]
    [InlineData("COMMIT", false, 1, 0)]
    public async Task WriteAsync_ProtocolViolation_IsALostSessionWhenItIsFatalAsAPoolersIs(string at, bool isFatal, int expected, int asked)
    {
        await using var peer = new ScriptedPeer { FailAt = at, SqlState = "08P01", IsFatal = isFatal, Status = "committed" };
        await using var bank = Connect(peer);
        var (runs, caught) = await WriteAsync(bank);

        if (isFatal)
            caught.ShouldBeNull();
        else
            caught.ShouldBeOfType<PostgresException>();
        runs.ShouldBe(expected);
        peer.Verifications.ShouldBe(asked);
    }

    [Theory]
    [InlineData("23505")]
    [InlineData("23P01")]
    public async Task WriteAsync_UniqueViolationAndOptedIn_RunsAgain(string sqlState)
    {
        await using var peer = new ScriptedPeer { FailAt = "SELECT 1", SqlState = sqlState };
        await using var bank = Connect(peer);
        var (runs, caught) = await WriteAsync(bank, new DbSessionOptions { RetryUniqueViolations = true });

        caught.ShouldBeNull();
        runs.ShouldBe(2);
    }

    private static BankDatabase Connect(ScriptedPeer peer) => BankDatabase.Connect(peer.ConnectionString, options =>
    {
        options.Retry.BaseDelay = TimeSpan.FromMilliseconds(1);
        options.SendStatementTimeout = false;
    });

    private static async Task<(int Runs, Exception? Caught)> WriteAsync(BankDatabase bank, DbSessionOptions? options = null)
    {
        var runs = 0;
        var outcome = await bank.Sessions.TryExecuteAsync(
            DbSessionKind.Write,
            async (session, _, token) =>
            {
                runs++;
                await using var command = new NpgsqlCommand("SELECT 1", session.Connection);
                return (int)(await command.ExecuteScalarAsync(token))!;
            },
            state: 0,
            options,
            TestContext.Current.CancellationToken);
        return (runs, outcome.Exception);
    }
}
