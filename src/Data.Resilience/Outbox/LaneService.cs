using Data.Resilience.Connections;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Outbox;

/// <summary>Serves a lane: takes it, publishes, writes down the outcome, and again until nothing is left.</summary>
/// <remarks>Safe for concurrent use, one call per lane.</remarks>
internal sealed class LaneService(
    DatabaseNode node,
    LaneStore store,
    LaneDelivery delivery,
    OutboxInstruments instruments,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>Number of batches after which other lanes get their turn.</summary>
    private const int MaxBatches = 16;

    /// <summary>Serves a lane until it is empty, taken or failing.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="stopping">Finishes what was begun and returns.</param>
    /// <param name="abort">Gives the lane back at once.</param>
    public async Task<LaneOutcome> RunAsync(short lane, CancellationToken stopping, CancellationToken abort)
    {
        try
        {
            var connection = await node.DataSource.OpenConnectionAsync(abort).ConfigureAwait(false);
            await using var owned = connection.ConfigureAwait(false);
            for (var batch = 0; batch < MaxBatches && !stopping.IsCancellationRequested; batch++)
            {
                var outcome = await RunBatchAsync(connection, lane, stopping, abort).ConfigureAwait(false);
                if (outcome != LaneOutcome.MoreToDo)
                    return outcome;
            }

            return LaneOutcome.MoreToDo;
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            return LaneOutcome.Drained;
        }
        catch (Exception exception)
        {
            // What was published and could not be written down comes again.
            OutboxLog.LaneFailed(logger, exception, lane, node.Name);
            return LaneOutcome.Failed;
        }
    }

    private async Task<LaneOutcome> RunBatchAsync(
        NpgsqlConnection connection, short lane, CancellationToken stopping, CancellationToken abort)
    {
        var transaction = await connection.BeginTransactionAsync(abort).ConfigureAwait(false);
        await using var owned = transaction.ConfigureAwait(false);
        var taken = time.GetTimestamp();
        var messages = await store.TakeAsync(connection, lane, abort).ConfigureAwait(false);
        if (messages is null)
            return LaneOutcome.Refused;
        if (messages.Count == 0)
            return LaneOutcome.Drained;

        await delivery.PublishAsync(messages, taken, stopping, abort).ConfigureAwait(false);
        abort.ThrowIfCancellationRequested();
        var dead = await store.SettleAsync(connection, lane, messages, abort).ConfigureAwait(false);
        return Report(lane, messages, dead);
    }

    private LaneOutcome Report(short lane, List<LaneMessage> messages, List<LaneMessage> dead)
    {
        var published = messages.Count(static message => message.IsPublished);
        LaneMessage[] failed = [.. messages.Where(static message => message.Failure is not null)];
        instruments.Record(published, failed.Length, dead.Count);
        foreach (var message in dead)
            OutboxLog.Buried(logger, message.Failure!, message.Message.Id, message.Message.Topic, message.Message.Attempt);

        if (failed.Length == 0)
            return LaneOutcome.MoreToDo;

        var first = failed[0];
        OutboxLog.PublishFailed(
            logger, first.Failure!, failed.Length, messages.Count, lane, first.Message.Id, first.Message.Topic, first.Message.Attempt);
        // One poisonous message is its key's own trouble; when every key fails, the broker is away, and trying them all only costs.
        return published == 0 && failed.Length > 1 ? LaneOutcome.Failed : LaneOutcome.MoreToDo;
    }
}
