namespace Data.Resilience.Outbox;

/// <summary>A message in the hands of a dispatcher. Without outcome as long as it is neither published nor failed.</summary>
internal sealed class LaneMessage(long id, OutboxMessage message)
{
    /// <summary>Place in the order of the lane.</summary>
    public long Id => id;

    public OutboxMessage Message => message;

    public bool IsPublished { get; set; }

    public Exception? Failure { get; set; }
}
