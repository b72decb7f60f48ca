using Data.Resilience.Admission;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Connections;
using Data.Resilience.Replicas;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Polly.CircuitBreaker;

namespace Data.Resilience.Tests.Sessions;

/// <summary>Sessions that meet an open circuit or a database in doubt: they wait, or fail, as they are told to.</summary>
public sealed class PatientSessionTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryExecuteAsync_CircuitOpen_WaitsForTheBreakAndIsTheProbeThatClosesIt()
    {
        await using var bank = await CreateOpenAsync();
        var call = CountAsync(bank);
        call.IsCompleted.ShouldBeFalse();

        _time.Advance(TimeSpan.FromMilliseconds(100));
        (await call).Result.ShouldBe(10);
        GateOf(bank).Circuit.State.ShouldBe(CircuitState.Closed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TryExecuteAsync_FailFast_IsRejectedAtOnce(bool configured)
    {
        await using var bank = await CreateOpenAsync(options => options.CircuitBreaker.FailFast = configured);
        var outcome = await CountAsync(bank, new DbSessionOptions { FailFast = configured ? null : true });

        outcome.IsRejected.ShouldBeTrue();
        outcome.RetryAfter.ShouldBe(TimeSpan.FromMilliseconds(100));
        outcome.Exception.ShouldBeOfType<DbSessionRejectedException>().RetryAfter.ShouldBe(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task WriteWithTokenAsync_FailFast_IsRejectedAtOnce()
    {
        await using var bank = await CreateOpenAsync();
        await Should.ThrowAsync<DbSessionRejectedException>(() => bank.Sessions.WriteWithTokenAsync(
            static (_, _) => Task.FromResult(0),
            new DbSessionOptions { FailFast = true },
            Token).AsTask());
    }

    [Fact]
    public async Task TryExecuteAsync_FailFastConfiguredAndCallIsPatient_Waits()
    {
        await using var bank = await CreateOpenAsync(options => options.CircuitBreaker.FailFast = true);
        var call = CountAsync(bank, new DbSessionOptions { FailFast = false });
        call.IsCompleted.ShouldBeFalse();

        _time.Advance(TimeSpan.FromMilliseconds(100));
        (await call).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task TryExecuteAsync_CircuitStaysOpen_IsRejectedAtItsTotalTimeout()
    {
        await using var bank = await CreateOpenAsync();
        _time.Advance(TimeSpan.FromMilliseconds(100));
        // Somebody else's probe, which takes long: another is allowed 2 s later.
        GateOf(bank).TryEnter(isPatientRetry: false, out _).ShouldBe(CircuitPermit.Probe);
        var call = CountAsync(bank, new DbSessionOptions { TotalTimeout = TimeSpan.FromSeconds(1) });
        _time.Advance(TimeSpan.FromMilliseconds(900));
        call.IsCompleted.ShouldBeFalse();

        _time.Advance(TimeSpan.FromMilliseconds(100));
        var outcome = await call;
        outcome.IsRejected.ShouldBeTrue();
        outcome.RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task TryExecuteAsync_CancelledWhileWaiting_EndsWithTheCallersCancellation()
    {
        await using var bank = await CreateOpenAsync();
        using var cancellation = new CancellationTokenSource();
        var call = CountAsync(bank, cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();

        (await call).Exception.ShouldBeOfType<OperationCanceledException>().CancellationToken.ShouldBe(cancellation.Token);
        GateOf(bank).WaitingCount.ShouldBe(0);
    }

    [Fact]
    public async Task TryExecuteAsync_QueueFull_IsRejectedAtOnce()
    {
        await using var bank = await CreateOpenAsync(options => options.CircuitBreaker.QueueLimit = 1);
        var call = CountAsync(bank);
        (await CountAsync(bank)).IsRejected.ShouldBeTrue();

        _time.Advance(TimeSpan.FromMilliseconds(100));
        (await call).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task TryExecuteAsync_CircuitIsolated_IsRejectedAtOnceAsThereIsNoEndToWaitFor()
    {
        await using var bank = await CreateOpenAsync();
        var waiting = CountAsync(bank);
        await GateOf(bank).Circuit.IsolateAsync(Token);

        (await waiting).RetryAfter.ShouldBe(Timeout.InfiniteTimeSpan);
        (await CountAsync(bank)).RetryAfter.ShouldBe(Timeout.InfiniteTimeSpan);
    }

    [Fact]
    public async Task TryExecuteAsync_RetryWaitsInVain_EndsWithTheFailureOfItsAttempt()
    {
        await using var bank = await BankDatabase.CreateAsync(build: UseTime);
        var gate = GateOf(bank);
        await gate.ReportAsync(CircuitPermit.Normal, faults: 1, TimeSpan.Zero);
        // Somebody else's trial, which does not end.
        (await gate.WaitAsync(TimeSpan.FromSeconds(1), Token)).ShouldBe(CircuitPermit.Released);
        var runs = 0;
        var call = bank.Sessions.TryExecuteAsync(
            DbSessionKind.Write,
            (session, _, token) =>
            {
                runs++;
                return RaiseAsync(session, "57P01", token);
            },
            state: 0,
            new DbSessionOptions { TotalTimeout = TimeSpan.FromSeconds(1) },
            Token).AsTask();
        while (!call.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(1, Token);
        }

        (await call).Exception.ShouldBeOfType<PostgresException>().SqlState.ShouldBe("57P01");
        runs.ShouldBe(1);
    }

    [Fact]
    public async Task TryExecuteAsync_ProbeCancelledByItsCaller_LeavesTheCircuitOpen()
    {
        await using var bank = await CreateOpenAsync();
        _time.Advance(TimeSpan.FromMilliseconds(100));
        using var cancellation = new CancellationTokenSource();
        var outcome = await bank.Sessions.TryExecuteAsync(
            DbSessionKind.Read,
            async (_, _, token) =>
            {
                await cancellation.CancelAsync();
                token.ThrowIfCancellationRequested();
                return 0;
            },
            state: 0,
            cancellationToken: cancellation.Token);

        outcome.Exception.ShouldBeOfType<OperationCanceledException>();
        GateOf(bank).Circuit.State.ShouldBe(CircuitState.Open);
        (await CountAsync(bank)).IsSuccess.ShouldBeTrue("The next call is the probe.");
    }

    [Fact]
    public async Task WriteAsync_SessionLostManyTimes_IsRetriedUntilItSucceeds()
    {
        await using var bank = await BankDatabase.CreateAsync(
            options => options.CircuitBreaker.BreakDuration = options.CircuitBreaker.MaxBreakDuration = TimeSpan.FromMilliseconds(10));
        var runs = 0;
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                if (++runs <= 15)
                    await RaiseAsync(session, "57P01", token);
            },
            cancellationToken: Token);

        runs.ShouldBe(16);
    }

    [Theory]
    [InlineData(100, 2, null, 3)]
    [InlineData(1, 2, null, 2)]
    [InlineData(100, 2, 4, 5)]
    public async Task WriteAsync_ConflictsWithoutEnd_AreRetriedAsOftenAsAllowed(int all, int conflicts, int? ofCall, int expected)
    {
        await using var bank = await BankDatabase.CreateAsync(options =>
        {
            options.Retry.MaxRetryAttempts = all;
            options.Retry.MaxConflictRetryAttempts = conflicts;
        });
        var runs = 0;
        var error = await Should.ThrowAsync<PostgresException>(() => bank.Sessions.WriteAsync(
            (session, token) =>
            {
                runs++;
                return RaiseAsync(session, "40001", token);
            },
            new DbSessionOptions { MaxRetryAttempts = ofCall },
            Token).AsTask());

        error.SqlState.ShouldBe("40001");
        runs.ShouldBe(expected);
    }

    [Fact]
    public async Task TryExecuteAsync_Waits_IsShownByTheMeasures()
    {
        var node = "node " + Guid.NewGuid().ToString("N");
        using var measures = new NodeMeasures(node);
        await using var bank = await CreateOpenAsync(options => options.Name = node);
        var call = CountAsync(bank);
        measures.Read("data.resilience.session.waiting").ShouldBe(1);

        _time.Advance(TimeSpan.FromMilliseconds(100));
        await call;
        measures.Read("data.resilience.session.waiting").ShouldBe(0);
        measures.Sum("data.resilience.session.wait_time").ShouldBe(0.1, 0.0001);
        measures.Tags("data.resilience.session.wait_time", "data.resilience.outcome").ShouldBe(["released"]);
    }

    private static AttemptGate GateOf(BankDatabase bank) => bank.Keyed<DatabaseNode>().Gate;

    private static Task<DbSessionOutcome<int>> CountAsync(
        BankDatabase bank, DbSessionOptions? options = null, CancellationToken? cancellationToken = null) => bank.Sessions.TryExecuteAsync(
            DbSessionKind.Read,
            static (session, _, token) => session.Context.Accounts.CountAsync(token),
            state: 0,
            options,
            cancellationToken ?? Token).AsTask();

    private static async Task<int> RaiseAsync(IDbSession session, string sqlState, CancellationToken token)
    {
        await using var command = new NpgsqlCommand(
            $"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlState}'; END $$",
            session.Connection);
        return await command.ExecuteNonQueryAsync(token);
    }

    private void UseTime(DataResilienceBuilder<Bank> builder) => builder.Services.AddSingleton<TimeProvider>(_time);

    private async Task<BankDatabase> CreateOpenAsync(Action<DataResilienceOptions>? configure = null)
    {
        var bank = await BankDatabase.CreateAsync(
            options =>
            {
                options.CircuitBreaker.MinimumThroughput = 2;
                configure?.Invoke(options);
            },
            UseTime);
        for (var session = 0; session < 2; session++)
            await GateOf(bank).ReportAsync(CircuitPermit.Normal, faults: 1, TimeSpan.Zero);
        return bank;
    }
}
