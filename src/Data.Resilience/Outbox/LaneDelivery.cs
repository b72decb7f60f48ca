using Data.Resilience.Tenancy;

namespace Data.Resilience.Outbox;

/// <summary>Hands the messages of a lane to the publisher: in order within a key, several keys at once.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class LaneDelivery(IOutboxPublisher publisher, OutboxOptions options, TimeProvider time)
{
    /// <summary>Publishes what it can and notes the outcome of each message.</summary>
    /// <param name="messages">Messages of a lane, in order.</param>
    /// <param name="taken">When the lane was taken. After <see cref="OutboxOptions.PublishTimeout"/> nothing more is begun: by the time
    /// that the server gives the lane to another dispatcher, this one has stopped.</param>
    /// <param name="stopping">Nothing more is begun; what was begun is finished.</param>
    /// <param name="abort">What was begun is abandoned.</param>
    public Task PublishAsync(List<LaneMessage> messages, long taken, CancellationToken stopping, CancellationToken abort)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxConcurrentPublishes };
        return Parallel.ForEachAsync(InOrder(messages), parallel, async (chain, _) =>
        {
            foreach (var message in chain)
            {
                if (stopping.IsCancellationRequested || time.GetElapsedTime(taken) >= options.PublishTimeout)
                    return;

                await PublishAsync(message, abort).ConfigureAwait(false);
                if (!message.IsPublished)
                    return;
            }
        });
    }

    /// <summary>Splits messages into chains, each to be published one after the other.</summary>
    private static List<List<LaneMessage>> InOrder(List<LaneMessage> messages)
    {
        var chains = new List<List<LaneMessage>>(messages.Count);
        var keys = new Dictionary<(string? Tenant, string Key), List<LaneMessage>>();
        foreach (var message in messages)
        {
            if (message.Message.Key is { } key)
            {
                if (keys.TryGetValue((message.Message.TenantId, key), out var chain))
                {
                    chain.Add(message);
                    continue;
                }

                chains.Add(keys[(message.Message.TenantId, key)] = [message]);
            }
            else
            {
                chains.Add([message]);
            }
        }

        return chains;
    }

    private async ValueTask PublishAsync(LaneMessage message, CancellationToken abort)
    {
        using var limit = new CancellationTokenSource(options.PublishTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, abort);
        using var tenant = message.Message.TenantId is { } id ? TenantScope.Begin(id) : TenantScope.Suppress();
        Task? publishing = null;
        try
        {
            publishing = publisher.PublishAsync(message.Message, linked.Token);
            await publishing.WaitAsync(linked.Token).ConfigureAwait(false);
            message.IsPublished = true;
        }
        catch (Exception exception)
        {
            message.Failure = exception is OperationCanceledException && limit.IsCancellationRequested
                ? new TimeoutException("The publisher took longer than OutboxOptions.PublishTimeout.", exception)
                : exception;
            // A call that goes on regardless is abandoned, not forgotten: its late exception has an observer.
            _ = publishing?.ContinueWith(
                static task => _ = task.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }
}
