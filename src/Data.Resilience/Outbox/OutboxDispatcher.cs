using System.Collections.Concurrent;
using Data.Resilience.Connections;
using Data.Resilience.Retry;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Outbox;

/// <summary>Dispatches the outbox of one database: waits to be woken, searches for lanes with messages, and has them served.</summary>
/// <remarks>
/// Any number of dispatchers may serve one outbox. A lane is served by the one whose transaction holds the lock of its row, so the messages
/// of a key are never with two, and a dispatcher that dies gives its lanes back with its connection.
/// </remarks>
internal sealed class OutboxDispatcher : IAsyncDisposable
{
    private static readonly TimeSpan RefusedInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(15);

    private readonly OutboxDatabase _database;
    private readonly OutboxStatements _statements;
    private readonly OutboxOptions _options;
    private readonly LaneService _service;
    private readonly LaneTable _lanes;
    private readonly OutboxInstruments _instruments;
    private readonly Backoff _backoff;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<short, Task> _served = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abort = new();
    private Task _work = Task.CompletedTask;
    private volatile bool _wasRefused;
    private long _measured;

    public OutboxDispatcher(
        OutboxDatabase database,
        OutboxStatements statements,
        OutboxOptions options,
        IOutboxPublisher publisher,
        TimeProvider time,
        ILogger logger)
    {
        _database = database;
        _statements = statements;
        _options = options;
        _time = time;
        _logger = logger;
        _instruments = new OutboxInstruments(database.Writers.Name);
        _backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), options.Seed);
        _lanes = new LaneTable(
            options.MaxConcurrentLanes,
            new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), options.Seed),
            time);
        var store = new LaneStore(statements, options, new Backoff(options.BaseDelay, options.MaxDelay, options.Seed));
        var delivery = new LaneDelivery(publisher, options, time);
        _service = new LaneService(database.Dispatchers, store, delivery, _instruments, time, logger);
        if (options.WakeUp != OutboxWakeUp.Polling)
            Listener = new OutboxListener(database.Listeners, database.Dispatchers, statements, Signal, time, logger);
    }

    /// <summary>Wakes the dispatcher.</summary>
    public OutboxSignal Signal { get; } = new();

    /// <summary>Hears of commits in other processes; null when nobody is to be heard.</summary>
    public OutboxListener? Listener { get; }

    public DatabaseNode Writers => _database.Writers;

    public void Start() => _work = Task.WhenAll(
        Task.Run(() => SearchAsync(_stopping.Token)),
        Listener is null ? Task.CompletedTask : Task.Run(() => Listener.RunAsync(_stopping.Token)));

    /// <summary>Begins nothing more, and waits for what was begun until the caller will wait no longer; then gives that back too.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        var registration = cancellationToken.UnsafeRegister(static abort => ((CancellationTokenSource)abort!).Cancel(), _abort);
        await using var owned = registration.ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_served.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Stops without waiting for the publisher.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        _instruments.Dispose();
        _stopping.Dispose();
        _abort.Dispose();
    }

    private async Task SearchAsync(CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                _wasRefused = false;
                foreach (var lane in _lanes.Start(await FindReadyAsync(stopping).ConfigureAwait(false)))
                    _served[lane] = Task.Run(() => ServeAsync(lane), CancellationToken.None);

                if (failures > 0)
                    OutboxLog.SearchRecovered(_logger, _database.Writers.Name);
                failures = 0;
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                if (failures++ == 0)
                    OutboxLog.SearchFailed(_logger, Explain(exception), _database.Writers.Name);

                // Commits that wake it meanwhile are no reason to try sooner.
                await Task.Delay(_backoff.Next(failures), _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Signal.WaitAsync(NextWait(), _time, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Another dispatcher that has a lane and dies is noticed sooner than by the next poll.</summary>
    private TimeSpan NextWait() => _wasRefused && RefusedInterval < _options.PollInterval ? RefusedInterval : _options.PollInterval;

    private async Task<List<short>> FindReadyAsync(CancellationToken stopping)
    {
        var connection = await _database.Dispatchers.DataSource.OpenConnectionAsync(stopping).ConfigureAwait(false);
        await using var ownedConnection = connection.ConfigureAwait(false);
        await MeasureAsync(connection, stopping).ConfigureAwait(false);
        var command = new NpgsqlCommand(_statements.Scan, connection);
        await using var ownedCommand = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(stopping).ConfigureAwait(false);
        await using var ownedReader = reader.ConfigureAwait(false);
        var ready = new List<short>();
        while (await reader.ReadAsync(stopping).ConfigureAwait(false))
            ready.Add(reader.GetInt16(0));

        return ready;
    }

    private async Task MeasureAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        if (!_instruments.WantsStatus || (_measured != 0 && _time.GetElapsedTime(_measured) < StatusInterval))
            return;

        _measured = _time.GetTimestamp();
        _instruments.Record(await OutboxQueries.StatusAsync(connection, _statements, stopping).ConfigureAwait(false));
    }

    private async Task ServeAsync(short lane)
    {
        var outcome = await _service.RunAsync(lane, _stopping.Token, _abort.Token).ConfigureAwait(false);
        _wasRefused |= outcome == LaneOutcome.Refused;
        if (_lanes.Stop(lane, outcome) || outcome == LaneOutcome.Refused)
            Signal.Set();
    }

    private Exception Explain(Exception exception) =>
        exception is PostgresException failure && _statements.Explains(failure) ? _statements.Explain(failure) : exception;
}
