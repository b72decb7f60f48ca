namespace Data.Resilience.Outbox;

/// <summary>A message that failed too often and is out of the way of others.</summary>
public sealed record OutboxDeadLetter
{
    /// <summary>The message; <see cref="OutboxMessage.Attempt"/> is the number of the last attempt.</summary>
    public required OutboxMessage Message { get; init; }

    /// <summary>Time of the last attempt by the database's clock.</summary>
    public required DateTimeOffset FailedAt { get; init; }

    /// <summary>Type and text of the publisher's last exception, up to 1,000 characters.</summary>
    public required string Error { get; init; }
}
