using System.Net;
using System.Net.Sockets;
using Data.Resilience.Transience;
using Npgsql;

namespace Data.Resilience.Tests.Transience;

public sealed class FailureClassifierTests
{
    // Written down a second time, by hand, from the specification: a slip in the table of the code must not confirm itself.
    private const string Expected =
        """
        # SQLSTATE   Open              Execute           Commit            CommitRead
        57P03        RetryNothingRan   RetryLostSession  Ambiguous         RetryLostSession
        53300        RetryNothingRan   RetryLostSession  Ambiguous         RetryLostSession
        08001        RetryNothingRan   RetryLostSession  Ambiguous         RetryLostSession
        08004        RetryNothingRan   RetryLostSession  Ambiguous         RetryLostSession
        40000        RetryNothingRan   RetryTransaction  RetryTransaction  RetryTransaction
        40001        RetryNothingRan   RetryTransaction  RetryTransaction  RetryTransaction
        40P01        RetryNothingRan   RetryTransaction  RetryTransaction  RetryTransaction
        55P03        RetryNothingRan   RetryTransaction  RetryTransaction  RetryTransaction
        55006        RetryNothingRan   RetryTransaction  RetryTransaction  RetryTransaction
        53000        RetryResource     RetryResource     RetryResource     RetryResource
        53100        RetryResource     RetryResource     RetryResource     RetryResource
        53200        RetryResource     RetryResource     RetryResource     RetryResource
        53400        RetryResource     RetryResource     RetryResource     RetryResource
        55000        RetryResource     RetryResource     RetryResource     RetryResource
        58000        RetryResource     RetryResource     RetryResource     RetryResource
        58030        RetryResource     RetryResource     RetryResource     RetryResource
        25006        Reroute           Reroute           Reroute           Reroute
        57P01        RetryNothingRan   RetryLostSession  Ambiguous         RetryLostSession
        57P02        RetryNothingRan   RetryLostSession  Ambiguous         RetryLostSession
        57P05        RetryNothingRan   RetryLostSession  Ambiguous         RetryLostSession
        25P03        RetryNothingRan   RetryLostSession  Ambiguous         RetryLostSession
        25P04        RetryNothingRan   RetryLostSession  Ambiguous         RetryLostSession
        08000        RetryNothingRan   RetryLostSession  Ambiguous         RetryLostSession
        08003        RetryNothingRan   RetryLostSession  Ambiguous         RetryLostSession
        08006        RetryNothingRan   RetryLostSession  Ambiguous         RetryLostSession
        08007        RetryNothingRan   RetryLostSession  Ambiguous         RetryLostSession
        40003        RetryNothingRan   RetryLostSession  Ambiguous         RetryLostSession
        23505        Never             OptIn             OptIn             Never
        23P01        Never             OptIn             OptIn             Never
        57014        Never             Never             Never             Never
        57P04        Never             Never             Never             Never
        25P02        Never             Never             Never             Never
        40002        Never             Never             Never             Never
        22001        Never             Never             Never             Never
        22012        Never             Never             Never             Never
        23502        Never             Never             Never             Never
        23503        Never             Never             Never             Never
        23514        Never             Never             Never             Never
        28000        Never             Never             Never             Never
        28P01        Never             Never             Never             Never
        42601        Never             Never             Never             Never
        42P01        Never             Never             Never             Never
        42501        Never             Never             Never             Never
        3D000        Never             Never             Never             Never
        XX000        Never             Never             Never             Never
        """;

    public static TheoryData<string, string, string> Rows()
    {
        var rows = new TheoryData<string, string, string>();
        foreach (var line in Expected.Split('\n', StringSplitOptions.TrimEntries).Where(line => !line.StartsWith('#')))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            for (var phase = 0; phase < 4; phase++)
                rows.Add(words[0], ((SessionPhase)phase).ToString(), words[phase + 1]);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Judge_ServerError_FollowsTheTable(string sqlState, string phase, string verdict)
    {
        var error = new PostgresException("", "ERROR", "ERROR", sqlState);

        FailureClassifier.Judge(error, Enum.Parse<SessionPhase>(phase), connectionBroken: false).ToString().ShouldBe(verdict);
    }

    [Fact]
    public void Classes_EveryListedState_IsExpectedHere()
    {
        var expected = Expected.Split('\n').Select(line => line.Split(' ')[0]).ToHashSet(StringComparer.Ordinal);

        SqlStates.Classes.Keys.Where(state => !expected.Contains(state)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("FATAL")]
    [InlineData("PANIC")]
    public void Judge_SessionEndsWhileCommitting_IsAmbiguous(string severity)
    {
        var error = new PostgresException("", severity, severity, "58030");

        FailureClassifier.Judge(error, SessionPhase.Commit, connectionBroken: true).ShouldBe(FailureVerdict.Ambiguous);
    }

    [Theory]
    [InlineData("Open", "RetryNothingRan")]
    [InlineData("Execute", "RetryLostSession")]
    [InlineData("Commit", "Ambiguous")]
    [InlineData("CommitRead", "RetryLostSession")]
    public void Judge_BrokenSocket_DependsOnThePhase(string phase, string verdict)
    {
        Exception[] shapes =
        [
            new NpgsqlException("", new SocketException()),
            new NpgsqlException("", new IOException("", new SocketException())),
            new NpgsqlException("", new EndOfStreamException()),
            new NpgsqlException(
                "",
                new AggregateException(new NpgsqlException("", new SocketException()), new NpgsqlException("", new SocketException()))),
            new InvalidOperationException("wrapped by EF", new NpgsqlException("", new IOException())),
            new Microsoft.EntityFrameworkCore.DbUpdateException("", new NpgsqlException("", new IOException())),
            // Seen after a fail-over: the driver starts a command while another thread takes the broken connection apart. Seen behind a
            // pooler: it reads an answer that ends in the middle.
            ThrownByTheDriver(),
        ];

        foreach (var shape in shapes)
            FailureClassifier.Judge(shape, Enum.Parse<SessionPhase>(phase), connectionBroken: true).ToString().ShouldBe(verdict);
    }

    [Fact]
    public void Judge_TimeOut_DependsOnWhetherTheConnectionStillWorks()
    {
        var timeout = new NpgsqlException("", new TimeoutException());

        FailureClassifier.Judge(timeout, SessionPhase.Execute, connectionBroken: false).ShouldBe(FailureVerdict.NeverTimedOut);
        FailureClassifier.Judge(timeout, SessionPhase.Execute, connectionBroken: true).ShouldBe(FailureVerdict.RetryLostSession);
        FailureClassifier.Judge(timeout, SessionPhase.Commit, connectionBroken: false).ShouldBe(FailureVerdict.Ambiguous);
    }

    [Fact]
    public void Judge_Cancellation_IsNeverRetriedButAmbiguousWhileCommitting()
    {
        FailureClassifier.Judge(new OperationCanceledException(), SessionPhase.Execute, connectionBroken: false)
            .ShouldBe(FailureVerdict.Never);
        FailureClassifier.Judge(new OperationCanceledException(), SessionPhase.Commit, connectionBroken: false)
            .ShouldBe(FailureVerdict.Ambiguous);
    }

    [Fact]
    public void Judge_ExceptionOfTheDelegate_IsNeverRetried() =>
        FailureClassifier.Judge(new InvalidOperationException("validation"), SessionPhase.Execute, connectionBroken: false)
            .ShouldBe(FailureVerdict.Never);

    [Fact]
    public void Judge_DisposedObjectOverALivingConnection_IsNeverRetried() =>
        FailureClassifier.Judge(new ObjectDisposedException("the delegate's own"), SessionPhase.Execute, connectionBroken: false)
            .ShouldBe(FailureVerdict.Never);

    [Fact]
    public void Judge_NoHostOfTheListIsThePrimary_IsAFailOverUnderWay()
    {
        Exception[] shapes =
        [
            new NpgsqlException("No suitable host was found."),
            new NpgsqlException(
                "Unable to connect to a suitable host. Check inner exception for more details.",
                new AggregateException(new NpgsqlException("", new SocketException()))),
            new NpgsqlException(
                "Unable to connect to a suitable host. Check inner exception for more details.",
                new AggregateException(
                    new PostgresException("", "FATAL", "FATAL", "57P03"), new NpgsqlException("", new TimeoutException()))),
        ];
        foreach (var shape in shapes)
        {
            FailureClassifier.Judge(shape, SessionPhase.Open, connectionBroken: false).ShouldBe(FailureVerdict.RetryHosts);
            FailureClassifier.Judge(shape, SessionPhase.Execute, connectionBroken: true).ShouldBe(FailureVerdict.RetryLostSession);
            FailureClassifier.Judge(shape, SessionPhase.Commit, connectionBroken: true).ShouldBe(FailureVerdict.Ambiguous);
        }

        var refused = new NpgsqlException(
            "Unable to connect to a suitable host. Check inner exception for more details.",
            new AggregateException(
                new PostgresException("", "FATAL", "FATAL", "28P01"), new PostgresException("", "FATAL", "FATAL", "3D000")));
        FailureClassifier.Judge(refused, SessionPhase.Open, connectionBroken: false).ShouldBe(FailureVerdict.Never);
    }

    [Theory]
    [InlineData("01 00000008 00000000")]
    [InlineData("52 00000008 00000000 45 00000008 53 41")]
    [InlineData("52 FFFFFF08 00000000")]
    [InlineData("52 00000008 00000000 53 00000009 61 62 63 64 65")]
    [InlineData("52 0000000C 00000005 01020304 52 00000004")]
    [InlineData("52 00000008 00000000 4B 00000004 5A 00000004")]
    public async Task Judge_TornAnswerWhileOpening_IsRetried(string answer)
    {
        var error = await AnswerAsync(Convert.FromHexString(answer.Replace(" ", "", StringComparison.Ordinal)));

        TestContext.Current.TestOutputHelper?.WriteLine(error.ToString());
        FailureClassifier.Judge(error, SessionPhase.Open, connectionBroken: false).ShouldBe(FailureVerdict.RetryNothingRan);
    }

    [Fact]
    public void Judge_MisuseOfTheDriverWhileOpening_IsPermanent()
    {
        FailureClassifier.Judge(ThrownByTheDriver(), SessionPhase.Open, connectionBroken: false).ShouldBe(FailureVerdict.Never);
        FailureClassifier.Judge(RefusedArgument(), SessionPhase.Open, connectionBroken: false).ShouldBe(FailureVerdict.Never);
        FailureClassifier.Judge(new ArgumentOutOfRangeException("index"), SessionPhase.Open, connectionBroken: false)
            .ShouldBe(FailureVerdict.Never);
    }

    [Fact]
    public void Judge_SeveralHostsOneOfThemDown_IsRetried()
    {
        var error = new NpgsqlException("", new AggregateException(
            new PostgresException("", "FATAL", "FATAL", "28P01"), new NpgsqlException("", new SocketException())));

        FailureClassifier.Judge(error, SessionPhase.Open, connectionBroken: false).ShouldBe(FailureVerdict.RetryNothingRan);
    }

    private static InvalidOperationException ThrownByTheDriver()
    {
        using var unopened = new NpgsqlConnection();
        return Should.Throw<InvalidOperationException>(() => unopened.BeginTransaction());
    }

    /// <summary>Opens a connection to a server that answers the log-in with these bytes and goes.</summary>
    private static async Task<Exception> AnswerAsync(byte[] answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var connection = new NpgsqlConnection(
            $"Host=127.0.0.1;Port={port};Username=a;Password=b;Database=c;SSL Mode=Disable;GSS Encryption Mode=Disable;Pooling=false");
        var opening = connection.OpenAsync(TestContext.Current.CancellationToken);
        using (var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
        {
            var stream = client.GetStream();
            await stream.ReadExactlyAsync(new byte[8], TestContext.Current.CancellationToken);
            await stream.WriteAsync(answer, TestContext.Current.CancellationToken);
        }

        return (await Record.ExceptionAsync(() => opening)).ShouldNotBeNull();
    }

    private static ArgumentOutOfRangeException RefusedArgument()
    {
        using var command = new NpgsqlCommand();
        return Should.Throw<ArgumentOutOfRangeException>(() => command.Parameters.RemoveAt(1));
    }
}
